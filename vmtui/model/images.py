"""Where an ELF file lies in a process: which addresses are which part of it.

A loader maps each segment by itself and moves all of them by one number, the bias. It is told from
the VMAs: an offset in the file belongs to a segment, which has an address. A program can also map
a library as plain data; then each segment lies as it does in the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vmtui.kernel.elf import Elf, Segment
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.maps import Maps

MOST_VMAS = 4096
"""VMAs of one file that are looked at."""
_MOST_LOADED = 64
"""How often one file can be loaded side by side (dlmopen) and its zeros be told."""
_NEVER = (b"[v", b"[stack", b"[uprobes")
"""Not the object's, wherever they lie."""


class Piece(NamedTuple):
    """Addresses of a process that hold a part of an object."""

    start: int
    end: int
    bias: int
    """Address in the process minus address in the file; may be negative."""
    anonymous: bool
    """Not from the file: zeros at first, as .bss is."""


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A VMA of the file, with the biases that its segments would give it."""

    start: int
    end: int
    offset: int
    fitting: tuple[int, ...]
    """Of segments it lies in as a whole, as what a loader maps does."""
    touching: tuple[int, ...]
    """Of all segments that it has a page of."""


def pieces_of(elf: Elf, maps: Maps, rows: Sequence[int]) -> tuple[Piece, ...]:
    """The parts of an object in address order, none overlapping another.

    Args:
        elf: the file's headers.
        maps: all VMAs of the process.
        rows: those of the file; of more than `MOST_VMAS` the first ones count.
    """
    mapped = [
        _mapped(elf.segments, int(maps.start[row]), int(maps.end[row]), int(maps.offset[row]))
        for row in rows[:MOST_VMAS]
    ]
    votes = Counter(bias for one in mapped for bias in one.fitting)
    pieces: list[Piece] = []
    loaded: Counter[int] = Counter()
    for row, one in zip(rows, mapped, strict=False):
        agreed = one.fitting or [bias for bias in one.touching if bias in votes]
        if pieces and maps.perms[row].startswith(b"---") and pieces[-1].end == one.start:
            agreed = (pieces[-1].bias,)  # the hole that a loader leaves between two segments
        if agreed:
            bias = max(agreed, key=votes.__getitem__)
            loaded[bias] += 1
            pieces.append(Piece(one.start, one.end, bias, anonymous=False))
        else:
            pieces += _as_data(elf.segments, one)
    for bias, _ in loaded.most_common(_MOST_LOADED):
        pieces += _zeros(elf.segments, maps, bias)
    return tuple(_apart(sorted(pieces)))


def _mapped(segments: Sequence[Segment], start: int, end: int, offset: int) -> _Mapped:
    fitting, touching = {}, {}
    last_offset = offset + end - start
    for segment in segments:
        first = segment.offset // PAGE_SIZE * PAGE_SIZE
        last = _page_up(segment.offset + segment.file_bytes)
        bias = start - offset + segment.offset - segment.address
        if first < last_offset and last > offset:
            touching[bias] = True
            if first <= offset and last_offset <= last:
                fitting[bias] = True
    return _Mapped(start, end, offset, tuple(fitting), tuple(touching))


def _as_data(segments: Sequence[Segment], one: _Mapped) -> Iterator[Piece]:
    """Each segment where it lies in the file."""
    at, last_mapped = one.start - one.offset, one.offset + one.end - one.start
    for segment in segments:
        first = max(segment.offset // PAGE_SIZE * PAGE_SIZE, one.offset)
        last = min(_page_up(segment.offset + segment.file_bytes), last_mapped)
        if first < last:
            bias = at + segment.offset - segment.address
            yield Piece(at + first, at + last, bias, anonymous=False)


def _zeros(segments: Sequence[Segment], maps: Maps, bias: int) -> Iterator[Piece]:
    """Anonymous VMAs, or the parts of them, at addresses of a loaded segment."""
    done = 0
    for segment in sorted(segments, key=lambda one: one.address):
        first = max(done, (segment.address + bias) // PAGE_SIZE * PAGE_SIZE)
        last = min(_page_up(segment.address + segment.memory_bytes + bias), (1 << 64) - PAGE_SIZE)
        if first >= last:
            continue
        done = last
        row = int(np.searchsorted(maps.end, np.uint64(first), side="right"))
        while row < len(maps) and int(maps.start[row]) < last:
            if not maps.inode[row] and not maps.names[row].startswith(_NEVER):
                start = max(first, int(maps.start[row]))
                yield Piece(start, min(last, int(maps.end[row])), bias, anonymous=True)
            row += 1


def _apart(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Without the pages that an earlier piece has already."""
    done = 0
    for piece in pieces:
        start = max(done, piece.start)
        if start < piece.end:
            yield piece._replace(start=start)
            done = piece.end


def _page_up(address: int) -> int:
    return -(-address // PAGE_SIZE) * PAGE_SIZE
