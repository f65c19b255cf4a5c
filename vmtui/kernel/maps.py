"""/proc/PID/maps: the VMAs of a process, as columns.

Documentation/filesystems/proc.rst. About 0.3–0.6 µs per VMA in the kernel and as much again to
parse (2.9 MB for 60,000). Needs ptrace read access: the same user, or CAP_SYS_PTRACE.

A line's first five fields end in one space each and the rest is the name. The kernel escapes only
a newline in it (as `\\012`, which looks the same as those four characters in a file's name; ask
PROCMAP_QUERY to tell them apart). Pseudo names such as `[heap]` belong to inode 0, paths start
with `/`, and ` (deleted)` is a plain suffix that a real file's name may end in too. Kernel threads
and zombies read as 0 bytes without an error: an empty `Maps` says «no user memory» or «it has
just exited», and `Target.alive` tells which.

A read is no snapshot: the kernel hands over a page of lines at a time, and what splits or merges
in between comes twice. Lines that begin before the end of the last one are dropped and counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import ParseError
from vmtui.kernel.digits import Places, Text
from vmtui.kernel.target import Target

_MINOR_BITS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """The VMAs in address order, none overlapping another; row i of every column is one VMA."""

    start: NDArray[np.uint64]
    """First address."""
    end: NDArray[np.uint64]
    """First address after it."""
    perms: NDArray[np.bytes_]
    """Four characters each: `rw-p`."""
    offset: NDArray[np.uint64]
    """Where in the file it begins, bytes; for anonymous memory what the kernel makes of it."""
    device: NDArray[np.uint32]
    """Major number in the bits from 20 up, minor below; 0 where there is no file."""
    inode: NDArray[np.uint64]
    """The file's inode; 0 where there is no file."""
    names: list[bytes]
    """The raw name, `b""` where the kernel gives none. Untrusted: shown by `text.display` alone."""
    torn: int
    """Lines dropped because they overlapped: more than 0 means «changed while it was read»."""

    def __len__(self) -> int:
        return len(self.names)

    def device_text(self, index: int) -> str:
        """The device as the file prints it: `fe:00`."""
        device = int(self.device[index])
        return f"{device >> _MINOR_BITS:02x}:{device & (1 << _MINOR_BITS) - 1:02x}"

    def select(self, rows: NDArray[np.int64], torn: int) -> Maps:
        """The maps of these rows alone, with `torn` instead of its own."""
        return Maps(
            start=self.start[rows],
            end=self.end[rows],
            perms=self.perms[rows],
            offset=self.offset[rows],
            device=self.device[rows],
            inode=self.inode[rows],
            names=[self.names[row] for row in rows.tolist()],
            torn=torn,
        )


def device_number(major: int, minor: int) -> int:
    """A device number as the `device` column holds it."""
    return major << _MINOR_BITS | minor


def parse(raw: bytes) -> Maps:
    """The VMAs in the text of /proc/PID/maps.

    Raises:
        ParseError: a line does not look as documented.
    """
    return whole(parse_lines(raw))


def parse_lines(raw: bytes) -> Maps:
    """All lines, overlapping ones too; for whoever drops those by `untorn` itself.

    Raises:
        ParseError: a line does not look as documented.
    """
    if raw and not raw.endswith(b"\n"):
        raise ParseError("maps: the last line is cut off")
    text = Text(raw)
    newlines = text.places_of(b"\n")
    starts = np.concatenate((np.zeros(1, np.int64), newlines + 1))[:-1]
    dashes = _next(text, b"-", starts, 12)
    after_address = _next(text, b" ", dashes, 13)
    after_perms = _next(text, b" ", after_address + 1, 4)
    after_offset = _next(text, b" ", after_perms + 1, 8)
    colons = _next(text, b":", after_offset, 3)
    after_device = _next(text, b" ", colons, 3)
    after_inode = _next(text, b" ", after_device + 1, 1)
    if np.any(after_inode > newlines):
        raise ParseError("maps: a line has too few fields")
    _check(after_perms - after_address, 5, 5)
    _check(after_inode - after_device, 2, 21)
    for begin, stop in (
        (starts, dashes),
        (dashes + 1, after_address),
        (after_perms + 1, after_offset),
        (after_offset + 1, colons),
        (colons + 1, after_device),
    ):
        _check(stop - begin, 1, 16)
    start = text.hexadecimal(starts, dashes)
    end = text.hexadecimal(dashes + 1, after_address)
    if np.any(start >= end):
        raise ParseError("maps: a VMA ends before it begins")
    major = text.hexadecimal(after_offset + 1, colons)
    minor = text.hexadecimal(colons + 1, after_device)
    return Maps(
        start=start,
        end=end,
        perms=text.texts(after_address + 1, 4),
        offset=text.hexadecimal(after_perms + 1, after_offset),
        device=(major << np.uint64(_MINOR_BITS) | minor).astype(np.uint32),
        inode=text.decimal(after_device + 1, after_inode),
        names=_names(raw, after_inode, newlines),
        torn=0,
    )


def untorn(maps: Maps) -> NDArray[np.int64] | None:
    """The rows that do not begin before the end of the last row kept; None when that is all."""
    if not np.any(maps.start[1:] < maps.end[:-1]):
        return None
    rows, last_end = [], 0
    for row, (start, end) in enumerate(zip(maps.start.tolist(), maps.end.tolist(), strict=True)):
        if start >= last_end:
            rows.append(row)
            last_end = end
    return np.array(rows, np.int64)


def whole(every: Maps) -> Maps:
    """All lines without those that overlap the last one kept, which are counted."""
    rows = untorn(every)
    return every if rows is None else every.select(rows, len(every) - len(rows))


def read(target: Target) -> Maps:
    """The VMAs of a process now; none for a kernel thread or a zombie.

    Raises:
        ProcessGone, NotPermitted, NotSupported: by errno.
        ParseError: the file does not look as documented.
    """
    return parse(target.read("maps"))


def _next(text: Text, character: bytes, starts: Places, usual: int) -> Places:
    """Per line, the first place of a character from `start` on.

    Mostly that is `usual` characters on (no hexadecimal digit can be taken for what is looked for),
    which one look at each line tells; only the others are searched.
    """
    found = starts + usual
    last = len(text.bytes) - 1
    other = np.flatnonzero(text.bytes[np.minimum(found, last)] != ord(character))
    if len(other):
        found[other] = text.next_places(character, starts[other])
        if np.any(found < 0):
            raise ParseError(f"maps: a line has no «{character.decode()}»")
    return found


def _check(widths: Places, least: int, most: int) -> None:
    if np.any((widths < least) | (widths > most)):
        raise ParseError("maps: a field is wider or narrower than it can be")


def _names(raw: bytes, after: Places, newlines: Places) -> list[bytes]:
    """The rest of each line without the blanks that align it; equal names share one object."""
    names = [b""] * len(newlines)
    shared: dict[bytes, bytes] = {}
    named = np.flatnonzero(newlines - after > 1)
    begins, ends = (after[named] + 1).tolist(), newlines[named].tolist()
    for row, begin, end in zip(named.tolist(), begins, ends, strict=True):
        name = raw[begin:end].lstrip(b" ")
        names[row] = shared.setdefault(name, name)
    return names
