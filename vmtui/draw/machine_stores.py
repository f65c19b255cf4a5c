"""Where memory is kept in another way: swap devices, compressed swap, huge page pools, KSM."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui import units
from vmtui.draw import bar
from vmtui.draw.machine_overview import compressed, zswap
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row, width
from vmtui.draw.sentences import figure, words
from vmtui.draw.table import magnitude, path
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.huge_pools import HugePool
from vmtui.kernel.ksm import Ksm
from vmtui.kernel.swaps import SwapDevice
from vmtui.kernel.zram import Zram, device_of
from vmtui.missing import Missing
from vmtui.model.machine import MachineRow
from vmtui.model.machine_parts import BlockDetail, OverviewDetail
from vmtui.text import display

_TITLE = Paint("text", bold=True)
_SWAP = Paint("swapped-ink", bold=True)
_KSM_STATES = ("stopped", "running", "stopped, everything unmerged")


def swap(
    machine: MachineRow, detail: OverviewDetail | None, cells: int, *, roomy: bool
) -> list[Row]:
    """A line for each device; below a compressed one what it holds in how little; zswap."""
    devices = machine.now.swaps
    title = Run(f"{'swap':<12}", _TITLE)
    about = zswap(machine, detail)
    if isinstance(devices, Missing):
        return [row(title, words(devices.reason))]
    if not devices:
        rows = [row(title, words("no device in use"))]
    else:
        zrams = dict(detail.zram) if detail else {}
        name = 12 if cells < 60 else min(30, max(12, max(_long(device) for device in devices) + 2))
        head = f"{'SIZE':>7}{'USED':>8}{'PRIORITY':>10}  "
        rows = [row(Run(f"{'swap':<{name}}", _TITLE), Run(head, DIM))]
        for device in devices:
            rows += _device(device, zrams.get(device_of(device.path) or ""), name, cells)
    if about and width((*rows[0], *about)) + 3 <= cells:
        blank = cells - width((*rows[0], *about))
        rows[0] = (*rows[0], Run(" " * blank), *about)
    elif about and roomy:
        rows.append(about)
    return [fit(line, cells) for line in rows]


def _long(device: SwapDevice) -> int:
    return len(display(device.path))


def _device(device: SwapDevice, stored: Zram | Missing | None, name: int, cells: int) -> list[Row]:
    used, size = device.used_bytes, device.size_bytes
    line = [
        *path(display(device.path), name - 1), Run(" "),
        Run(f"{units.size(size):>7}", magnitude(size)),
        Run(f"{units.size(used):>8}", _SWAP if used else FAINT),
        Run(f"{device.priority:>10}  ", DIM),
    ]  # fmt: skip
    line[0:1] = fit((line[0],), name - 1)
    room = cells - width(line) - 11
    if room >= 8:
        line += bar.bar([bar.Segment("", "swapped", used)], max(1, size), room, labels=False)
        line.append(Run(f"  {device.kind}", DIM))
    rows = [tuple(line)]
    if isinstance(stored, Zram):
        rows.append(row(words("  holds "), figure(compressed(stored))))
    elif isinstance(stored, Missing):
        rows.append(row(words(f"  {stored.reason}")))
    return rows


def huge_pages(
    machine: MachineRow, detail: BlockDetail | None, cells: int, *, roomy: bool
) -> list[Row]:
    """The pools of each size, then what is made of transparent huge pages."""
    if detail is None:
        return [row(Run("huge pages", _TITLE))]
    pools, rows = detail.pools, []
    if isinstance(pools, Missing):
        rows.append(row(Run(f"{'huge pages':<12}", _TITLE), words(pools.reason)))
    else:
        wide = 9 if cells >= 58 else 7
        titles = ("POOL", "FREE", "RESERVED" if wide > 8 else "RESVD", "SURPL", "MORE")
        head = "".join(text.rjust(wide) for text in titles)
        rows.append(row(Run(f"{'huge pages':<12}", _TITLE), Run(head, DIM)))
        rows += [_pool(pool, wide) for pool in pools]
        if roomy and not any(_known(pool.pages) for pool in pools):
            rows.append(row(Run("no pool: MAP_HUGETLB fails until vm.nr_hugepages is set", FAINT)))
    rows += _transparent(machine, detail, cells)
    return [fit(line, cells) for line in rows]


def _pool(pool: HugePool, wide: int) -> Row:
    figures = (pool.pages, pool.free, pool.reserved, pool.surplus, pool.overcommit)
    line = [Run(f"{units.size(pool.page_bytes):<12}", TEXT)]
    for value in figures:
        if isinstance(value, Missing):
            line.append(Run("–".rjust(wide), FAINT))
        else:
            line.append(Run(f"{units.pages(value):>{wide}}", TEXT if value else FAINT))
    total = _known(pool.pages) * pool.page_bytes
    return row(*line, Run(f"   {units.size(total)}" if total and wide > 8 else "", STRONG))


def _known(value: int | Missing) -> int:
    return 0 if isinstance(value, Missing) else value


def _transparent(machine: MachineRow, detail: BlockDetail, cells: int) -> list[Row]:
    mode = detail.thp
    said = mode.reason if isinstance(mode, Missing) else mode
    entries: list[Row] = [(figure(said),)]
    for title, name in (("anon", "AnonHugePages"), ("shmem", "ShmemHugePages"),
                        ("file", "FileHugePages")):  # fmt: skip
        value = machine.meminfo(name)
        if not isinstance(value, Missing):
            entries.append((words(f"{title} "), Run(units.size(value), STRONG if value else FAINT)))
    return _flowing("transparent", entries, cells)


def _flowing(label: str, entries: Sequence[Row], cells: int) -> list[Row]:
    """A label, then the entries, two blanks between them, on as many lines as they need."""
    lines: list[list[Run]] = [[Run(f"{label:<12}", TEXT)]]
    for entry in entries:
        if width((*lines[-1], *entry)) > cells and len(lines[-1]) > 1:
            lines.append([Run(" " * 12)])
        lines[-1] += [*entry, Run("  ")]
    return [tuple(line[:-1]) for line in lines if len(line) > 1]


def merging(detail: BlockDetail | None, cells: int, *, roomy: bool) -> list[Row]:
    """What KSM merged, and what it saves."""
    title = Run(f"{'KSM':<12}", _TITLE)
    if detail is None:
        return [row(title)]
    ksm = detail.ksm
    if isinstance(ksm, Missing):
        return [row(title, words(ksm.reason))]
    state = "–" if isinstance(ksm.run, Missing) else _state(ksm.run)
    shared, sharing = ksm.shared, ksm.sharing
    rows = [row(title, figure(state))]
    if not isinstance(shared, Missing) and not isinstance(sharing, Missing) and shared:
        more = row(
            words(": "), figure(units.pages(shared)), words(" frames for "),
            figure(units.pages(shared + sharing)), words(" pages, saved "),
            figure(units.size(sharing * PAGE_SIZE)),
        )  # fmt: skip
        rows[0] += (
            more
            if width((*rows[0], *more)) <= cells
            else (words(": "), figure(units.pages(sharing)), words(" pages saved"))
        )
    if roomy or (not isinstance(ksm.run, Missing) and ksm.run == 1):
        rows += _merging_figures(ksm, cells)
    return [fit(line, cells) for line in rows]


def _state(run: int) -> str:
    return _KSM_STATES[run] if 0 <= run < len(_KSM_STATES) else str(run)


def _merging_figures(ksm: Ksm, cells: int) -> list[Row]:
    """The rest of its counters, as many a line as fit."""
    figures: Sequence[tuple[str, int | Missing]] = (
        ("merged", ksm.shared), ("equal to them", ksm.sharing), ("unlike any other", ksm.unshared),
        ("changing", ksm.volatile), ("zero pages", ksm.zero_pages), ("scans", ksm.full_scans),
    )  # fmt: skip
    entries = [
        (figure(units.pages(value)) if value else Run("0", FAINT), words(f" {name}"))
        for name, value in figures
        if not isinstance(value, Missing)
    ]
    return _flowing("", entries, cells)
