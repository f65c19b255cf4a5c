"""Every metric of a memory cgroup, declared once."""

from __future__ import annotations

from vmtui.model.fields.field import Field, Unit, by_id
from vmtui.model.groups import Group

_HERE = "the group's directory"

GROUP_FIELDS: tuple[Field[Group], ...] = (
    Field(
        id="group", title="GROUP", unit=Unit.TEXT, width=0,
        help="Its name, below the one it belongs to; in another order its path.",
        source="the cgroup hierarchy that has the memory controller", shell="systemd-cgls -u",
        get=lambda group: group.shown_path,
    ),
    Field(
        id="usage", title="USED", unit=Unit.BYTES, width=6,
        help="Memory charged to it and to all below it, page cache included.",
        source="memory.current; v1: memory.usage_in_bytes", shell="cat memory.current",
        get=lambda group: group.usage,
    ),
    Field(
        id="limit", title="LIMIT", unit=Unit.BYTES, width=6,
        help="What it may have; – without a limit of its own.",
        source="memory.max; v1: memory.limit_in_bytes", shell="cat memory.max",
        get=lambda group: group.limit,
    ),
    Field(
        id="share", title="%", unit=Unit.PERCENT, width=5,
        help="Share of its limit that is used.",
        source="memory.current against memory.max", shell="cat memory.current memory.max",
        get=lambda group: group.share,
    ),
    Field(
        id="filled", title="OF ITS LIMIT", unit=Unit.SERIES, width=12, leaves_below=100,
        help="The same as a bar; without a limit, against all memory.",
        source="memory.current against memory.max", shell="cat memory.current memory.max",
        get=lambda group: group.share,
    ),
    Field(
        id="anon", title="ANON", unit=Unit.BYTES, width=6, leaves_below=100,
        help="Private memory in it; v1 counts the group alone, v2 those below it too.",
        source="memory.stat, anon; v1: rss", shell="grep -w -e anon -e rss memory.stat",
        get=lambda group: group.anon,
    ),
    Field(
        id="file", title="FILE", unit=Unit.BYTES, width=6, leaves_below=100,
        help="Page cache in it; v1 counts the group alone, v2 those below it too.",
        source="memory.stat, file; v1: cache", shell="grep -w -e file -e cache memory.stat",
        get=lambda group: group.file,
    ),
    Field(
        id="swap", title="SWAP", unit=Unit.BYTES, width=6, slot="swapped",
        help="Its memory that is in swap.",
        source="memory.swap.current; v1: memory.stat, swap", shell="cat memory.swap.current",
        get=lambda group: group.swap,
    ),
    Field(
        id="failures", title="HITS", unit=Unit.COUNT, width=6, slot="swapped",
        help="How often an allocation met its limit, which then had to be made room for.",
        source="memory.events.local, max; v1: memory.failcnt", shell="cat memory.events",
        get=lambda group: group.failures,
    ),
    Field(
        id="oom_kills", title="KILLS", unit=Unit.COUNT, width=5, slot="swapped",
        help="Processes of it that the OOM killer has killed.",
        source="memory.events.local, oom_kill; v1: memory.oom_control", shell="cat memory.events",
        get=lambda group: group.oom_kills,
    ),
    Field(
        id="some", title="SOME", unit=Unit.PERCENT, width=5, leaves_below=120,
        help="Share of the last ten seconds in which one of its tasks waited for memory.",
        source=f"memory.pressure in {_HERE} of cgroup2", shell="cat memory.pressure",
        get=lambda group: group.some,
    ),
    Field(
        id="processes", title="PROC", unit=Unit.COUNT, width=5, leaves_below=80,
        help="Processes in the group itself.",
        source=f"cgroup.procs in {_HERE}", shell="wc -l < cgroup.procs",
        get=lambda group: group.processes,
    ),
)  # fmt: skip

GROUP_FIELDS_BY_ID = by_id(GROUP_FIELDS)
