"""The picture of `overcommit`: what was promised, what there is, and what was ever touched."""

from __future__ import annotations

from vmtui import units
from vmtui.draw.lab.scene import Scene
from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, Run, fit, row, width

_ALARM = Paint("alarm-ink", "alarm", bold=True)


def picture(scene: Scene, cells: int, lines: int) -> list[Row]:
    """Three bars on one scale."""
    said, words = scene.promises, scene.words
    if said is None:
        return []
    total = sum(size for _, size in said.parts)
    bare = sum(size for _, size in said.unpromised)
    whole = max(total, said.memory, bare, 1)
    room = cells - 2
    rows: list[Row] = [()]
    rows += _bar(words.promised, total, [(n, s, "vessel") for n, s in said.parts], whole, room)
    if said.unpromised:
        free = [(n, s, "vessel") for n, s in said.unpromised]
        rows += _bar(words.unpromised, bare, free, whole, room)
    rows += _bar(words.memory, said.memory, [("", said.memory, "kernel")], whole, room)
    rows += _bar(words.touched, said.touched, [("", said.touched, "anon")], whole, room)
    if said.refused:
        rows.append(row(Run(f" {said.refused} ", _ALARM)))
    if len(rows) > lines:
        rows = [line for line in rows if line]
    return [fit(line, cells) for line in rows[:lines]]


def _bar(
    name: str, total: int, parts: list[tuple[str, int, str]], whole: int, cells: int
) -> list[Row]:
    head = row(Run(name, STRONG), Run(f"  {units.size(total)}", DIM))
    line: list[Run] = []
    for label, size, slot in parts:
        if not size:
            continue
        wide = max(1, round(size / whole * cells) - (1 if len(parts) > 1 else 0))
        text = f" {label} {units.size(size)}" if label else ""
        if width((Run(text),)) >= wide:
            text = f" {label}" if width((Run(f" {label}"),)) < wide else ""
        ink = "text" if slot == "vessel" else f"{slot}-label"
        line.append(Run(text + " " * (wide - width((Run(text),))), Paint(ink, slot)))
        if len(parts) > 1:
            line.append(Run(" "))
    return [head, tuple(line) or (Run("·", FAINT),), ()]
