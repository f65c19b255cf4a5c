"""Cells of tables: every unit in exactly its width, toned by magnitude."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, text_of, width
from vmtui.draw.table import cell, command, divider, magnitude, path, permissions, title
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit


def _field(unit: Unit, name: str = "x", slot: str = "") -> Field[Any]:
    return Field(name, name.upper(), unit, "", "", "", lambda row: row, slot=slot)


NUMBERS = st.integers(-(1 << 60), 1 << 60) | st.floats(-1e15, 1e15)
VALUES: dict[Unit, st.SearchStrategy[Any]] = {
    Unit.TEXT: st.text(max_size=40).filter(str.isprintable),
    Unit.SERIES: st.lists(st.none() | st.floats(0, 1e9), max_size=50),
    Unit.FLAG: st.booleans(),
    Unit.ADDRESS: st.integers(0, (1 << 64) - 1),
    Unit.ID: st.integers(0, 1 << 31),
    Unit.PAGES: st.integers(0, 1 << 52),
    Unit.TIME: st.floats(0, 4e9),
    Unit.DURATION: st.floats(0, 1e9),
    Unit.PERCENT: st.floats(0, 1e4),
}


@given(st.data(), st.sampled_from(Unit), st.integers(0, 40))
def test_a_cell_has_exactly_its_width(data: st.DataObject, unit: Unit, cells: int) -> None:
    value = data.draw(VALUES.get(unit, NUMBERS))
    for name in ("x", "command", "name", "perms"):
        assert width(cell(value, _field(unit, name), cells)) == cells
    assert width(cell(Missing("why"), _field(unit), cells)) == cells
    assert width(title(_field(unit), cells, "▼")) == cells


def test_tones_follow_magnitude() -> None:
    tones = [magnitude(size).ink for size in (0, 4096, 5 << 20, 3 << 30)]
    assert tones == ["faint", "dim", "text", "strong"]
    assert cell(0, _field(Unit.RATE), 3)[-1] == ("0", FAINT)
    assert cell(Missing("why"), _field(Unit.BYTES), 3)[-1] == ("–", FAINT)


def test_changes_are_signed_and_large_ones_bold() -> None:
    assert cell(31 << 20, _field(Unit.CHANGE), 4) == (("+31M", STRONG),)
    assert cell(-(1 << 20), _field(Unit.CHANGE), 5) == (("−1.0M", DIM),)


def test_a_slot_colours_what_is_not_zero() -> None:
    swap = _field(Unit.BYTES, "swap", "swapped")
    assert cell(112 << 20, swap, 4) == (("112M", Paint("swapped-ink")),)
    assert cell(0, swap, 1) == (("0", FAINT),)


def test_commands_show_the_program() -> None:
    runs = command("/usr/bin/prometheus --storage", 40)
    assert [(run.text, run.paint) for run in runs[:3]] == [
        ("/usr/bin/", DIM), ("prometheus", TEXT), (" --storage", DIM),
    ]  # fmt: skip
    assert command("postgres: writer", 16)[0] == ("postgres:", TEXT)
    assert text_of([command("postgres: writer", 12)]) == "postgres: w…"


def test_paths_lose_their_head_and_words_their_tail() -> None:
    assert text_of([path("/usr/lib/locale/locale-archive", 16)]) == "…/locale-archive"
    assert text_of([path("[anon: work_mem sort]", 10)]) == "[anon: wo…"


def test_permissions_stress_what_is_not_ordinary() -> None:
    assert [run.paint.ink for run in permissions("rwxs", 4)] == [
        "text",
        "strong",
        "strong",
        "strong",
    ]
    assert [run.paint.ink for run in permissions("r--p", 4)] == ["text", "faint", "faint", "faint"]


def test_titles_stand_over_their_edge() -> None:
    assert text_of([title(_field(Unit.BYTES, "rss"), 6, "▼")]) == "  ▼RSS"
    assert text_of([title(_field(Unit.TEXT, "name"), 6)]) == "NAME  "
    assert text_of([divider("42.4T unmapped", 30)]) == "  " + "╌" * 12 + " 42.4T unmapped "


def test_long_figures_are_shortened_honestly() -> None:
    assert text_of([cell(123_456_789, _field(Unit.PAGES), 6)]) == "  123M"
    assert text_of([cell(125.0, _field(Unit.DURATION), 5)]) == "2 min"
    assert text_of([cell(125.0, _field(Unit.DURATION), 3)]) == " 2m"


def test_a_trend_is_bright_when_memory_came_or_went() -> None:
    trend = _field(Unit.SERIES)
    paints = [
        {run.paint.ink for run in cell([1000, 1000 + more], trend, 8)} for more in (0, 2559, 2560)
    ]
    assert paints == [{"faint"}, {"faint"}, {"strong"}]
