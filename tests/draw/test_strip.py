"""The residency strip: no page is lost, none is sampled."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vmtui.draw.paint import text_of, width
from vmtui.draw.strip import level, share, slices, stretched, strip
from vmtui.model.states import PageState as P

STATES = st.lists(st.integers(0, 11), max_size=400).map(lambda s: np.array(s, np.uint8))


@given(STATES, st.integers(1, 100))
def test_every_page_is_in_one_slice(states: np.typing.NDArray[np.uint8], columns: int) -> None:
    matrix = slices(states, columns)
    assert matrix.shape == (min(columns, len(states)), 12)
    assert matrix.sum(axis=0).tolist() == np.bincount(states, minlength=12).tolist()


@given(STATES, st.integers(1, 100), st.integers(1, 60))
def test_stretching_loses_no_page(
    states: np.typing.NDArray[np.uint8], columns: int, cells: int
) -> None:
    matrix = slices(states, columns)
    assert width(strip(matrix.tolist(), cells)) == cells
    if len(matrix) >= cells:
        assert np.sum(stretched(matrix.tolist(), cells)) == len(states)


def test_heights_and_hues() -> None:
    matrix = [[0] * 12 for _ in range(5)]
    matrix[0][P.ANON] = 8
    matrix[1][P.ANON] = matrix[1][P.ABSENT] = 4
    matrix[2][P.ABSENT] = 8
    matrix[3][P.ABSENT], matrix[3][P.FILE] = 999, 1
    matrix[4][P.ABSENT], matrix[4][P.SWAPPED] = 1, 999
    row = strip(matrix, 5)
    assert text_of([row]) == "▇▄ ▁▆"
    assert [run.paint.ink for run in row] == ["anon", "text", "file", "swapped"]
    assert {run.paint.ground for run in row} == {"vessel"}


def test_pages_not_known_are_an_empty_vessel() -> None:
    assert [run.paint.ground for run in strip(None, 9)] == ["vessel"]


def test_a_tie_goes_to_what_is_worth_a_look() -> None:
    counts = [0] * 12
    counts[P.ANON] = counts[P.SWAPPED] = 3
    assert share(counts) == (P.SWAPPED, 1.0)


@given(st.floats(0, 1), st.integers(2, 40))
def test_only_empty_is_empty_and_only_full_is_full(fill: float, highest: int) -> None:
    assert (level(fill, highest) == 0) == (fill == 0)
    assert (level(fill, highest) == highest) == (fill == 1)
