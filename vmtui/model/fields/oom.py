"""Every term of the OOM killer's arithmetic, declared once."""

from __future__ import annotations

from vmtui.model.fields.field import Field, Unit, by_id
from vmtui.model.oom import OomCandidate

_STATUS = "/proc/PID/status"
_SHELL = "vmtui machine --oom"

OOM_FIELDS: tuple[Field[OomCandidate], ...] = (
    Field(
        id="pid", title="PID", unit=Unit.ID, width=7,
        help="The process id in this PID namespace.",
        source="/proc, directory names", shell="ps -o pid= -p {pid}",
        get=lambda one: one.pid,
    ),
    Field(
        id="points", title="POINTS", unit=Unit.PAGES, width=10,
        help="The sum of the next four, in pages. Who has most is killed first.",
        source="mm/oom_kill.c, oom_badness()", shell=_SHELL,
        get=lambda one: one.points,
    ),
    Field(
        id="rss", title="RSS", unit=Unit.PAGES, width=9,
        help="Its pages in memory; shared ones count in full.",
        source=f"{_STATUS}, VmRSS:", shell="grep VmRSS /proc/{pid}/status",
        get=lambda one: one.rss,
    ),
    Field(
        id="swap", title="SWAP", unit=Unit.PAGES, width=8, slot="swapped",
        help="Its pages in swap.",
        source=f"{_STATUS}, VmSwap:", shell="grep VmSwap /proc/{pid}/status",
        get=lambda one: one.swap,
    ),
    Field(
        id="tables", title="TABLES", unit=Unit.PAGES, width=6, leaves_below=100,
        help="Its page tables, in pages.",
        source=f"{_STATUS}, VmPTE:", shell="grep VmPTE /proc/{pid}/status",
        get=lambda one: one.tables,
    ),
    Field(
        id="score_adj", title="ADJ", unit=Unit.ID, width=5,
        help="oom_score_adj: each counts as a thousandth of memory and swap; −1000 is never.",
        source="/proc/PID/oom_score_adj", shell="cat /proc/{pid}/oom_score_adj",
        get=lambda one: one.score_adj,
    ),
    Field(
        id="score", title="SCORE", unit=Unit.ID, width=5, leaves_below=100,
        help="The kernel's own score from the same points: 667 for nothing, 2000 at most.",
        source="/proc/PID/oom_score", shell="cat /proc/{pid}/oom_score",
        get=lambda one: one.score,
    ),
    Field(
        id="sum", title="THE SUM", unit=Unit.SERIES, width=24, leaves_below=100,
        help="The terms as a bar: memory, swap, tables; what oom_score_adj adds is hatched.",
        source="mm/oom_kill.c, oom_badness()", shell=_SHELL,
        get=lambda one: one.points,
    ),
    Field(
        id="comm", title="NAME", unit=Unit.TEXT, width=15,
        help="The short name; any process may set its own.",
        source=f"{_STATUS}, Name:", shell="cat /proc/{pid}/comm",
        get=lambda one: one.name,
    ),
    Field(
        id="spared", title="NOT TAKEN BECAUSE", unit=Unit.TEXT, width=0,
        help="Why it is never taken, where that is so.",
        source="mm/oom_kill.c, oom_unkillable_task()", shell=_SHELL,
        get=lambda one: one.spared,
    ),
)  # fmt: skip

OOM_FIELDS_BY_ID = by_id(OOM_FIELDS)
