"""Every metric of a process, declared once."""

from __future__ import annotations

from vmtui.model.fields.field import Cost, Field, Unit, by_id
from vmtui.model.processes import ProcessRow

_ROLLUP = "/proc/PID/smaps_rollup"
_STATUS = "/proc/PID/status"
_STAT = "/proc/PID/stat"

PROCESS_FIELDS: tuple[Field[ProcessRow], ...] = (
    Field(
        id="pid", title="PID", unit=Unit.ID, width=7,
        help="The process id in this PID namespace.",
        source="/proc, directory names", shell="ps -o pid= -p {pid}",
        get=lambda row: row.pid,
    ),
    Field(
        id="ppid", title="PPID", unit=Unit.ID, width=7, default=False, cost=Cost.STAT,
        help="The parent's process id.",
        source=f"{_STAT}, field 4", shell="ps -o ppid= -p {pid}",
        get=lambda row: row.ppid,
    ),
    Field(
        id="user", title="USER", unit=Unit.TEXT, width=8, leaves_below=120, cost=Cost.STATUS,
        help="The real user it runs as.",
        source=f"{_STATUS}, Uid:", shell="ps -o user= -p {pid}",
        get=lambda row: row.user,
    ),
    Field(
        id="state", title="S", unit=Unit.TEXT, width=1, default=False, cost=Cost.STAT,
        help="R runs, S sleeps, D waits for a device, Z has exited, T is stopped, I is idle.",
        source=f"{_STAT}, field 3", shell="ps -o state= -p {pid}",
        get=lambda row: row.state,
    ),
    Field(
        id="comm", title="NAME", unit=Unit.TEXT, width=15, default=False,
        help="The short name; any process may set its own.",
        source=f"{_STAT}, field 2", shell="cat /proc/{pid}/comm",
        get=lambda row: row.comm,
    ),
    Field(
        id="command", title="COMMAND", unit=Unit.TEXT, width=0,
        help="The command line; any process may rewrite its own.",
        source="/proc/PID/cmdline", shell="tr '\\0' ' ' < /proc/{pid}/cmdline",
        get=lambda row: row.command,
    ),
    Field(
        id="rss", title="RSS", unit=Unit.BYTES, width=6,
        help="Memory it has in RAM; pages shared with others count in full for each of them.",
        source="/proc/PID/statm, field 2 × page size", shell="ps -o rss= -p {pid}",
        get=lambda row: row.rss,
    ),
    Field(
        id="pss", title="PSS", unit=Unit.BYTES, width=6, leaves_below=80, cost=Cost.ROLLUP,
        help="Its fair share: each shared page divided by the number of processes that map it.",
        source=f"{_ROLLUP}, Pss:", shell="awk '/^Pss:/{{print $2}}' /proc/{pid}/smaps_rollup",
        get=lambda row: row.pss,
    ),
    Field(
        id="uss", title="USS", unit=Unit.BYTES, width=6, leaves_below=120, cost=Cost.ROLLUP,
        help="What only it has: what would come free if it exited now.",
        source=f"{_ROLLUP}, Private_Clean: + Private_Dirty:",
        shell="awk '/^Private_[CD]/{{s+=$2}} END{{print s}}' /proc/{pid}/smaps_rollup",
        get=lambda row: row.uss,
    ),
    Field(
        id="swap", title="SWAP", unit=Unit.BYTES, width=6, cost=Cost.STATUS, slot="swapped",
        help="Its private memory that is in swap now.",
        source=f"{_STATUS}, VmSwap:", shell="grep VmSwap /proc/{pid}/status",
        get=lambda row: row.swap,
    ),
    Field(
        id="shared", title="SHR", unit=Unit.BYTES, width=6, default=False,
        help="Resident pages that belong to files or shared memory.",
        source="/proc/PID/statm, field 3 × page size",
        shell="awk '{{print $3*4}}' /proc/{pid}/statm",
        get=lambda row: row.shared,
    ),
    Field(
        id="vsize", title="VSZ", unit=Unit.BYTES, width=6, default=False,
        help="Address space it has mapped; most of it may never have been touched.",
        source="/proc/PID/statm, field 1 × page size", shell="ps -o vsz= -p {pid}",
        get=lambda row: row.vsize,
    ),
    Field(
        id="page_tables", title="PTE", unit=Unit.BYTES, width=6, leaves_below=120,
        cost=Cost.STATUS,
        help="Page tables the kernel keeps to map its memory; they count in no RSS.",
        source=f"{_STATUS}, VmPTE:", shell="grep VmPTE /proc/{pid}/status",
        get=lambda row: row.page_tables,
    ),
    Field(
        id="minflt", title="MINFLT", unit=Unit.COUNT, width=7, default=False, cost=Cost.STAT,
        help="Page faults since its start that needed no disk.",
        source=f"{_STAT}, field 10", shell="ps -o min_flt= -p {pid}",
        get=lambda row: row.minflt,
    ),
    Field(
        id="majflt", title="MAJFLT", unit=Unit.COUNT, width=7, default=False, cost=Cost.STAT,
        help="Page faults since its start that waited for a disk.",
        source=f"{_STAT}, field 12", shell="ps -o maj_flt= -p {pid}",
        get=lambda row: row.majflt,
    ),
    Field(
        id="minflt_rate", title="FLT/s", unit=Unit.RATE, width=6, cost=Cost.STAT, of_past=True,
        help="Minor page faults a second: pages that became its own without a disk.",
        source=f"{_STAT}, field 10, difference of two ticks", shell="pidstat -r -p {pid} 1 1",
        get=lambda row: row.minflt_rate,
    ),
    Field(
        id="majflt_rate", title="MAJ/s", unit=Unit.RATE, width=5, leaves_below=100,
        cost=Cost.STAT, slot="swapped", of_past=True,
        help="Major page faults a second: each waited for a disk.",
        source=f"{_STAT}, field 12, difference of two ticks", shell="pidstat -r -p {pid} 1 1",
        get=lambda row: row.majflt_rate,
    ),
    Field(
        id="growth", title="Δ60s", unit=Unit.CHANGE, width=6, of_past=True,
        help="Change of RSS over the last minute, or since vmtui first saw the process.",
        source="/proc/PID/statm, against 60 s ago", shell="pidstat -r -p {pid} 60 1",
        get=lambda row: row.growth,
    ),
    Field(
        id="trend", title="TREND", unit=Unit.SERIES, width=16, leaves_below=120, of_past=True,
        help="RSS over the last minutes, on a scale from zero.",
        source="/proc/PID/statm, every tick", shell="pidstat -r -p {pid} 1",
        get=lambda row: row.trend,
    ),
    Field(
        id="threads", title="THR", unit=Unit.COUNT, width=4, default=False, cost=Cost.STAT,
        help="Threads; they share one address space.",
        source=f"{_STAT}, field 20", shell="ps -o nlwp= -p {pid}",
        get=lambda row: row.threads,
    ),
    Field(
        id="oom_score", title="OOM", unit=Unit.ID, width=5, default=False, cost=Cost.MISC,
        help="How likely the OOM killer would choose it: higher dies first.",
        source="/proc/PID/oom_score", shell="cat /proc/{pid}/oom_score",
        get=lambda row: row.oom_score,
    ),
    Field(
        id="oom_score_adj", title="ADJ", unit=Unit.ID, width=5, default=False, cost=Cost.MISC,
        help="What was added to its OOM score by hand: −1000 never, 1000 first.",
        source="/proc/PID/oom_score_adj", shell="cat /proc/{pid}/oom_score_adj",
        get=lambda row: row.oom_score_adj,
    ),
    Field(
        id="cgroup", title="CGROUP", unit=Unit.TEXT, width=24, default=False, cost=Cost.MISC,
        help="The memory cgroup whose limit it lives under.",
        source="/proc/PID/cgroup", shell="cat /proc/{pid}/cgroup",
        get=lambda row: row.cgroup,
    ),
    Field(
        id="container", title="CONT", unit=Unit.TEXT, width=7, default=False, cost=Cost.MISC,
        help="The container runtime its cgroup path speaks of.",
        source="/proc/PID/cgroup", shell="cat /proc/{pid}/cgroup",
        get=lambda row: row.container,
    ),
    Field(
        id="start_time", title="START", unit=Unit.TIME, width=8, default=False,
        help="When it started.",
        source=f"{_STAT}, field 22 + boot time", shell="ps -o lstart= -p {pid}",
        get=lambda row: row.start_time,
    ),
)  # fmt: skip

PROCESS_FIELDS_BY_ID = by_id(PROCESS_FIELDS)
