"""How this kernel is set up where it decides what a page fault does.

Documentation/admin-guide/mm/transhuge.rst, sysctl/vm.rst and ABI/testing/sysfs-class-bdi. All are
readable by anyone, and absent where the kernel was built without the feature.
"""

from __future__ import annotations

import os
import re
from typing import Literal, TypeAlias, get_args

from vmtui.errors import ParseError
from vmtui.kernel.files import PAGE_SIZE, PROC, SYS, read_system, translated

HugeMode: TypeAlias = Literal["always", "madvise", "never"]
_HUGE = f"{SYS}/kernel/mm/transparent_hugepage"
_CHOSEN = re.compile(rb"\[([a-z]+)\]")


def huge_mode(path: str = f"{_HUGE}/enabled") -> HugeMode:
    """When anonymous memory may be made of transparent huge pages.

    Raises:
        NotSupported: the kernel was built without them: never, that is.
        NotPermitted, ParseError: as named.
    """
    found = _CHOSEN.search(read_system(path))
    for mode in get_args(HugeMode):
        if found and found[1] == mode.encode():
            return mode  # type: ignore[no-any-return]
    raise ParseError(f"{path}: none of always, madvise and never is chosen")


def huge_page_bytes(path: str = f"{_HUGE}/hpage_pmd_size") -> int:
    """Bytes of a transparent huge page: 2 MiB on most machines.

    Raises:
        NotSupported: the kernel was built without them.
        NotPermitted, ParseError: as named.
    """
    return _number(path)


def swap_cluster_pages(path: str = f"{PROC}/sys/vm/page-cluster") -> int:
    """How many pages are read from swap together at most.

    Raises:
        NotSupported: the kernel was built without swap.
        NotPermitted, ParseError: as named.
    """
    return 1 << min(_number(path), 32)


def dirty_expire_seconds(path: str = f"{PROC}/sys/vm/dirty_expire_centisecs") -> float:
    """How long a dirty page of a file stays unwritten, at least, unless there are too many.

    Raises:
        NotPermitted, NotSupported, ParseError: as named.
    """
    return _number(path) / 100


def readahead_pages(directory: str) -> int:
    """How many pages are read around one of a file in that directory, at most.

    Raises:
        NotSupported: its file system is on no device with a setting of its own.
        NotPermitted, ParseError: as named.
    """
    try:
        device = os.stat(directory).st_dev
    except OSError as error:
        raise translated(error, directory, of_process=False) from error
    name = f"{os.major(device)}:{os.minor(device)}"
    return (_number(f"{SYS}/class/bdi/{name}/read_ahead_kb") << 10) // PAGE_SIZE


def overcommit_policy(path: str = f"{PROC}/sys/vm/overcommit_memory") -> int:
    """What the kernel promises: 0 what one could have, 1 anything, 2 what there is.

    Raises:
        NotPermitted, NotSupported, ParseError: as named.
    """
    return _number(path)


def panics_on_oom(path: str = f"{PROC}/sys/vm/panic_on_oom") -> bool:
    """Whether the machine stops when memory runs out, rather than killing a process.

    Raises:
        NotPermitted, NotSupported, ParseError: as named.
    """
    return _number(path) != 0


def _number(path: str) -> int:
    try:
        return int(read_system(path))
    except ValueError as error:
        raise ParseError(f"{path}: it is not a number") from error
