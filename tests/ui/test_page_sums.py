"""What became of the pages of a VMA, from the states that they had."""

from __future__ import annotations

import numpy as np
import pytest

from tests import factories
from vmtui.draw.paint import text_of
from vmtui.kernel.files import PAGE_SIZE
from vmtui.model.page_survey import PageSurvey
from vmtui.model.states import PageState
from vmtui.ui.page_sums import turned

LETTERS = {state.letter: state for state in PageState}


def survey(letters: str, first: int = 0) -> PageSurvey:
    states = np.array([LETTERS[letter] for letter in letters], np.uint8)
    start = (100 + first) * PAGE_SIZE
    return factories.survey(start=start, end=start + len(letters) * PAGE_SIZE, states=states)


@pytest.mark.parametrize(
    ("then", "now", "meaning"),
    [
        ("·", "a", "touched for the first time"),
        ("0", "a", "touched for the first time"),
        ("·", "H", "touched for the first time in huge pages"),
        ("·", "0", "read, never written"),
        ("a", "W", "paged out to swap"),
        ("W", "a", "came back from swap"),
        ("W", "·", "dropped from swap"),
        ("a", "·", "given back, or reclaimed"),
        ("a", "H", "became part of a huge page"),
        ("H", "a", "its huge page was split"),
        ("a", "c", "shared since a fork"),
        ("c", "a", "no longer shared"),
        ("f", "D", "written"),
        ("D", "f", "written back"),
        ("f", "a", "written: a private copy"),
        ("a", "X", "made a guard"),
    ],
)
def test_what_it_means(then: str, now: str, meaning: str) -> None:
    assert text_of(turned(survey(then), survey(now))) == (
        f"{then} → {now}  1 page  {PAGE_SIZE >> 10}.00K  {meaning}"
    )


def test_most_first_and_only_what_both_cover() -> None:
    rows = text_of(turned(survey("aaaa··"), survey("·WWaaa", 1))).splitlines()
    assert [row.split("  ")[:2] for row in rows] == [
        ["· → a", "2 pages"], ["a → W", "2 pages"], ["a → ·", "1 page"]
    ]  # fmt: skip
    assert turned(survey("aa"), survey("WW", 9)) == []
