"""What the picture of the OOM killer takes from a moment."""

from __future__ import annotations

from vmtui.draw.lab import kill
from vmtui.lab.evidence import Candidate, GroupView, KillView
from vmtui.lab.text import Language
from vmtui.ui.lab.words import process_word


def kill_of(view: KillView | None, group: GroupView | None, language: Language) -> kill.Kill | None:
    """The sums of a moment, if it has any, in that language."""
    if view is None:
        return None

    def of(one: Candidate, *, is_dead: bool) -> kill.Candidate:
        return kill.Candidate(
            process_word(one.process, language), one.pid, one.rss, one.swap, one.tables,
            one.score_adj, one.points, is_dead, one.process == view.predicted and not is_dead,
        )  # fmt: skip

    said = view.verdict.of(language)
    return kill.Kill(
        (
            *(of(one, is_dead=False) for one in view.candidates),
            *(of(one, is_dead=True) for one in view.dead),
        ),
        view.total,
        None if group is None else group.usage,
        None if group is None else group.limit,
        verdict=said if view.killed else "",
        refused="" if view.killed else said,
    )


def words_of(language: Language) -> kill.KillWords:
    """The picture's own words."""
    return kill.JA if language == "ja" else kill.EN
