"""Charts as text: what they draw, and that every row is exactly as wide as asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vmtui.draw import braille, scale
from vmtui.draw.chart import Event, Series, chart
from vmtui.draw.glyphs import ASCII
from vmtui.draw.paint import text_of, width
from vmtui.draw.sparkline import trend
from vmtui.model.fields.field import Unit

VALUES = st.lists(st.none() | st.floats(0, 1e15, allow_nan=False), max_size=300)


def test_a_single_series_with_axes() -> None:
    rows = chart(
        "swap", [Series("swap", "swapped", [0, 0, 4 << 20, 4 << 20])], 30, 7, unit=Unit.BYTES
    )
    assert text_of(rows) == "\n".join(
        [
            "swap ━                   4.00M",
            "  5M ·   ·   ·   ·   ·   ·   ·",
            "                 ⢸⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉",
            "2.5M ·   ·   ·   ⢸   ·   ·   ·",
            "                 ⢸            ",
            "   0 ⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⡸   ·   ·   ·",
            "     −3 min                now",
        ]
    )


def test_names_and_live_values_of_several() -> None:
    rows = chart(
        "resident",
        [Series("anon", "anon", [1 << 30]), Series("file", "file", [0])],
        60,
        5,
        unit=Unit.BYTES,
    )
    assert text_of(rows[:1]).rstrip() == "resident  ━ anon 1.00G  ━ file 0"
    narrow = chart(
        "resident",
        [Series("anon", "anon", [1 << 30]), Series("file", "file", [0])],
        22,
        5,
        unit=Unit.BYTES,
    )
    assert text_of(narrow[:1]).rstrip() == "resident  ━ 1.00G  ━ 0"


def test_unknown_values_leave_a_gap() -> None:
    line = text_of([trend([5, 5, None, None, 5, 5, 5, 5], 4)])
    assert line[1] == " " and " " not in line[0] + line[2] + line[3]


def test_a_peak_survives_down_sampling() -> None:
    values: list[float | None] = [0.0] * 1000
    values[531] = 9.0
    spans = braille.extents(values, 20, steps=True)
    assert max(span[1] for span in spans if span) == 9.0
    assert min(span[0] for span in spans if span) == 0.0


def test_rates_are_joined_and_amounts_hold() -> None:
    joined = braille.extents([0, 10], 11, steps=False)
    held = braille.extents([0, 10], 10, steps=True)
    assert [span[0] for span in joined if span] == [float(n) for n in range(11)]
    assert [span[0] for span in held if span] == [0.0] * 5 + [10.0] * 5


def test_zeros_are_faint_and_life_is_coloured() -> None:
    row = trend([0, 0, 0, 0, 7, 7, 7, 7], 4, slot="swapped")
    assert [(len(run.text), run.paint.ink) for run in row] == [(2, "faint"), (2, "swapped-ink")]


def test_coincident_lines_take_turns() -> None:
    same = [5.0] * 40
    rows = chart("x", [Series("a", "anon", same), Series("b", "ksm", same)], 20, 3, axes=False)
    inks = [run.paint.ink for row in rows[1:] for run in row if run.text.strip()]
    assert inks[:4] == ["anon-ink", "ksm-ink", "anon-ink", "ksm-ink"]


def test_limit_and_events_stand_behind_the_data() -> None:
    rows = chart(
        "mem",
        [Series("", "anon", [1.0] * 50)],
        40,
        6,
        unit=Unit.COUNT,
        limit=4.0,
        events=[Event(0.5, "m")],
    )
    text = text_of(rows)
    assert "limit 4" in text and text.count("╎") >= 2 and "╌" in text
    assert "m" in text_of(rows[-1:]).replace("min", "")


def test_a_far_limit_does_not_flatten_the_data() -> None:
    rows = chart("mem", [Series("", "anon", [1.0] * 50)], 40, 8, limit=1000.0)
    assert "╌" not in text_of(rows[1:])


@given(VALUES, st.integers(1, 200), st.integers(1, 20), st.booleans(), st.sampled_from(Unit))
def test_every_row_has_the_width(
    values: list[float | None], cells: int, lines: int, axes: bool, unit: Unit
) -> None:
    rows = chart(
        "title", [Series("one", "anon", values), Series("two", "text", values, False)],
        cells, lines, unit=unit, axes=axes, limit=5.0, events=[Event(0.3, "1")],
    )  # fmt: skip
    assert len(rows) == lines
    assert {width(row) for row in rows} == {cells}
    assert {width(row) for row in ASCII.rows(rows)} == {cells}


@given(VALUES, st.integers(1, 200))
def test_a_trend_has_the_width_and_its_top_quarter_free(
    values: list[float | None], cells: int
) -> None:
    row = trend(values, cells)
    assert width(row) == cells
    assert all((ord(char) - 0x2800) & 0x09 == 0 for char in text_of([row]) if char != " ")


@given(st.floats(1e-3, 1e15), st.sampled_from([Unit.BYTES, Unit.RATE, Unit.PERCENT]))
def test_a_scale_holds_its_values_and_wastes_little(top: float, unit: Unit) -> None:
    ceiling = scale.ceiling(top, unit)
    assert ceiling >= top
    assert ceiling <= max(2.56 * top, 1.0)


def test_ticks_are_round() -> None:
    assert scale.tick(scale.ceiling(748 << 20, Unit.BYTES), Unit.BYTES) == "1G"
    assert scale.tick((1 << 30) / 2, Unit.BYTES) == "512M"
    assert scale.tick(scale.ceiling(4300, Unit.RATE), Unit.RATE) == "5k"
    assert scale.tick(2500, Unit.RATE) == "2.5k"
    assert scale.tick(scale.ceiling(0, Unit.PERCENT), Unit.PERCENT) == "100%"
    assert scale.ago(180) == "−3 min" and scale.ago(45) == "−45 s" and scale.ago(7200) == "−2 h"
