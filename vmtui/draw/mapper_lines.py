"""Who maps a frame, as far as the search has got."""

from __future__ import annotations

from vmtui import units
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Row, Run, fit, row
from vmtui.draw.sentences import figure, words
from vmtui.missing import Missing
from vmtui.model.mappers import Mapper, Mappers
from vmtui.text import display

_STAGES = {
    "same address": "asking every process at the same address",
    "same file": "asking everybody who maps the file",
    "everywhere": "looking through the memory of every process",
    "done": "",
}


HEADER = row(Run(f"{'PID':>7}  {'COMMAND':<16}  ADDRESS", DIM))


def line(mapper: Mapper, pid: int | None) -> Row:
    """One of them.

    Args:
        mapper: PID, name and address.
        pid: the process one came from: its line is marked.
    """
    own = mapper.pid == pid
    paint = STRONG if own else TEXT
    return row(
        Run(f"{mapper.pid:>7}", paint), Run(f"  {display(mapper.comm):<16}", paint),
        Run(f"  {mapper.address:012x}", TEXT), Run("  this one" if own else "", FAINT),
    )  # fmt: skip


def rows(search: Mappers, cells: int, lines: int, pid: int | None = None) -> list[Row]:
    """Header, the mappers found, and how the search stands.

    Args:
        search: its latest state.
        cells: width.
        lines: at most; what does not fit is counted.
        pid: the process one came from: its line is marked.
    """
    drawn = [HEADER]
    room = max(1, lines - 2)
    shown = search.found if len(search.found) <= room else search.found[: room - 1]
    drawn += [line(mapper, pid) for mapper in shown]
    if len(shown) < len(search.found):
        drawn.append(row(words(f"        and {len(search.found) - len(shown):,} more")))
    drawn.append(state(search))
    return [fit(line, cells) for line in drawn[:lines]]


def state(search: Mappers) -> Row:
    """How many of how many are found, and where it is looked now."""
    count = search.map_count
    of = "" if isinstance(count, Missing) else f" of {count:,}"
    found = figure(f"{len(search.found):,}{of}")
    refused = ""
    if search.refused:
        many = "process refuses" if search.refused == 1 else "processes refuse"
        refused = f"; {search.refused:,} {many} to be looked into"
    if search.finished:
        return row(found, words(f" found: {search.why}{refused}"))
    looked = units.pages(search.pages)
    where = f"{search.searched:,} of {search.processes:,} processes, {looked} pages"
    return row(found, words(f" found, {_STAGES[search.stage]}: {where}{refused}"))
