"""What the laboratory says stands whole on 80 columns by 24 lines, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from tests.draw.lab.scenes import scene
from vmtui.draw.lab import menu, script, stage, tiles
from vmtui.draw.lab.scene import Operation
from vmtui.draw.lab.words import EN, JA, Words
from vmtui.draw.paint import text_of
from vmtui.lab.experiments import ALL, BY_ID
from vmtui.lab.script import parse
from vmtui.lab.text import LANGUAGES, Language
from vmtui.ui.screens.lab import item

CELLS, LINES = 80, 22
"""Of the body, between header and footer."""
WORDS = {"en": EN, "ja": JA}
DONE = {"en": "888/888 exact predictions held", "ja": "確定的な予測 888/888 が的中"}


def squeezed(text: str) -> str:
    """Without what line breaks add or take away."""
    return "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_tells_each_experiment_whole(language: Language) -> None:
    words, items = WORDS[language], [item(one, language) for one in ALL]
    for at, one in enumerate(items):
        said = squeezed(text_of(menu.rows(items, at, CELLS, LINES, words)[0]))
        entry = squeezed(f"▸{one.title}{one.question}")
        for told in (entry, squeezed(one.why), squeezed(words.needs + one.needs)):
            assert told in said, (one.id, told)
        for change in one.changes:
            assert squeezed(change) in said, (one.id, change)


@pytest.mark.parametrize("language", LANGUAGES)
def test_question_and_what_stands_behind_it_share_a_line(language: Language) -> None:
    words = WORDS[language]
    for one in ALL:
        now = scene(question=one.question.of(language), answer=one.answer.of(language), words=words)
        ended = replace(now, done="…" * CELLS, done_short=DONE[language])
        hidden = replace(now, hidden=True)
        for shown, after in ((now, now.answer), (ended, ended.done_short)):
            first = text_of(stage.rows(shown, CELLS, LINES)[:1])
            assert now.question in first and after in first, (one.id, first)
        first = text_of(stage.rows(hidden, CELLS, LINES)[:1])
        assert words.hidden in first or words.hidden_short in first, (one.id, first)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", BY_ID)
def test_each_step_is_told_whole_beside_the_picture(name: str, language: Language) -> None:
    experiment = BY_ID[name]
    for values in experiment.variants():
        course = parse(experiment.script(values), values)
        steps = []
        for step in course.steps:
            own = experiment.lines[step.line - 1].told
            told = (own.filled(values) if own.en else step.told).of(language)
            steps.append(Operation(step.source, told))
        for at, one in enumerate(steps):
            said = squeezed(text_of(script.listing(steps, at, 0.5, 31, 10)))
            assert squeezed(one.told) in said, one
            assert squeezed(one.source) in said.replace("50%", ""), one


@pytest.mark.parametrize("words", [EN, JA], ids=LANGUAGES)
def test_the_keys_before_the_first_step_are_told_whole(words: Words) -> None:
    rows = tiles.empty(replace(scene(), step=-1, words=words), 46, 11)
    said = text_of(rows)
    assert all(what in said for _, what in words.begin)
    assert max(cell_len(line) for line in said.split("\n")) <= 46


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("cells", "lines"), [(120, 33), (160, 48)])
def test_a_wide_stage_explains_itself_whole_before_the_first_step(
    language: Language, cells: int, lines: int
) -> None:
    for one in ALL:
        now = scene(why=one.why.of(language), words=WORDS[language], step=-1)
        left = [line[: cells // 2] for line in text_of(stage.rows(now, cells, lines)).split("\n")]
        said = squeezed("".join(line.partition("│")[0] for line in left))
        assert squeezed(now.why) in said, (one.id, said)
