"""The ELF files that a process maps and where they lie: looked at once, kept while they stay.

About 3 ms for a file that no process had so far. It reads files, and so belongs to a thread that
may wait.
"""

from __future__ import annotations

import os
import time
from bisect import bisect_right
from dataclasses import dataclass
from functools import partial

import numpy as np

from vmtui.errors import ProcessGone, VmtuiError
from vmtui.kernel import mapped_files, status
from vmtui.kernel.elf import Section
from vmtui.kernel.mapped_files import MappedFile
from vmtui.kernel.maps import Maps
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.images import Piece, pieces_of
from vmtui.observe.symbol_cache import Image, SymbolCache
from vmtui.text import DisplayText, display

MOST_OBJECTS = 4096
"""Files of one process that are looked into."""
_SECONDS = 10.0
"""What looking at them may take; the next time goes on where this one stopped."""
NO_ELF = Missing("not an ELF file")
_SLOW = Missing(
    "the file is served by another user's program (FUSE), which could keep vmtui waiting",
    "run vmtui as that user",
)
_LATER = Missing("looking at so many files takes longer than a moment: not looked at yet")


@dataclass(slots=True, eq=False)
class MappedObject:
    """A file that a process maps, if it is an ELF file."""

    path: bytes
    """As maps has it, with ` (deleted)` where it was; untrusted."""
    name: DisplayText
    """Its last part."""
    file: MappedFile
    rows: tuple[int, ...]
    """Its VMAs in maps."""
    image: Image
    pieces: tuple[Piece, ...]
    """Where it lies, anonymous parts (.bss) included; in address order."""

    @property
    def build_id(self) -> str | Missing:
        """As `readelf -n` prints it."""
        found = self.image.elf.build_id
        return found.hex() if found else Missing("the file has no build id")

    @property
    def sections(self) -> tuple[Section, ...] | Missing:
        """All sections, by number."""
        return self.image.elf.sections


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The objects of one reading of maps."""

    maps: Maps
    complete: bool
    """Whether there was time for all files."""
    objects: tuple[MappedObject, ...]
    """By lowest address."""
    missing: tuple[tuple[bytes, Missing], ...]
    """Files that could not be looked into, by path, and why; no mere data files."""
    starts: list[int]
    """Of all pieces, by rising address."""
    pieces: list[tuple[Piece, MappedObject]]

    def piece_at(self, address: int) -> tuple[Piece, MappedObject] | None:
        """The piece of an object that covers an address."""
        row = bisect_right(self.starts, address) - 1
        if row < 0:
            return None
        piece, one = self.pieces[row]
        return (piece, one) if address < piece.end else None

    def vma_at(self, address: int) -> int | None:
        """The row of maps that covers an address."""
        row = int(np.searchsorted(self.maps.start, np.uint64(address), side="right")) - 1
        return row if row >= 0 and address < int(self.maps.end[row]) else None


@dataclass(slots=True)
class _Known:
    """A file looked at before, so that it is not opened at every tick."""

    image: Image | Missing
    seen: bool = True


class ObjectFinder:
    """Of one process. Not for two threads at once."""

    def __init__(self, target: Target, cache: SymbolCache) -> None:
        self._target = target
        self._cache = cache
        self._known: dict[tuple[int, int, bytes], _Known] = {}

    def find(self, maps: Maps, previous: Layout | None) -> Layout:
        """The objects of these VMAs; the previous layout where nothing has changed.

        Raises:
            ProcessGone: the process has exited.
        """
        if previous is not None and previous.complete and _same(previous.maps, maps):
            return previous
        objects: list[MappedObject] = []
        missing: list[tuple[bytes, Missing]] = []
        slow = self._slow_devices()
        for one in self._known.values():
            one.seen = False
        ends, complete = time.monotonic() + _SECONDS, True
        for rows in _files(maps)[:MOST_OBJECTS]:
            file = _mapped_file(maps, rows[0])
            if time.monotonic() > ends:
                missing.append((file.name, _LATER))
                complete = False
                continue
            image = self._image(file, slow)
            if isinstance(image, Image):
                if pieces := pieces_of(image.elf, maps, rows):
                    name = display(os.path.basename(file.name) or file.name)
                    objects.append(MappedObject(file.name, name, file, tuple(rows), image, pieces))
            elif image.reason != NO_ELF.reason:
                missing.append((file.name, image))
        self._known = {key: one for key, one in self._known.items() if one.seen}
        placed = sorted(
            ((piece, one) for one in objects for piece in one.pieces), key=lambda pair: pair[0]
        )
        starts = [piece.start for piece, _ in placed]
        return Layout(maps, complete, tuple(objects), tuple(missing), starts, placed)

    def open(self, file: MappedFile) -> int:
        """A descriptor of a mapped file, as `mapped_files.open_mapped`."""
        return mapped_files.open_mapped(self._target, file)

    def _image(self, file: MappedFile, slow: frozenset[int]) -> Image | Missing:
        key = (file.device, file.inode, file.name)
        if (known := self._known.get(key)) is not None:
            known.seen = True
            return known.image
        if file.device in slow:
            image: Image | Missing = _SLOW
        else:
            image = self._cache.image(partial(self.open, file), file.name)
            if isinstance(image, Missing) and image.reason.endswith("not an ELF file"):
                image = NO_ELF
        self._known[key] = _Known(image)
        return image

    def _slow_devices(self) -> frozenset[int]:
        """Devices served by a program of somebody else, who could keep vmtui waiting for ever."""
        try:
            if os.geteuid() == status.read(self._target).euid:
                return frozenset()
            return mapped_files.fuse_devices(self._target)
        except ProcessGone:
            raise
        except VmtuiError:
            return frozenset()


def _files(maps: Maps) -> list[list[int]]:
    """The VMAs of each file, by their first one; special ones are no files to read."""
    found: dict[tuple[int, int, bytes], list[int]] = {}
    for row in np.flatnonzero(maps.inode != 0).tolist():
        if (name := maps.names[row]).startswith(b"/"):
            key = (int(maps.device[row]), int(maps.inode[row]), name)
            found.setdefault(key, []).append(row)
    return list(found.values())


def _mapped_file(maps: Maps, row: int) -> MappedFile:
    return MappedFile(
        int(maps.start[row]),
        int(maps.end[row]),
        int(maps.device[row]),
        int(maps.inode[row]),
        maps.names[row],
    )


def _same(one: Maps, other: Maps) -> bool:
    return one is other or (
        np.array_equal(one.start, other.start)
        and np.array_equal(one.end, other.end)
        and np.array_equal(one.offset, other.offset)
        and np.array_equal(one.inode, other.inode)
        and np.array_equal(one.device, other.device)
        and one.names == other.names
    )
