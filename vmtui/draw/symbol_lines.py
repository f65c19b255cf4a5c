"""Objects, sections and functions in lines: sums, a sentence on one, files not looked into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vmtui import units
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, row
from vmtui.draw.sentences import figure, words
from vmtui.missing import Missing
from vmtui.model.fields.symbols import ObjectRow, PartRow, resident_percent
from vmtui.text import DisplayText

_SWAP = TEXT._replace(ink="swapped-ink")
_OWN = Paint("anon-ink", bold=True)


def _known(amount: int | Missing) -> int:
    return 0 if isinstance(amount, Missing) else amount


def sums(name: str, rows: Iterable[ObjectRow | PartRow]) -> Row:
    """All rows together: mapped, in memory, private dirty, in swap; what is not known adds none."""
    size = resident = dirty = swapped = 0
    for one in rows:
        size += _known(one.size)
        resident += _known(one.resident)
        dirty += _known(one.private_dirty)
        swapped += _known(one.swapped)
    return row(Run(f"{name}  ", STRONG), *_amounts(size, resident, dirty, swapped))


def _amounts(size: int, resident: int, dirty: int, swapped: int) -> list[Run]:
    line = [
        figure(units.size(size)), words(" mapped, "), figure(units.size(resident)),
        words(" in memory"),
    ]  # fmt: skip
    if dirty:
        line += [words(", "), Run(units.size(dirty), _OWN), words(" written: its own")]
    if swapped:
        line += [words(", "), Run(units.size(swapped), _SWAP), words(" in swap")]
    return line


def about_object(one: ObjectRow) -> Row:
    """An object in a sentence."""
    name = one.path.rpartition("/")[2] or one.path
    head = Run(f"{name}  ", STRONG)
    figures = (one.size, one.resident, one.private_dirty, one.swapped)
    known = [value for value in figures if not isinstance(value, Missing)]
    if len(known) < len(figures):
        why = next(value for value in figures if isinstance(value, Missing))
        return row(head, words(why.reason))
    line = [head, *_amounts(*known)]
    if not isinstance(one.symbols, Missing):
        line += [
            words(" · "),
            figure(f"{one.symbols:,}"),
            words(f" symbols from {one.symbols_from}"),
        ]
    return row(*line)


def about_part(one: PartRow) -> Row:
    """A section or a function in a sentence."""
    share = resident_percent(one)
    line = [
        Run(f"{one.object}!{one.name}  ", STRONG),
        *_amounts(one.size, one.resident, one.private_dirty, one.swapped),
    ]
    if not isinstance(share, Missing):
        line.append(words(f" ({units.percent(share)})"))
    if not isinstance(one.address, Missing):
        line.append(words(f" · at {one.address:012x}"))
    return row(*line)


def unread(
    files: Sequence[tuple[DisplayText, Missing]], jit: str | Missing
) -> list[Row]:  # fmt: skip
    """Files that are not in the table, a reason each, and whether a JIT compiler's map is used."""
    drawn: list[Row] = [()]
    if files:
        drawn.append(row(Run("not looked into", STRONG)))
        drawn += [row(Run(f"  {path}  ", TEXT), Run(why.reason, DIM)) for path, why in files[:40]]
        if len(files) > 40:
            drawn.append(row(words(f"  and {len(files) - 40:,} more")))
    told = jit.reason if isinstance(jit, Missing) else jit
    if told:
        drawn.append(row(Run("JIT map  ", DIM), Run(told, FAINT)))
    return drawn


def labels(
    object_name: DisplayText, sections: Sequence[DisplayText], symbols: Sequence[DisplayText],
    more: int,
) -> list[Run]:  # fmt: skip
    """What lies on a page, for the line under a grid: `libc.so.6 .text: malloc, free, 3 more`."""
    line = [words(" · "), figure(object_name)]
    if sections:
        line.append(words(f" {' '.join(sections[:3])}{' …' if len(sections) > 3 else ''}"))
    if symbols:
        line.append(words(": "))
        line.append(figure(", ".join(symbols[:3])))
        rest = more + max(0, len(symbols) - 3)
        line.append(words(f", {rest:,} more" if rest else ""))
    return line
