"""The experiments, in the order the menu has them. To add one: its file, and its line here."""

from __future__ import annotations

from vmtui.lab.experiment import Experiment
from vmtui.lab.experiments.cow import COW
from vmtui.lab.experiments.demand_paging import DEMAND_PAGING
from vmtui.lab.experiments.filemap import FILEMAP
from vmtui.lab.experiments.fragmentation import FRAGMENTATION
from vmtui.lab.experiments.huge_pages import HUGE_PAGES
from vmtui.lab.experiments.isolation import ISOLATION
from vmtui.lab.experiments.mmap import MMAP
from vmtui.lab.experiments.oom import OOM
from vmtui.lab.experiments.overcommit import OVERCOMMIT
from vmtui.lab.experiments.page_tables import PAGE_TABLES
from vmtui.lab.experiments.segv import SEGV
from vmtui.lab.experiments.surprises_fork import FORK
from vmtui.lab.experiments.surprises_swap import SWAP
from vmtui.lab.experiments.swap import SWAPPING
from vmtui.lab.experiments.thrashing import THRASHING
from vmtui.lab.experiments.zero_page import ZERO_PAGE

__all__ = ["ALL", "BY_ID"]

_SURPRISES = sorted((*FORK, *SWAP), key=lambda one: int(one.id.rpartition("-")[2]))
ALL: tuple[Experiment, ...] = (
    SEGV,
    ISOLATION,
    MMAP,
    DEMAND_PAGING,
    ZERO_PAGE,
    FILEMAP,
    COW,
    PAGE_TABLES,
    HUGE_PAGES,
    OVERCOMMIT,
    SWAPPING,
    THRASHING,
    OOM,
    FRAGMENTATION,
    *_SURPRISES,
)
BY_ID = {experiment.id: experiment for experiment in ALL}
