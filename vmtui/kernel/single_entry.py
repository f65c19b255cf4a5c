"""The pagemap entry of one page of any process, by number: the question asked of all processes.

Documentation/admin-guide/mm/pagemap.rst. Some 25 µs a process: nothing is probed, nothing kept.
Who looks longer at one process takes `Target` and `Pagemap`, which also hold on to its identity.
"""

from __future__ import annotations

import os
import sys

from vmtui.kernel.files import PROC, translated

_ENTRY = 8


def entry_of(pid: int, page: int, proc: str = PROC) -> int:
    """The entry of page number `page` (address / page size); 0 past the end of its addresses.

    Raises:
        ProcessGone: it has exited, or has no user memory.
        NotPermitted: it is another user's, or not dumpable.
    """
    path = f"{proc}/{pid}/pagemap"
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            raw = os.pread(fd, _ENTRY, page * _ENTRY)
        finally:
            os.close(fd)
    except OSError as error:
        raise translated(error, path, of_process=True) from error
    except OverflowError:
        return 0
    return int.from_bytes(raw, sys.byteorder) if len(raw) == _ENTRY else 0
