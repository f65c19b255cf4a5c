"""`vmtui machine`: where the machine's memory is, adding up, and how fast it moves."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from vmtui import units
from vmtui.cli import machine_files, machine_frames, machine_oom
from vmtui.cli.arguments import add_output, seconds
from vmtui.cli.output import Answer, deliver
from vmtui.cli.table import Table, column
from vmtui.export.document import Absences, Json, document, records
from vmtui.kernel.meminfo import MemInfo
from vmtui.kernel.pressure import Line
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit
from vmtui.model.fields.machine import MACHINE_FIELDS, SHARE_FIELDS
from vmtui.model.machine import MachineReading, MachineRow
from vmtui.observe.machine_sampler import MachineSampler
from vmtui.text import display
from vmtui.told import Told

_HUGE = {
    "size": "Hugepagesize",
    "total": "HugePages_Total",
    "free": "HugePages_Free",
    "reserved": "HugePages_Rsvd",
    "surplus": "HugePages_Surp",
    "all_pools": "Hugetlb",
    "anon": "AnonHugePages",
    "shmem": "ShmemHugePages",
    "file": "FileHugePages",
}
"""Keys of `huge_pages`: total to surplus are counts of pages of that size, the rest is bytes."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "--over", type=seconds, default=0.5, metavar="S", help="measure rates over S (default 0.5)"
    )
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--files",
        nargs="*",
        metavar="PATH",
        help="the page cache by file: what processes have open or mapped, or these paths",
    )
    part.add_argument(
        "--frames", action="store_true", help="what every frame of memory is used for (root)"
    )
    part.add_argument(
        "--oom", action="store_true", help="whom the OOM killer would take now, with the arithmetic"
    )
    add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the machine, or a part of it that costs more."""
    if arguments.files is not None:
        look_at = partial(machine_files.look, arguments.files)
        deliver(arguments, look_at, "asking what of each file is cached")
        return 0
    if arguments.frames:
        deliver(arguments, machine_frames.look, "reading frames")
        return 0
    if arguments.oom:
        deliver(arguments, machine_oom.look, "reading processes")
        return 0
    sampler, before = MachineSampler(), None

    def look(_told: Told) -> Answer:
        nonlocal before
        if before is None:
            before = sampler.read()
            time.sleep(arguments.over)
        now = sampler.read()
        row, before = MachineRow(now, before), now
        return _answer(row)

    deliver(arguments, look, "reading the machine")
    return 0


def _answer(row: MachineRow) -> Answer:
    absences = Absences()
    now = row.now
    memory = _or_null(now.meminfo, "memory", absences)
    body = {
        "memory": None if memory is None else dict(memory.figures),
        "rates": _rates(row, absences),
        "pressure": _pressure(row, absences),
        "swaps": _swaps(now, absences),
        "free_blocks": _free_blocks(now, absences),
        "huge_pages": None if memory is None else _huge_pages(memory, absences),
        "accounting": records(SHARE_FIELDS, row.shares, absences),
    }
    made = document("machine", body, absences)
    return Answer(lambda: made, _tables(row), csv=_flat(made))


def _or_null(part: Any, name: str, absences: Absences) -> Any:
    if isinstance(part, Missing):
        absences.note(name, part)
        return None
    return part


def _rates(row: MachineRow, absences: Absences) -> dict[str, float] | None:
    rates = _or_null(row.rates, "rates", absences)
    if rates is None:
        return None
    return {name: round(value, 3) for name, value in rates.per_second.items()}


def _pressure(row: MachineRow, absences: Absences) -> Json | None:
    pressure = _or_null(row.now.pressure, "pressure", absences)
    if pressure is None:
        return None
    full = _or_null(pressure.full, "pressure.full", absences)
    return {"some": _line(pressure.some), "full": full and _line(full)}


def _line(line: Line) -> Json:
    return {
        "avg10": line.avg10,
        "avg60": line.avg60,
        "avg300": line.avg300,
        "total_us": line.total_us,
    }


def _swaps(now: MachineReading, absences: Absences) -> list[Json] | None:
    swaps = _or_null(now.swaps, "swaps", absences)
    if swaps is None:
        return None
    made = []
    for device in swaps:
        path = str(display(device.path, limit=None))
        entry: Json = {
            "path": path,
            "kind": device.kind,
            "size": device.size_bytes,
            "used": device.used_bytes,
            "priority": device.priority,
        }
        if path.encode() != device.path:
            entry["path_bytes"] = device.path.hex()
        made.append(entry)
    return made


def _free_blocks(now: MachineReading, absences: Absences) -> list[Json] | None:
    zones = _or_null(now.free_blocks, "free_blocks", absences)
    if zones is None:
        return None
    return [{"node": zone.node, "zone": zone.zone, "orders": list(zone.orders)} for zone in zones]


def _huge_pages(memory: MemInfo, absences: Absences) -> Json:
    return {
        key: _or_null(memory[name], f"huge_pages.{key}", absences) for key, name in _HUGE.items()
    }


def _flat(made: Json) -> Table:
    """The document as rows of name and value: `memory.MemTotal,25276510208`."""
    columns = (
        column("NAME", Unit.TEXT, lambda row: row[0], name="name"),
        column("VALUE", Unit.ID, lambda row: row[1], name="value"),
    )
    body = {name: part for name, part in made.items() if name not in ("schema", "missing")}
    return Table(columns, list(_leaves(body)))


def _leaves(part: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    match part:
        case dict():
            for key, value in part.items():
                yield from _leaves(value, f"{name}.{key}" if name else key)
        case list():
            for index, value in enumerate(part):
                match value:
                    case {"name": str(of), "bytes": amount}:  # a part of the accounting
                        yield f"{name}.{of}", amount
                    case _:
                        yield from _leaves(value, f"{name}.{index}")
        case None:
            yield name, Missing("see the document")
        case _:
            yield name, part


def _tables(row: MachineRow) -> tuple[Table, ...]:
    total = row.meminfo("MemTotal")
    whole = total if isinstance(total, int) and total else 1
    parts = Table(
        (
            column("MEMORY", Unit.TEXT, lambda share: share.title, width=20),
            column("SIZE", Unit.BYTES, lambda share: share.bytes),
            column("SHARE", Unit.PERCENT, lambda share: share.bytes / whole * 100),
            column("", Unit.TEXT, lambda share: share.help, width=0),
        ),
        row.shares,
        note=f"together {units.size(total)}: MemTotal" if isinstance(total, int) else str(total),
    )
    moving = Table(
        tuple(
            field
            for field in MACHINE_FIELDS
            if field.id.endswith("_rate") or field.id.startswith(("pressure_", "swap_"))
        ),
        [row],
    )
    return (parts, moving, *_swap_tables(row.now), *_block_tables(row.now))


def _swap_tables(now: MachineReading) -> Iterator[Table]:
    if isinstance(now.swaps, Missing):
        yield Table((), (), title=f"swap: {now.swaps.reason}")
    elif not now.swaps:
        yield Table((), (), title="no swap device is in use")
    else:
        yield Table(
            (
                column("SWAP", Unit.TEXT, lambda device: display(device.path), width=0),
                column("KIND", Unit.TEXT, lambda device: device.kind),
                column("SIZE", Unit.BYTES, lambda device: device.size_bytes),
                column("USED", Unit.BYTES, lambda device: device.used_bytes),
                column("PRIORITY", Unit.ID, lambda device: device.priority),
            ),
            now.swaps,
        )


def _block_tables(now: MachineReading) -> Iterator[Table]:
    if isinstance(now.free_blocks, Missing):
        yield Table((), (), title=f"free blocks: {now.free_blocks.reason}")
        return
    orders = max((len(zone.orders) for zone in now.free_blocks), default=0)
    yield Table(
        (
            column("FREE BLOCKS", Unit.TEXT, lambda zone: f"node {zone.node} {zone.zone}"),
            *(_order_column(order) for order in range(orders)),
        ),
        now.free_blocks,
        note="by order: blocks of 2^order pages",
    )


def _order_column(order: int) -> Any:
    return column(str(order), Unit.COUNT, lambda zone: zone.orders[order])
