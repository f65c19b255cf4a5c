"""The card of a fault: the signal, its code, the exact address, and what lies there."""

from __future__ import annotations

from vmtui import units
from vmtui.draw.lab import tiles
from vmtui.draw.lab.prose import paragraph
from vmtui.draw.lab.scene import Fault, Scene
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, on, row, spread

_ALARM = Paint("alarm-ink", "alarm", bold=True)
_ALLOWED = Paint("file-label", "file", bold=True)


def card(scene: Scene, fault: Fault | None, cells: int, lines: int) -> list[Row]:
    """At most `lines` rows; before anything was tried, what will happen."""
    words = scene.words
    if fault is None and scene.step < 0:
        return [
            *tiles.empty(scene, cells, lines - 3),
            (),
            *(row(Run(f"  {line}", FAINT)) for line in paragraph(words.fault_wait, cells - 3)),
        ]
    if fault is None:
        return []
    what = f"{words.tried.get(fault.kind, fault.kind)} "
    badge = Run(f" {fault.measured} ", _ALARM) if fault.measured else Run(
        f" {words.no_signal} ", _ALLOWED)  # fmt: skip
    rows: list[Row] = [
        row(Run(what, DIM), Run(units.address(fault.address), STRONG),
            Run(f"   {words.by_a_copy.format(fault.process)} {fault.pid or ''}", FAINT)),
        (),
        row(badge),
    ]  # fmt: skip
    if not scene.hidden:
        same = fault.predicted == fault.measured or (
            not fault.measured and fault.predicted in ("", "none")
        )
        rows.append(row(Run(f" {words.predicted} ", DIM), Run(fault.predicted or "none", TEXT),
                        Run("  =" if same and fault.as_predicted else "  ≠",
                            DIM if fault.as_predicted else _ALARM)))  # fmt: skip
    if fault.measured:
        told = words.no_address if fault.si_addr == "0x0" and fault.address else fault.si_addr
        rows.append(row(Run(f" {words.si_addr} ", DIM), Run(told, TEXT)))
    rows += [(), row(Run(f"{words.lies}  ", DIM), Run(fault.lies_in, STRONG))]
    rows += _map(scene, fault, cells)
    if fault.pid and fault.measured:
        rows += [(), row(Run(words.frozen, FAINT))]
    if len(rows) > lines:
        rows = [line for line in rows if line]
    return [fit(line, cells) for line in rows[:lines]]


def _map(scene: Scene, fault: Fault, cells: int) -> list[Row]:
    """The mapped stretches around the address, in order, and the address among them."""
    words = scene.words
    entries: list[tuple[int, Row]] = []
    inside = False
    for one in fault.neighbours:
        here = one.start <= fault.address <= one.end
        inside = inside or here
        size = one.end + 1 - one.start
        offset = f"  +{fault.address - one.start:#x}" if here else ""
        line = row(
            Run("▸ " if here else "  ", STRONG), Run(f"{one.start:012x}", TEXT if here else DIM),
            Run(f" {units.size(size):>5} ", DIM), Run(_bar(size), Paint("text", "vessel")),
            Run(f" {one.name}", STRONG if here else TEXT), Run(offset, DIM),
        )  # fmt: skip
        entries.append((one.start, on(spread(line, (), cells), "cursor") if here else line))
    if not inside:
        line = row(Run("▸ ", STRONG), Run(units.address(fault.address), STRONG),
                   Run("       ╌╌ ", FAINT), Run(f"{words.unmapped}", DIM))  # fmt: skip
        entries.append((fault.address, on(spread(line, (), cells), "cursor")))
    return [line for _, line in sorted(entries, key=lambda entry: entry[0])]


def _bar(size: int) -> str:
    """A vessel as long as the size is large, by its logarithm."""
    return " " * max(1, min(12, size.bit_length() - 11))
