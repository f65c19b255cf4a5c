"""Looks in passing, from another thread, while an operation is being done or compared.

Only what the kernel counts anyhow is read (/proc/PID/status): no lock of the address space is
taken, no page is looked at, so nothing that is counted exactly can change by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vmtui.errors import VmtuiError
from vmtui.kernel import status
from vmtui.kernel.target import Target
from vmtui.lab.looks import ProcessLook
from vmtui.missing import Missing


@dataclass(frozen=True, slots=True)
class _Rest:
    """What of a process is none of the experiment's, as the last look found it; bytes."""

    pid: int
    rss: int | None
    tables: int | None


class Glances:
    """What the live processes use now, by the last look's knowledge of their interpreters."""

    def __init__(self) -> None:
        self._rests: Mapping[str, _Rest] = {}

    def looked(self, pids: Mapping[str, int], looks: Mapping[str, ProcessLook]) -> None:
        """A whole look was taken; the processes rest."""
        self._rests = {name: _rest(pids[name], look) for name, look in looks.items()}

    def take(self) -> dict[str, int]:
        """Rss and page tables of the regions by the keys of charts; from any thread."""
        found: dict[str, int] = {}
        for name, rest in self._rests.items():
            try:
                with Target(rest.pid) as target:
                    now = status.read(target)
            except VmtuiError:
                continue  # it has just ended
            for figure, value, less in (
                ("rss", now.vm_rss_bytes, rest.rss),
                ("page_tables", now.vm_pte_bytes, rest.tables),
            ):
                if not isinstance(value, Missing) and less is not None:
                    found[f"{figure}.{name}"] = max(0, value - less)
        return found


def _rest(pid: int, look: ProcessLook) -> _Rest:
    rss, tables = look.rss_bytes, look.rest
    own = sum(vma.rss_kb for vma in look.vma_rows) * 1024
    return _Rest(
        pid,
        None if isinstance(rss, Missing) else rss - own,
        None if isinstance(tables, Missing) else tables.bytes,
    )
