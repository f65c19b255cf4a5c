"""One process in lines: its totals, what a VMA means, sums by kind, limits."""

from __future__ import annotations

from collections.abc import Mapping

from vmtui import units
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, row
from vmtui.draw.sentences import words
from vmtui.draw.table import magnitude
from vmtui.kernel.cgroup import MemoryCgroup
from vmtui.kernel.limits import Limit
from vmtui.kernel.smaps_rollup import Rollup
from vmtui.kernel.stat import Stat
from vmtui.kernel.status import Status
from vmtui.missing import Missing
from vmtui.model.vma_kinds import VmaKind
from vmtui.model.vma_totals import VmaTotals
from vmtui.text import DisplayText

_SWAP = Paint("swapped-ink", bold=True)


def totals(status: Status | Missing, rollup: Rollup | Missing, note: str = "") -> Row:
    """`VSZ 2.63G  Rss 1.16G …`; swap in its colour when there is any."""

    def of(record: object, name: str) -> int | Missing:
        return record if isinstance(record, Missing) else getattr(record, name)

    line: list[Run] = []
    for name, value in (
        ("VSZ", of(status, "vm_size_bytes")), ("Rss", of(status, "vm_rss_bytes")),
        ("Pss", of(rollup, "pss_bytes")), ("own", of(rollup, "uss_bytes")),
        ("swap", of(status, "vm_swap_bytes")), ("tables", of(status, "vm_pte_bytes")),
    ):  # fmt: skip
        line.append(Run(f"{name} ", DIM))
        if isinstance(value, Missing):
            line.append(Run("–  ", FAINT))
        else:
            paint = _SWAP if name == "swap" and value else STRONG
            line.append(Run(f"{units.size(value)}  ", paint))
    return row(*line, Run(f" {note}", FAINT))


_KIND_COLUMNS = (
    ("SIZE", "size"), ("RSS", "rss"), ("PSS", "pss"), ("PRIVATE", "private"), ("SHARED", "shared"),
    ("SWAP", "swap"), ("LOCKED", "locked"),
)  # fmt: skip


def kinds(totals_by_kind: Mapping[VmaKind, VmaTotals], whole: VmaTotals, cells: int) -> list[Row]:
    """The table of sums: a line per kind, then all of it."""
    note_room = cells - 15 - 8 * len(_KIND_COLUMNS) - 3
    head = [Run(" KIND     VMAs", DIM)]
    head += [Run(f"{title:>8}", DIM) for title, _ in _KIND_COLUMNS]
    rows = [row(*head)]
    for kind, sums in totals_by_kind.items():
        note = f"   {kind.meaning}" if note_room >= len(kind.meaning) else ""
        rows.append(_sums(kind.value, sums, TEXT, note))
    rows.append(_sums("all", whole, STRONG, ""))
    if whole.unread:
        rows.append(row(words(f" {whole.unread} VMAs are newer than the last smaps")))
    return rows


def _sums(name: str, sums: VmaTotals, paint: Paint, note: str) -> Row:
    line = [Run(f" {name:<8}", paint), Run(f"{sums.count:>5}", DIM)]
    for _, key in _KIND_COLUMNS:
        line.append(_amount(_sum_of(sums, key)))
    return row(*line, Run(note, FAINT))


def _sum_of(sums: VmaTotals, key: str) -> int | Missing:
    if key not in ("private", "shared"):
        value: int | Missing = getattr(sums, key)
        return value
    clean, dirty = getattr(sums, f"{key}_clean"), getattr(sums, f"{key}_dirty")
    if isinstance(clean, Missing) or isinstance(dirty, Missing):
        return clean if isinstance(clean, Missing) else dirty
    return int(clean + dirty)


def _amount(value: int | Missing) -> Run:
    if isinstance(value, Missing):
        return Run(f"{'–':>8}", FAINT)
    return Run(f"{units.size(value):>8}", magnitude(value))


_SHOWN_LIMITS = (
    "Max address space", "Max data size", "Max stack size", "Max locked memory",
    "Max resident set", "Max processes", "Max open files", "Max core file size",
)  # fmt: skip


def nothing(why: Missing | None, stat: Stat | Missing) -> list[Row]:
    """Why a process shows no VMAs, in words."""
    if why is not None:
        rows: list[Row] = [(), row(Run(f"  {why.reason}", STRONG))]
        if why.unlock:
            rows.append(row(Run(f"  to see it: {why.unlock}", DIM)))
        return rows
    if isinstance(stat, Missing):
        told = stat.reason
    elif stat.kernel_thread:
        told = "a kernel thread works inside the kernel: it has no user memory"
    elif stat.state == "Z":
        told = "a zombie has exited: its memory has been given back"
    else:
        told = "it has no user memory"
    return [(), row(Run(f"  {told}", STRONG))]


def limits(
    rlimits: tuple[Limit, ...] | Missing,
    cgroup: MemoryCgroup | Missing,
    cgroup_path: DisplayText | Missing,
    scores: tuple[int | Missing, int | Missing],
) -> list[Row]:
    """What bounds the process: its memory cgroup, the OOM killer's view, resource limits."""
    rows = [row(Run(" memory cgroup  ", STRONG), _known(cgroup_path, str))]
    if isinstance(cgroup, Missing):
        rows.append(row(Run("   "), words(cgroup.reason)))
    else:
        events = cgroup.events
        for name, value, help_ in (
            ("limit", cgroup.limit_bytes, "the tightest of the group and those above it"),
            ("used", cgroup.usage_bytes, "everything charged to the group, page cache included"),
            ("left", cgroup.left_bytes, "until one of these limits is met, by others' use too"),
            ("in swap", cgroup.swap_bytes, "of the group"),
        ):
            rows.append(_limit_row(name, _known(value, units.size), help_))
        for name, value, help_ in (
            ("limit met", events.limit_hits, "times a charge had to wait for memory"),
            ("OOM kills", events.oom_kills, "processes of the group killed for memory"),
        ):
            rows.append(_limit_row(name, _known(value, units.count), help_))
    score, adjustment = scores
    rows += [
        (),
        row(Run(" OOM killer", STRONG)),
        _limit_row("score", _known(score, str), "0 to 2000: the highest dies first"),
        _limit_row("adjusted", _known(adjustment, str), "−1000 never, 1000 first; set by hand"),
        (),
        row(Run(" resource limits", STRONG), Run("              soft      hard", DIM)),
    ]
    if isinstance(rlimits, Missing):
        return [*rows, row(Run("   "), words(rlimits.reason))]
    for limit in rlimits:
        if limit.name in _SHOWN_LIMITS:
            rows.append(
                row(
                    Run(f"   {limit.name.removeprefix('Max '):<18}", DIM),
                    _bound(limit.soft, limit.unit), _bound(limit.hard, limit.unit),
                    words(f"  {limit.unit}"),
                )
            )  # fmt: skip
    return rows


def _limit_row(name: str, value: Run, note: str) -> Row:
    shown = Run(f"{value.text:>10}", value.paint)
    return row(Run(f"   {name:<18}", DIM), shown, words(f"   {note}"))


def _known(value: object, write: object) -> Run:
    if isinstance(value, Missing):
        return Run(value.reason, FAINT)
    return Run(write(value), STRONG)  # type: ignore[operator]


def _bound(value: int | None, unit: str) -> Run:
    if value is None:
        return Run(f"{'unlimited':>10}", FAINT)
    text = units.size(value) if unit == "bytes" else units.count(value)
    return Run(f"{text:>10}", TEXT)
