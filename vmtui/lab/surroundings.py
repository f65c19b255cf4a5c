"""What a script has to know of the machine before it can be predicted: promises and the stack."""

from __future__ import annotations

import resource
from dataclasses import replace

from vmtui.kernel import maps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.target import Target
from vmtui.lab import commitment
from vmtui.lab.script import Script
from vmtui.lab.spawner import Bench

_UNLIMITED_BYTES = 64 << 20
"""Taken for no limit: far below what a specimen uses, and unmapped."""


def first_address_below(pid: int) -> int:
    """An address that the stack of a process may not grow to.

    Raises:
        ProcessGone, NotPermitted: as named.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_STACK)
    size = _UNLIMITED_BYTES if limit == resource.RLIM_INFINITY else limit
    with Target(pid) as target:
        found = maps.read(target)
    top = next(int(found.end[i]) for i, name in enumerate(found.names) if name == b"[stack]")
    return (top - size) // PAGE_SIZE * PAGE_SIZE - PAGE_SIZE


def on_this_machine(script: Script, bench: Bench) -> Script:
    """The script, with what its layout has to know of the machine: promises and the stack."""
    layout = replace(
        script.layout,
        largest_bytes=commitment.largest_mapping(),
        stack=first_address_below(bench.pid),
    )
    return replace(script, layout=layout)
