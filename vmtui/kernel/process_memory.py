"""The bytes of another process's memory, read only: /proc/PID/mem (proc(5)).

Needs the rights of ptrace(2) in *attaching* mode, more than pagemap does: the same user and, where
Yama's ptrace_scope is 1, a child; or CAP_SYS_PTRACE. A read faults pages in as the process itself
would: what is absent becomes the zero page, what is in swap or in a file comes back. So it is done
only when somebody asks.
"""

from __future__ import annotations

import errno
import os

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.kernel.files import PAGE_SIZE, translated
from vmtui.kernel.target import Target

MOST_BYTES = 16 * PAGE_SIZE
"""How many are read at a time, whatever is asked for."""


def read(target: Target, address: int, size: int = PAGE_SIZE) -> bytes:
    """The bytes from an address on; fewer where the memory ends or `MOST_BYTES` are reached.

    Raises:
        NotPermitted: /proc/PID/mem may not be read, or nobody may read this address.
        ProcessGone: the process has exited.
    """
    what = f"/proc/{target.pid}/mem"
    fd = target.open("mem")
    try:
        return os.pread(fd, max(0, min(size, MOST_BYTES)), address)
    except OSError as error:
        if error.errno == errno.EIO:
            raise NotPermitted(
                f"{what}: nothing can be read at {address:#x}: a guard, a device, or no VMA", ""
            ) from error
        raise translated(error, what, of_process=True) from error
    except OverflowError as error:
        raise VmtuiError(f"{what}: {address:#x} is beyond any process's addresses") from error
    finally:
        os.close(fd)
