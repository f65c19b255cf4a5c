"""The machine above the process list: memory as a bar that adds up, and four live rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vmtui import units
from vmtui.draw import bar
from vmtui.draw.beside import beside, equal_widths
from vmtui.draw.chart import Series, chart
from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, Run, fit, row, width
from vmtui.draw.sparkline import trend
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit
from vmtui.model.machine import MachineReading, MachineRow

_VERMILLION = Paint("swapped-ink", bold=True)


@dataclass(frozen=True, slots=True)
class Rates:
    """What the strip charts, oldest first; None where the kernel did not say."""

    faults: list[float | None]
    major: list[float | None]
    swap_in: list[float | None]
    swap_out: list[float | None]
    some: list[float | None]
    full: list[float | None]
    why_no_pressure: str


POINTS = 180
"""How many ticks the charts are wide; what is not there yet stays empty at the left."""
SECONDS = 185.0
"""How far back they reach at one tick a second."""


def rates_of(readings: Sequence[MachineReading]) -> Rates:
    """The rates between neighbouring readings; the same reading twice counts once."""
    distinct = [
        reading for i, reading in enumerate(readings) if reading is not readings[i - 1] or not i
    ]
    rows = [MachineRow(now, before) for before, now in pairwise(distinct[-POINTS - 1 :])]
    early: list[float | None] = [None] * (POINTS - len(rows))
    return Rates(
        faults=early + [_known(machine.rate("pgfault")) for machine in rows],
        major=early + [_known(machine.rate("pgmajfault")) for machine in rows],
        swap_in=early + [_known(machine.rate("pswpin")) for machine in rows],
        swap_out=early + [_known(machine.rate("pswpout")) for machine in rows],
        some=early + [_known(machine.stalled("some")) for machine in rows],
        full=early + [_known(machine.stalled("full")) for machine in rows],
        why_no_pressure=_reason(distinct[-1].pressure) if distinct else "",
    )


def _known(value: float | Missing) -> float | None:
    return None if isinstance(value, Missing) else value


def _reason(value: object) -> str:
    return value.reason if isinstance(value, Missing) else ""


def segments_of(reading: MachineReading) -> list[bar.Segment]:
    """MemTotal in the parts a bar can show; what is free comes last."""
    totals: dict[str, int] = {}
    for share in reading.shares():
        totals[share.slot] = totals.get(share.slot, 0) + max(0, share.bytes)
    names = {"swapped": "swap cache", "huge": "huge pages", "absent": "free"}
    order = ("anon", "swapped", "shmem", "file", "dirty", "huge", "kernel", "unexplained", "absent")
    return [
        bar.Segment(names.get(slot, slot), bar.VESSEL if slot == "absent" else slot, totals[slot])
        for slot in order
        if slot in totals
    ]


def strip(
    reading: MachineReading, rates: Rates, cells: int, lines: int, *, letters: bool = False
) -> list[Row]:
    """The strip in 2 lines, or with legend and charts in `lines` of 6 and more."""
    machine = MachineRow(reading)
    if lines < 6:
        return [_memory_line(machine, cells, letters=letters), _rates_line(rates, cells)]
    return [
        *_memory_block(machine, cells, letters=letters),
        (),
        *_charts(rates, cells, lines - 3),
    ]


def _used(machine: MachineRow) -> tuple[str, str]:
    total, free = machine.meminfo("MemTotal"), machine.meminfo("MemFree")
    if isinstance(total, Missing) or isinstance(free, Missing):
        return "–", "–"
    return _of(total - free, total)


def _of(part: float, whole: float) -> tuple[str, str]:
    """Two sizes in the unit of the second: 14.5, 23.5G."""
    text = units.size(whole)
    base = 1024 ** "BKMGTPE".index(text[-1] if text[-1].isalpha() else "B")
    return f"{part / base:.{1 if part / base < 99.95 else 0}f}", text


def _swap(machine: MachineRow) -> tuple[str, float, float]:
    used, total = machine.swap_used, machine.meminfo("SwapTotal")
    if isinstance(used, Missing) or isinstance(total, Missing):
        return "–", 0, 0
    if not total:
        return "none", 0, 0
    return "/".join(_of(used, total)), used, total


def _memory_line(machine: MachineRow, cells: int, *, letters: bool) -> Row:
    swap, used, _ = _swap(machine)
    tail = row(
        Run("  " + "/".join(_used(machine)), STRONG), Run("  SWAP ", DIM),
        Run(swap, _VERMILLION if used else STRONG if swap != "none" else FAINT), Run(" "),
    )  # fmt: skip
    room = max(10, cells - 5 - width(tail))
    segments = segments_of(machine.now)
    total = sum(part.value for part in segments)
    return fit((Run(" MEM ", DIM), *bar.bar(segments, total, room, letters=letters), *tail), cells)


def _rates_line(rates: Rates, cells: int) -> Row:
    psi = rates.some[-1] if rates.some and rates.some[-1] is not None else None
    parts: list[tuple[str, list[float | None], str, str]] = [
        ("faults/s", rates.faults, _last(rates.faults), "strong"),
        ("maj", rates.major, _last(rates.major), "swapped"),
        ("swap i/o", _sum(rates.swap_in, rates.swap_out),
         f"{_last(rates.swap_in)}·{_last(rates.swap_out)}", "swapped"),
    ]  # fmt: skip
    if psi is not None:
        parts.append(("psi", rates.some, units.percent(psi), "strong"))
    texts = sum(len(name) + 6 for name, *_ in parts) + 3 * len(parts)
    room = max(3, (cells - texts) // len(parts))
    line: Row = ()
    for name, values, live, slot in parts:
        line += (Run(f" {name} ", DIM), *trend(values[-2 * room :], room, slot=slot, steps=False),
                 Run(f" {live:<5}", STRONG))  # fmt: skip
    return fit(line, cells)


def _last(values: Sequence[float | None]) -> str:
    return "–" if not values or values[-1] is None else units.rate(values[-1])


def _sum(one: Sequence[float | None], other: Sequence[float | None]) -> list[float | None]:
    return [None if a is None or b is None else a + b for a, b in zip(one, other, strict=True)]


def _memory_block(machine: MachineRow, cells: int, *, letters: bool) -> list[Row]:
    """Bar and legend; swap at the right as a bar of its own."""
    used, whole = _used(machine)
    head = row(Run(" MEM ", DIM), Run(f"{used}/{whole}  ", STRONG))
    text, swapped, total = _swap(machine)
    if total:
        gauge = bar.bar([bar.Segment("", "swapped", swapped)], total, 12, labels=False)
        tail = row(Run("  SWAP ", DIM), *gauge, Run(f"  {text} ", STRONG))
    else:
        tail = row(Run("  SWAP ", DIM), Run(f"{text} ", FAINT))
    room = max(10, cells - width(head) - width(tail))
    segments = segments_of(machine.now)
    bars = bar.bar(segments, sum(part.value for part in segments), room, letters=letters)
    legend = bar.legend(segments, cells - width(head), letters=letters)
    blank = Run(" " * width(head))
    return [fit((*head, *bars, *tail), cells), fit((blank, *(legend[0] if legend else ())), cells)]


def _charts(rates: Rates, cells: int, lines: int) -> list[Row]:
    widths = equal_widths(4, cells - 2, 3)
    pressure = "pressure some · full"
    if rates.why_no_pressure:
        pressure = "pressure: not offered here"
    drawings = [
        chart(title, series, wide, lines, unit=unit, axes=False)
        for wide, (title, unit, series) in zip(
            widths,
            [
                ("faults/s", Unit.RATE, [Series("", "strong", rates.faults, steps=False)]),
                ("major/s", Unit.RATE, [Series("", "swapped", rates.major, steps=False)]),
                ("swap in · out  pages/s", Unit.RATE,
                 [Series("in", "swapped", rates.swap_in, steps=False),
                  Series("out", "swapped", rates.swap_out, steps=False)]),
                (pressure, Unit.PERCENT,
                 [Series("some", "strong", rates.some, steps=False),
                  Series("full", "swapped", rates.full, steps=False)]),
            ],
            strict=True,
        )
    ]  # fmt: skip
    return [(Run(" "), *line) for line in beside(drawings, widths, 3)]
