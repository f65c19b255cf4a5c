"""/proc/PID/smaps: every figure of every VMA, by the kernel's own names, VmFlags included.

Documentation/filesystems/proc.rst, fs/proc/task_mmu.c. Dear: it walks all page tables under the
target's mmap lock, some 2.5–5 µs per VMA (700 bytes of text each) and 50–90 ns per resident page.
Needs ptrace read access: the same user, or CAP_SYS_PTRACE. Kernel threads and zombies read as 0
bytes without an error.

The text is read and parsed piece by piece, so that 60,000 VMAs never cost their 43 MB. In a piece
almost every record has its lines at the places the first one has them (the kernel pads figures to
eight digits): those are taken out of the text a column at a time. A record that differs, for
instance because a figure has nine digits, is split line by line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import ParseError
from vmtui.kernel import maps as proc_maps
from vmtui.kernel.digits import Places, Text
from vmtui.kernel.files import translated
from vmtui.kernel.maps import Maps
from vmtui.kernel.target import Target
from vmtui.missing import Missing

_PIECE_BYTES = 1 << 20
_UNIT = b" kB"
_FLAGS = b"VmFlags"
_MOST_DIGITS = 15
"""So that a figure in bytes fits a signed 64-bit number."""

Figures = NDArray[np.int64]
"""A number per VMA."""


@dataclass(frozen=True, slots=True, eq=False)
class Smaps:
    """What smaps says, a row per VMA."""

    maps: Maps
    """The VMAs, as the header lines of the same read give them."""
    bytes_columns: Mapping[str, Figures]
    """The lines the kernel counts in kB, in bytes: `Pss`, `Private_Dirty`, `KernelPageSize` …"""
    number_columns: Mapping[str, Figures]
    """The lines without a unit: `THPeligible`, `ProtectionKey`."""
    flag_sets: tuple[bytes, ...]
    """The distinct VmFlags lines, without the label: `b"rd wr mr mw me ac"`."""
    flag_rows: Figures | Missing
    """Per VMA, which of them is its own."""

    def __len__(self) -> int:
        return len(self.maps)

    def bytes_of(self, name: str) -> Figures | Missing:
        """A column in bytes by the kernel's name, or Missing when this kernel has no such line."""
        column = self.bytes_columns.get(name)
        return self._no_line(name) if column is None else column

    def number_of(self, name: str) -> Figures | Missing:
        """A column without a unit by the kernel's name, or Missing."""
        column = self.number_columns.get(name)
        return self._no_line(name) if column is None else column

    def _no_line(self, name: str) -> Missing:
        if not len(self):
            return Missing("smaps is empty: the process has no user memory, or has exited")
        return Missing(f"smaps of this kernel has no line {name}:")

    def vm_flags(self, row: int) -> tuple[str, ...] | Missing:
        """The two-letter codes of one VMA; `flags.VM_FLAGS` has their meanings."""
        if isinstance(self.flag_rows, Missing):
            return self.flag_rows
        return tuple(self.flag_sets[self.flag_rows[row]].decode("ascii", "replace").split())

    def with_flag(self, code: str) -> NDArray[np.bool_] | Missing:
        """Per VMA, whether its VmFlags have a code."""
        if isinstance(self.flag_rows, Missing):
            return self.flag_rows
        having = [code.encode() in flags.split() for flags in self.flag_sets]
        return np.array(having, np.bool_)[self.flag_rows]


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a figure stands in the records that look like the first one of a piece.

    Places count from the end of the record's header line.
    """

    label: bytes
    value_start: int
    value_end: int
    in_kb: bool


_Columns = dict[tuple[bytes, bool], Figures]
"""By label and whether it is counted in kB (then in bytes); -1 where a record has no such line."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """The records of one piece of the text."""

    headers: bytes
    columns: _Columns
    flags: list[bytes | None]
    """The rest of each VmFlags line, blanks and all."""


def parse(raw: bytes) -> Smaps:
    """The text of /proc/PID/smaps, overlapping VMAs dropped as in maps.

    Raises:
        ParseError: the text does not look as documented.
    """
    return _joined(_parse_piece(piece) for piece in _pieces(iter((raw,))))


def read(target: Target, lines: Callable[[bytes], Maps] = proc_maps.parse_lines) -> Smaps:
    """All figures of a process now; no rows for a kernel thread or a zombie.

    Args:
        target: the process.
        lines: parses the header lines, which are the text of maps: `maps.parse_lines`, or one that
            remembers.

    Raises:
        ProcessGone, NotPermitted, NotSupported: by errno.
        ParseError: the file does not look as documented.
    """
    fd = target.open("smaps")
    try:
        return _joined((_parse_piece(piece) for piece in _pieces(_chunks(fd))), lines)
    except OSError as error:
        raise translated(error, f"/proc/{target.pid}/smaps", of_process=True) from error
    finally:
        os.close(fd)


def _chunks(fd: int) -> Iterator[bytes]:
    """The file in buffers of about a MiB; the kernel itself gives at most a page a call."""
    buffer, at = bytearray(_PIECE_BYTES), 0
    with memoryview(buffer) as view:
        while True:
            filled = got = 0
            while filled < len(buffer) and (got := os.preadv(fd, [view[filled:]], at)):
                filled += got
                at += got
            if filled:
                yield bytes(view[:filled])
            if not got:
                return


def _pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The text cut where records end, into pieces of a MiB or a little more."""
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        begin = 0
        while len(text) - begin >= _PIECE_BYTES:
            # VmFlags ends a record; a kernel without it has its text parsed in one piece.
            last = text.rfind(b"\nVmFlags:", begin, begin + _PIECE_BYTES)
            end = text.find(b"\n", last + 1) + 1 if last >= 0 else 0
            if not end:
                break
            yield text[begin:end]
            begin = end
        rest = text[begin:]
    if rest:
        yield rest


def _joined(
    pieces: Iterable[_Piece], lines: Callable[[bytes], Maps] = proc_maps.parse_lines
) -> Smaps:
    """One table of all pieces, without the VMAs that overlap the one before."""
    parsed = list(pieces)
    maps = lines(b"".join(piece.headers for piece in parsed))
    rows = proc_maps.untorn(maps)
    keep: NDArray[np.int64] | slice = slice(None)
    if rows is not None:
        maps, keep = maps.select(rows, len(maps) - len(rows)), rows
    by_unit: dict[bool, dict[str, Figures]] = {True: {}, False: {}}
    for label, in_kb in parsed[0].columns if parsed else ():
        parts = [piece.columns.get((label, in_kb)) for piece in parsed]
        column = np.concatenate([part for part in parts if part is not None])[keep]
        # A line that some VMA lacks is no column: -1 must never be summed.
        if len(column) == len(maps) and column.min(initial=0) >= 0:
            by_unit[in_kb][label.decode("ascii", "replace")] = column
    numbers: dict[bytes, int] = {}
    flags = [line for piece in parsed for line in piece.flags]
    flag_rows: Figures | Missing
    if flags and None not in flags:
        codes = (numbers.setdefault(line or b"", len(numbers)) for line in flags)
        flag_rows = np.fromiter(codes, np.int64, len(flags))[keep]
    else:
        flag_rows = Missing("smaps of this kernel has no line VmFlags:")
    return Smaps(maps, by_unit[True], by_unit[False], tuple(map(bytes.strip, numbers)), flag_rows)


def _parse_piece(raw: bytes) -> _Piece:
    if not raw.endswith(b"\n"):
        raise ParseError("smaps: the last line is cut off")
    text = Text(raw)
    newlines = text.places_of(b"\n")
    begins = np.concatenate((np.zeros(1, np.int64), newlines[:-1] + 1))
    firsts = text.bytes[begins]
    # Labels begin with a capital, addresses with a digit or one of a to f.
    heads = np.flatnonzero((firsts < ord("A")) | (firsts > ord("Z")))
    if not len(heads) or heads[0] != 0:
        raise ParseError("smaps: it does not begin with a VMA")
    bodies = newlines[heads] + 1
    stops = np.append(begins[heads[1:]], len(raw))
    lines_each = np.diff(heads, append=len(newlines))

    layout, flags_start = _layout(raw[bodies[0] : stops[0]])
    regular = lines_each == len(layout) + 2  # the header and VmFlags
    columns = _columns_at(text, layout, bodies, regular, flags_start)
    texts = bodies + flags_start + len(_FLAGS) + 1
    flags: list[bytes | None] = [
        raw[a:b] for a, b in zip(texts.tolist(), stops.tolist(), strict=True)
    ]
    for row in np.flatnonzero(~regular).tolist():
        flags[row] = _split_record(raw[bodies[row] : stops[row]], columns, row, len(heads))
    starts = begins[heads].tolist()
    headers = b"".join([raw[a:b] for a, b in zip(starts, bodies.tolist(), strict=True)])
    return _Piece(headers, columns, flags)


def _layout(body: bytes) -> tuple[list[_Line], int]:
    """The lines of a record and where its VmFlags line starts; none where that is not the last."""
    layout: list[_Line] = []
    start = 0
    for line in body.splitlines(keepends=True):
        label, colon, rest = line.partition(b":")
        if label == _FLAGS:
            return (layout, start) if start + len(line) == len(body) else ([], 0)
        value = rest.rstrip().removesuffix(_UNIT)
        digits = len(value.strip())
        if not (colon and value.strip().isdigit() and digits <= _MOST_DIGITS):
            break
        value_end = start + len(label) + 1 + len(value)
        layout.append(
            _Line(
                label=label,
                value_start=max(start + len(label) + 1, value_end - max(8, digits)),
                value_end=value_end,
                in_kb=rest.rstrip().endswith(_UNIT),
            )
        )
        start += len(line)
    return [], 0


def _columns_at(
    text: Text,
    layout: list[_Line],
    bodies: Places,
    regular: NDArray[np.bool_],
    flags_start: int,
) -> _Columns:
    """The figures of the records that have every label of the layout in its place.

    Clears `regular` for the others and leaves their figures at -1.
    """
    width = flags_start + len(_FLAGS)
    regular &= bool(layout)
    regular &= bodies + width <= len(text.bytes)
    if not regular.any():
        return {}
    # The first record is the layout's own, so it stands in for those that are too short.
    block = text.block(np.where(regular, bodies, bodies[0]), width)
    fixed = np.zeros(block.characters.shape[1], np.bool_)
    fixed[:width] = True
    for line in layout:
        fixed[line.value_start : line.value_end] = False
    regular &= block.like_first(fixed)
    places = [(line.value_start, line.value_end) for line in layout]
    figures = block.decimals(places).astype(np.int64)
    figures <<= np.array([[10 if line.in_kb else 0] for line in layout])
    figures[:, ~regular] = -1
    keys = ((line.label, line.in_kb) for line in layout)
    return dict(zip(keys, figures, strict=True))


def _split_record(body: bytes, columns: _Columns, row: int, rows: int) -> bytes | None:
    """Put one record's figures into the columns, line by line; its VmFlags are returned."""
    flags = None
    for line in body.splitlines():
        label, _, rest = line.partition(b":")
        if label == _FLAGS:
            flags = rest
            continue
        in_kb = rest.endswith(_UNIT)
        digits = rest.removesuffix(_UNIT).strip()
        if not (digits.isdigit() and len(digits) <= _MOST_DIGITS):
            raise ParseError("smaps: a line is neither a VMA nor a figure")
        if (label, in_kb) not in columns:
            columns[label, in_kb] = np.full(rows, -1, np.int64)
        columns[label, in_kb][row] = int(digits) << 10 * in_kb
    return flags
