"""Files with the symbols that were stripped from a program: by build id, or by name and checksum.

The places are those gdb looks in: /usr/lib/debug/.build-id/xx/yyy.debug, and for .gnu_debuglink the
program's own directory, .debug in it, and the same directory under /usr/lib/debug. A file counts
only if its build id is the same one, or its CRC-32 is the one that was asked for.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from vmtui.errors import VmtuiError
from vmtui.kernel import elf, mapped_files
from vmtui.kernel.elf import DebugLink, Elf
from vmtui.kernel.elf_source import Source

DIRECTORY = b"/usr/lib/debug"
_PART = 1 << 20


@dataclass(frozen=True, slots=True)
class DebugFile:
    """A debug file, open; whoever asked for it closes `fd`."""

    fd: int
    source: Source
    elf: Elf
    path: bytes


def find(
    of: Elf, link: DebugLink | None, path: bytes, directory: bytes = DIRECTORY
) -> DebugFile | None:
    """The debug file of an object; None without one that fits and can be read.

    Args:
        of: the object's headers.
        link: what it says of its debug file.
        path: of the object, to look beside it; of another mount namespace it finds nothing.
        directory: where separate debug files are kept.
    """
    for candidate, of_system, crc in _places(of, link, path, directory):
        try:
            fd = mapped_files.open_regular(candidate, follow=of_system)
        except VmtuiError:
            continue
        found = None
        try:
            source = Source(fd, candidate)
            headers = elf.read(source)
            same = headers.build_id == of.build_id if crc is None else _crc(source) == crc
            if same and headers.machine == of.machine:
                found = DebugFile(fd, source, headers, candidate)
                return found
        except VmtuiError:
            continue
        finally:
            if found is None:
                os.close(fd)
    return None


def _places(
    of: Elf, link: DebugLink | None, path: bytes, directory: bytes
) -> Iterator[tuple[bytes, bool, int | None]]:
    """Paths, whether they are the system's (links in them are followed), and the CRC to check."""
    if len(of.build_id) > 1:
        name = of.build_id.hex().encode()
        yield directory + b"/.build-id/" + name[:2] + b"/" + name[2:] + b".debug", True, None
    if link is None or not path.startswith(b"/"):
        return
    beside = os.path.dirname(path)
    yield directory + os.path.join(beside, link.name), True, link.crc
    yield os.path.join(beside, b".debug", link.name), False, link.crc
    if os.path.join(beside, link.name) != path:
        yield os.path.join(beside, link.name), False, link.crc


def _crc(source: Source) -> int:
    value = 0
    for at in range(0, source.nbytes, _PART):
        value = zlib.crc32(source.read(at, min(_PART, source.nbytes - at), "bytes"), value)
    return value
