"""Bars add up: each cell belongs to a part, and the parts to the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vmtui.draw.bar import Segment, bar, legend
from vmtui.draw.paint import text_of, width
from vmtui.draw.shares import divide

SHARES = st.lists(st.floats(0, 1e12), min_size=1, max_size=12)


@given(SHARES, st.integers(0, 300))
def test_shares_add_up(shares: list[float], cells: int) -> None:
    whole = divide(shares, cells)
    assert sum(whole) == cells
    assert min(whole) >= 0


@given(SHARES, st.integers(0, 300))
def test_no_share_is_far_from_its_part(shares: list[float], cells: int) -> None:
    total = sum(shares)
    if total:
        exact = [share / total * cells for share in shares]
        assert all(
            w - e < len(shares) + 1 for w, e in zip(divide(shares, cells), exact, strict=True)
        )


def test_a_small_share_gets_a_cell() -> None:
    assert divide([997, 3], 100) == [99, 1]
    assert divide([9999, 1], 100) == [100, 0]


@given(SHARES, st.floats(0, 1e13), st.integers(1, 300), st.booleans())
def test_a_bar_has_the_width(values: list[float], total: float, cells: int, letters: bool) -> None:
    parts = [Segment(f"名{at}", "anon", value) for at, value in enumerate(values)]
    assert width(bar(parts, total, cells, letters=letters)) == cells


def test_labels_stand_where_they_fit() -> None:
    gib = float(1 << 30)
    parts = [Segment("anon", "anon", 6 * gib), Segment("file", "file", gib),
             Segment("free", "vessel", 3 * gib)]  # fmt: skip
    assert text_of([bar(parts, 10 * gib, 40)]) == " anon 6.0G                    free 3.0G "
    assert (
        text_of([bar(parts, 10 * gib, 40, letters=True)])
        == " anon 6.0G aaaaaaaaaaaaaffff  free 3.0G "
    )
    grounds = [(len(run.text), run.paint.ground) for run in bar(parts, 10 * gib, 40, labels=False)]
    assert grounds == [(24, "anon"), (4, "file"), (12, "vessel")]


def test_what_is_not_given_is_a_vessel() -> None:
    runs = bar([Segment("", "swapped", 1.0)], 4.0, 8)
    assert [(len(run.text), run.paint.ground) for run in runs] == [(2, "swapped"), (6, "vessel")]
    assert [run.paint.ground for run in bar([], 0, 8)] == ["vessel"]


@given(st.integers(1, 120))
def test_a_legend_breaks_between_entries(cells: int) -> None:
    parts = [Segment(name, "anon", 1e6) for name in ("anon", "file", "nothing", "kernel")]
    rows = legend(parts, cells)
    assert {width(row) for row in rows} == {cells}
    if cells >= 20:
        assert sum(text_of([row]).count("977K") for row in rows) == 4
