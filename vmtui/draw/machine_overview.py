"""The whole machine on one page: MemTotal as a bar that adds up, swap, nodes, and the charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from vmtui import units
from vmtui.draw import bar, machine_charts
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row, spread, width
from vmtui.draw.table import magnitude, path
from vmtui.kernel.nodes import Node
from vmtui.kernel.swaps import SwapDevice
from vmtui.kernel.zram import Zram, device_of
from vmtui.missing import Missing
from vmtui.model.accounting import Share
from vmtui.model.machine import MachineRow
from vmtui.model.machine_parts import OverviewDetail
from vmtui.model.sar import memory, paging, swapping
from vmtui.text import display

_SWAP = Paint("swapped-ink", bold=True)
_LEAST_CHARTS = 8
_SAR_FROM = 130


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page says."""

    row: MachineRow
    detail: OverviewDetail | None
    series: Mapping[str, Sequence[float | None]]
    """By machine field, for the charts."""
    seconds: float
    """How long they reach back."""
    letters: bool = False
    """Whether bars are filled with letters."""


def page(one: Overview, cells: int, lines: int) -> list[Row]:
    """Exactly `lines` rows: the sum always whole, what is below it as there is room."""
    roomy = lines >= 36
    rows: list[Row] = [()] * roomy
    rows += _memory(one, cells, roomy=roomy)
    rows += [()] * roomy
    below = _swap(one, cells, 4 if roomy else 1)
    nodes = _nodes(one, cells)
    rows += below
    if len(nodes) > 1 and lines - len(rows) - len(nodes) >= _LEAST_CHARTS:
        rows += nodes
    figures = _sar(one.row, cells) if roomy and cells >= _SAR_FROM else []
    if lines >= 24:
        rows.append((Run("─" * cells, Paint("rule")),))
    room = lines - len(rows) - (len(figures) + 1 if figures else 0)
    rows += only_charts(one, cells, room)
    if figures:
        rows += [(), *figures]
    rows += [()] * (lines - len(rows))
    return [fit(line, cells) for line in rows[:lines]]


def only_charts(one: Overview, cells: int, lines: int) -> list[Row]:
    """The charts alone."""
    why = _why(one.row.now.pressure)
    return machine_charts.charts(one.series, cells, lines, one.seconds, why)


# The sum


def _memory(one: Overview, cells: int, *, roomy: bool) -> list[Row]:
    shares = one.row.shares
    if not shares:
        return [row(Run(f"no accounting: {_why(one.row.now.meminfo)}", DIM))]
    total = sum(share.bytes for share in shares)
    segments = [
        bar.Segment(share.title, bar.VESSEL if share.slot == "absent" else share.slot,
                    max(0, share.bytes))
        for share in shares
    ]  # fmt: skip
    head = row(Run("MEM ", DIM), Run(f"{units.size(total)}  ", STRONG))
    room = cells - width(head)
    whole = sum(part.value for part in segments)
    bars = [(*head, *bar.bar(segments, whole, room, letters=one.letters))]
    if roomy:
        again = bar.bar(segments, whole, room, labels=False, letters=one.letters)
        bars.append((Run(" " * width(head)), *again))
        bars.append(())
    return [*bars, *_legend(shares, total, cells, letters=one.letters, roomy=roomy)]


def _legend(
    shares: Sequence[Share], total: int, cells: int, *, letters: bool, roomy: bool
) -> list[Row]:
    """Every part with its figures, column by column; the sum stands at the end."""
    about = roomy and cells >= 150
    across = 2 if about else max(1, (cells + 2) // (36 if cells >= 110 else 26))
    wide = (cells - 2 * (across - 1)) // across
    entries = [_entry(share, total, wide, letters=letters, about=about) for share in shares]
    figure = Run(f"{units.size(total):>6}", STRONG)
    percent = [Run("  100%", DIM)] if wide >= 34 else []
    title = Run("= MemTotal".ljust(_title_cells(wide) + 2), DIM)
    entries.append(fit(row(title, figure, *percent), wide))
    down = -(-len(entries) // across)
    columns = [entries[first : first + down] for first in range(0, len(entries), down)]
    rows = []
    for line in zip_longest(*columns, fillvalue=()):
        made: Row = ()
        for at, entry in enumerate(line):
            made += (Run("  "),) * bool(at) + fit(entry, wide)
        rows.append(made)
    return rows


def _title_cells(wide: int) -> int:
    return 19 if wide >= 34 else max(8, wide - 8)


def _entry(share: Share, total: int, wide: int, *, letters: bool, about: bool) -> Row:
    slot = bar.VESSEL if share.slot == "absent" else share.slot
    swatch = bar.letter_of(slot) if letters and slot != bar.VESSEL else "■"
    quiet = not share.bytes
    name = set_width(share.title, _title_cells(wide))
    runs = [
        Run(f"{swatch} ", Paint(slot)),
        Run(name, FAINT if quiet else DIM),
        Run(f"{units.size(share.bytes):>6}", magnitude(share.bytes)),
    ]
    if wide >= 34:
        runs.append(Run(f"{units.percent(100 * share.bytes / total):>6}", FAINT if quiet else DIM))
    if about:
        runs.append(Run(f"  {share.help}", FAINT))
    return row(*runs)


def set_width(text: str, cells: int) -> str:
    """Words of ours, cut or filled."""
    return text.ljust(cells) if len(text) <= cells else text[: cells - 1] + "…"


# Swap


def _swap(one: Overview, cells: int, most: int) -> list[Row]:
    """A line for each device, or the sum of them in one."""
    devices, head = one.row.now.swaps, Run("SWAP ", DIM)
    about = zswap(one.row, one.detail)
    if isinstance(devices, Missing):
        return [row(head, Run(devices.reason, FAINT))]
    if not devices:
        line = row(head, Run("no device in use: private memory stays where it is", FAINT))
        return [_with_zswap(line, about, cells)]
    zrams = dict(one.detail.zram) if one.detail else {}
    shown = devices if len(devices) <= most else devices[: max(0, most - 1)]
    rows = [_device(device, zrams, head if not at else Run("     "), cells)
            for at, device in enumerate(shown)]  # fmt: skip
    if len(shown) < len(devices):
        rest = devices[len(shown) :]
        used, size = (sum(getattr(each, name) for each in rest)
                      for name in ("used_bytes", "size_bytes"))  # fmt: skip
        lead = head if not rows else Run("     ")
        rows.append(_gauge(lead, used, size, f"{len(rest)} devices" if rows or len(rest) > 1
                           else "", cells))  # fmt: skip
    if rows:
        rows[0] = _with_zswap(rows[0], about, cells)
    return rows


def _with_zswap(line: Row, about: Row, cells: int) -> Row:
    """At the right, where there is room for it."""
    return spread(line, about, cells) if width((*line, *about)) + 2 <= cells else line


def _device(device: SwapDevice, zrams: Mapping[str, Zram | Missing], head: Run, cells: int) -> Row:
    name = "".join(run.text for run in path(display(device.path), 28)).rstrip()
    about = f"{name}  {device.kind}, priority {device.priority}"
    stored = zrams.get(device_of(device.path) or "")
    if isinstance(stored, Zram):
        about = f"{name}  {compressed(stored)}"
    elif isinstance(stored, Missing):
        about = f"{name}  {stored.reason}"
    return _gauge(head, device.used_bytes, device.size_bytes, about, cells)


def compressed(stored: Zram) -> str:
    """What a zram device holds, and in how little."""
    ratio = stored.ratio
    times = f", {ratio:.1f} times smaller" if ratio else ""
    more = f", {stored.huge_pages:,} pages incompressible" if stored.huge_pages else ""
    return f"{units.size(stored.original)} in {units.size(stored.used)} of memory{times}{more}"


def _gauge(head: Run, used: int, size: int, about: str, cells: int) -> Row:
    long = 24 if cells >= 120 else 12
    return row(
        head, *bar.bar([bar.Segment("", "swapped", used)], max(1, size), long, labels=False),
        Run(f" {units.size(used):>6}", _SWAP if used else FAINT),
        Run(f" of {units.size(size):<6}", DIM), Run(f" {about}", DIM),
    )  # fmt: skip


def zswap(machine: MachineRow, detail: OverviewDetail | None) -> Row:
    """Whether pages are compressed before they go to a device, and what that saves now."""
    if detail is None or isinstance(detail.zswap, Missing):
        return ()
    if not detail.zswap:
        return row(Run("zswap off", FAINT))
    pool, held = machine.meminfo("Zswap"), machine.meminfo("Zswapped")
    if isinstance(pool, Missing) or isinstance(held, Missing):
        return row(Run("zswap on", DIM))
    ratio = f", {held / pool:.1f} times smaller" if pool and held else ""
    return row(Run("zswap ", DIM), Run(units.size(held), TEXT),
               Run(f" in {units.size(pool)}{ratio}", DIM))  # fmt: skip


# Nodes


def _nodes(one: Overview, cells: int) -> list[Row]:
    """A bar for each node, where there is more than one."""
    nodes = one.detail.nodes if one.detail else ()
    if isinstance(nodes, Missing) or len(nodes) < 2:
        return []
    return [_node(node, cells, letters=one.letters) for node in nodes]


def _node(node: Node, cells: int, *, letters: bool) -> Row:
    parts = [
        bar.Segment(name, slot, value)
        for name, slot, value in (
            ("anon", "anon", node.anon), ("shmem", "shmem", node.shmem),
            ("file", "file", node.file), ("slab", "kernel", node.slab),
            ("tables", "kernel", node.page_tables),
        )
        if not isinstance(value, Missing)
    ]  # fmt: skip
    total = 0 if isinstance(node.total, Missing) else node.total
    free = 0 if isinstance(node.free, Missing) else node.free
    known = sum(part.value for part in parts) + free
    parts.append(bar.Segment("other", "unexplained", max(0, total - known)))
    parts.append(bar.Segment("free", bar.VESSEL, free))
    head = Run(f"node {node.number:<3}", DIM)
    tail = Run(f" {units.size(total - free):>6} of {units.size(total)}", DIM)
    room = cells - width((head, tail))
    return (head, *bar.bar(parts, total, room, letters=letters), tail)


# In sar's words


def _sar(machine: MachineRow, cells: int) -> list[Row]:
    tables = (
        ("sar -r", [(name, _count(value)) for name, value in memory(machine).items()]),
        ("sar -B", [(name, _rate(value)) for name, value in paging(machine).items()]),
        ("sar -W", [(name, _rate(value)) for name, value in swapping(machine).items()]),
    )
    rows: list[Row] = []
    for option, figures in tables:
        head, line = [Run(f"{option}  ", DIM)], [Run(" " * (len(option) + 2))]
        used = len(option) + 2
        for name, figure in figures:
            wide = max(len(name), len(figure)) + 2
            if used + wide > cells:
                break
            head.append(Run(name.rjust(wide), FAINT))
            line.append(Run(figure.rjust(wide), TEXT if figure.strip("0.–") else FAINT))
            used += wide
        rows += [tuple(head), tuple(line)]
    return rows


def _count(value: float | Missing) -> str:
    return "–" if isinstance(value, Missing) else f"{value:.0f}"


def _rate(value: float | Missing) -> str:
    return "–" if isinstance(value, Missing) else f"{value:.2f}"


def _why(value: object) -> str:
    return value.reason if isinstance(value, Missing) else ""


# In a sentence


def about(machine: MachineRow) -> Row:
    """What one must know of it."""
    total, available = machine.meminfo("MemTotal"), machine.meminfo("MemAvailable")
    if isinstance(total, Missing):
        return row(Run(f"nothing is known: {total.reason}", DIM))
    line: list[Run] = []
    if not isinstance(available, Missing):
        line += [Run(units.size(available), STRONG),
                 Run(f" of {units.size(total)} can be taken without swapping", DIM)]  # fmt: skip
    rest = machine.share("unexplained")
    if not isinstance(rest, Missing):
        share = units.percent(100 * abs(rest) / total)
        line += [Run("; ", DIM), Run(share, STRONG), Run(" is in no counter of the kernel", DIM)]
    stalled = machine.stalled("some")
    if not isinstance(stalled, Missing) and stalled:
        line += [Run("; tasks waited for memory ", DIM), Run(units.percent(stalled), STRONG),
                 Run(" of the last 10 s", DIM)]  # fmt: skip
    return row(*line)
