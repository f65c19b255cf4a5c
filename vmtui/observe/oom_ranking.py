"""Whom the OOM killer would take now if the whole machine ran out of memory, with the arithmetic.

mm/oom_kill.c: pages in memory, in swap and of page tables, and oom_score_adj thousandths of all
memory and swap. Never taken: PID 1, kernel threads, and whoever has oom_score_adj −1000.
"""

from __future__ import annotations

from collections.abc import Callable

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.kernel import meminfo, oom, status
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.processes import ProcessFiles
from vmtui.missing import Missing
from vmtui.model.oom import OomCandidate, OomRanking
from vmtui.theory.oom import badness, total_pages

NEVER = -1000
"""An oom_score_adj that keeps a process from being taken."""
_INIT = 1


def read(cancelled: Callable[[], bool] = lambda: False) -> OomRanking | Missing:
    """The ranking now; some 30 µs a process.

    Args:
        cancelled: asked between two processes; what is known by then is returned.
    """
    try:
        machine = meminfo.read()
    except VmtuiError as error:
        return Missing.because(error)
    memory, swap = machine["MemTotal"], machine["SwapTotal"]
    if isinstance(memory, Missing):
        return memory
    if isinstance(swap, Missing):
        return swap
    total = total_pages(memory // PAGE_SIZE, swap // PAGE_SIZE)
    found, hidden = [], 0
    with ProcessFiles() as files:
        for pid in files.pids():
            if cancelled():
                break
            try:
                candidate = _candidate(files, pid, total)
            except NotPermitted:
                hidden += 1
            except VmtuiError:
                continue  # it has exited
            else:
                if candidate is not None:
                    found.append(candidate)
        hidden += files.hidden
    found.sort(key=lambda one: (bool(one.spared), -one.points, one.pid))
    return OomRanking(total, tuple(found), hidden)


def _candidate(files: ProcessFiles, pid: int, total: int) -> OomCandidate | None:
    """None for what has no memory of its own: kernel threads, zombies."""
    told = status.parse(files.status(pid))
    if isinstance(told.vm_rss_bytes, Missing) or isinstance(told.vm_pte_bytes, Missing):
        return None
    swapped = 0 if isinstance(told.vm_swap_bytes, Missing) else told.vm_swap_bytes
    rss, swap = told.vm_rss_bytes // PAGE_SIZE, swapped // PAGE_SIZE
    tables = told.vm_pte_bytes // PAGE_SIZE
    adjusted = oom.parse(files.oom_score_adj(pid))
    spared = ""
    if pid == _INIT:
        spared = "it is the first process"
    elif adjusted == NEVER:
        spared = f"its oom_score_adj is {NEVER}"
    return OomCandidate(
        pid,
        told.name,
        rss,
        swap,
        tables,
        adjusted,
        badness(rss, swap, tables, adjusted, total),
        oom.parse(files.oom_score(pid)),
        spared,
    )
