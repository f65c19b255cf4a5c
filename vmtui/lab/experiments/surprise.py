"""What all surprises have in common: a short script, told in two sentences."""

from __future__ import annotations

from vmtui.lab.experiment import NO_NEEDS, Experiment, Line
from vmtui.lab.text import NOTHING, Text

GROUP = "surprises"


def surprise(
    number: int,
    *,
    title: Text,
    question: Text,
    answer: Text,
    why: Text,
    lines: tuple[Line, ...],
    figures: tuple[str, ...],
    swap: bool = False,
    needs: Text = NO_NEEDS,
    without: Text = NOTHING,
) -> Experiment:
    """One of the surprises."""
    return Experiment(
        id=f"surprise-{number}",
        title=title,
        question=question,
        answer=answer,
        why=why,
        lines=lines,
        figures=(*figures, "pages_as_predicted"),
        charts=(figures[0],),
        notes=(
            Text(
                "Have the audience write their answers down before the last step.",
                "最後の段階の前に，答えを紙に書いてもらう．",
            ),
        ),
        needs=Text("some swap", "スワップ") if swap else needs,
        without=Text("nothing leaves, as predicted", "予測どおり，何も出ていかない")
        if swap
        else without,
        group=GROUP,
    )
