"""Memory by node: /sys/devices/system/node/node*/meminfo, vmstat (ABI/stable/sysfs-devices-node).

Readable by anyone; 60 µs a node. A machine without NUMA has node 0 alone.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from vmtui.errors import NotSupported, ParseError
from vmtui.kernel.files import SYS, read_system
from vmtui.kernel.lines import not_printed
from vmtui.missing import Missing

_DIRECTORY = f"{SYS}/devices/system/node"
_NAME = re.compile(r"node([0-9]{1,9})")
_LINE = re.compile(rb"^Node [0-9]+ ([A-Za-z0-9_()]+): +([0-9]{1,20})(?: kB)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Node:
    """One node; bytes."""

    number: int
    total: int | Missing
    free: int | Missing
    file: int | Missing
    """The page cache, shared memory left out."""
    anon: int | Missing
    shmem: int | Missing
    slab: int | Missing
    page_tables: int | Missing
    dirty: int | Missing


def parse(number: int, raw: bytes) -> Node:
    """The record of a node's meminfo.

    Raises:
        ParseError: no line is as documented.
    """
    figures = {name.decode("ascii"): int(value) << 10 for name, value in _LINE.findall(raw)}
    if not figures:
        raise ParseError(f"node{number}/meminfo: no line is as documented")

    def of(name: str) -> int | Missing:
        return figures[name] if name in figures else not_printed(name)

    file, shmem = of("FilePages"), of("Shmem")
    if not isinstance(file, Missing) and not isinstance(shmem, Missing):
        file = max(0, file - shmem)
    return Node(
        number, of("MemTotal"), of("MemFree"), file, of("AnonPages"), shmem, of("Slab"),
        of("PageTables"), of("Dirty"),
    )  # fmt: skip


def read(directory: str = _DIRECTORY) -> tuple[Node, ...]:
    """The nodes that have memory, by number.

    Raises:
        NotSupported: the kernel was built without nodes.
        NotPermitted, ParseError: as named.
    """
    try:
        names = os.listdir(directory)
    except OSError as error:
        raise NotSupported(f"{directory}: this kernel was built without NUMA") from error
    numbers = sorted(int(found[1]) for name in names if (found := _NAME.fullmatch(name)))
    nodes = (parse(at, read_system(f"{directory}/node{at}/meminfo")) for at in numbers)
    return tuple(node for node in nodes if node.total != 0)
