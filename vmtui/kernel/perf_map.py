"""/tmp/perf-PID.map: where a just-in-time compiler put which function, written by itself.

tools/perf/Documentation/jit-interface.txt: lines of start, size (both hexadecimal) and name. Read
in the process's own root and only if its own user wrote it, for anyone can put a file there. It
grows while the process runs; what stands further down is newer.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotPermitted, NotSupported, ProcessGone, VmtuiError
from vmtui.kernel import mapped_files, status
from vmtui.kernel.elf_source import Budget, Source
from vmtui.kernel.mapped_files import FileIdentity
from vmtui.kernel.target import Target

_MOST_BYTES = 16 << 20
_LINE = re.compile(
    rb"^(?:0[xX])?([0-9a-fA-F]{1,16}) (?:0[xX])?([0-9a-fA-F]{1,8}) (.+)$", re.MULTILINE
)


@dataclass(frozen=True, slots=True, eq=False)
class PerfMap:
    """The functions in the order of the file; columns of one length."""

    address: NDArray[np.uint64]
    """In the process."""
    size: NDArray[np.uint64]
    name: NDArray[np.uint32]
    """Where in `names` the name begins."""
    names: bytes
    """Names that end in NUL; untrusted."""
    identity: FileIdentity | None = None


def parse(raw: bytes) -> PerfMap:
    """The functions in the text of a map; lines that are none are left out. Never raises."""
    numbers = (
        number
        for match in _LINE.finditer(raw)
        for number in (int(match[1], 16), int(match[2], 16), match.start(3))
    )
    columns = np.fromiter(numbers, np.uint64).reshape(-1, 3)
    return PerfMap(
        address=columns[:, 0],
        size=columns[:, 1],
        name=columns[:, 2].astype(np.uint32),
        names=raw.replace(b"\n", b"\0") + b"\0",
    )


def read(target: Target, previous: PerfMap | None = None) -> PerfMap | None:
    """The target's map now; None where it has none.

    Args:
        target: the process.
        previous: of an earlier reading, given back when the file has not changed.

    Raises:
        ProcessGone: the process has exited.
        NotPermitted: its files may not be looked at, or the map is not of its own user.
        NotSupported: it is no regular file, or larger than is read.
        VmtuiError: another error of reading.
    """
    who = status.read(target)
    number = who.ns_pids[-1] if who.ns_pids else target.pid
    name = f"root/tmp/perf-{number}.map"
    try:
        held = target.open(name, os.O_PATH | os.O_NOFOLLOW)
    except (NotSupported, ProcessGone):
        if not target.alive():
            raise
        return None
    try:
        what = f"/proc/{target.pid}/{name}".encode()
        fd = mapped_files.reopened(held, what)
    finally:
        os.close(held)
    try:
        identity = mapped_files.identity_of(fd)
        if identity.owner not in (who.uid, who.euid):
            raise NotPermitted(f"/tmp/perf-{number}.map: it is not of the process's own user", "")
        if previous is not None and previous.identity == identity:
            return previous
        source = Source(fd, what, Budget(_MOST_BYTES))
        source.refuse_over(_MOST_BYTES, source.nbytes, "list")
        found = parse(source.read(0, source.nbytes, "list"))
    except OSError as error:
        raise VmtuiError(f"/tmp/perf-{number}.map: {os.strerror(error.errno or 0)}") from error
    finally:
        os.close(fd)
    return PerfMap(found.address, found.size, found.name, found.names, identity)
