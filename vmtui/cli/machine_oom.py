"""`vmtui machine --oom`: whom the OOM killer would take now."""

from __future__ import annotations

from vmtui import units
from vmtui.cli.output import Answer
from vmtui.cli.table import Table
from vmtui.errors import NotSupported
from vmtui.export.document import Absences, document
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit
from vmtui.model.fields.oom import OOM_FIELDS
from vmtui.observe import oom_ranking
from vmtui.text import display
from vmtui.told import Told

_COLUMNS = tuple(field for field in OOM_FIELDS if field.unit is not Unit.SERIES)


def look(_told: Told) -> Answer:
    """The ranking.

    Raises:
        NotSupported: the size of memory is not known.
    """
    ranking = oom_ranking.read()
    if isinstance(ranking, Missing):
        raise NotSupported(ranking.reason)
    body = {
        "oom": {
            "total": ranking.total,
            "hidden": ranking.hidden,
            "candidates": [
                {
                    "pid": one.pid,
                    "comm": str(display(one.comm)),
                    "rss": one.rss,
                    "swap": one.swap,
                    "tables": one.tables,
                    "score_adj": one.score_adj,
                    "points": one.points,
                    "score": one.score,
                    "spared": one.spared or None,
                }
                for one in ranking.candidates
            ],
        }
    }
    made = document("machine", body, Absences())
    thousandth = ranking.total // 1000
    note = (
        f"pages of {units.size(PAGE_SIZE)}; one of ADJ counts as {thousandth:,} pages, "
        "a thousandth of memory and swap; the first is taken first"
    )
    if ranking.hidden:
        note += f"; {ranking.hidden:,} processes are hidden from this user"
    return Answer(lambda: made, (Table(_COLUMNS, ranking.candidates, note=note),))
