"""Tables fit their width; CSV keeps numbers and disarms formulas."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from vmtui.cli.table import Table, column, csv_rows, lines
from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit
from vmtui.text import display

REFUSED = Missing("refused")


def cell(unit: Unit, name: str, *, width: int = 6) -> Field[Any]:
    return column(name.upper(), unit, lambda row: row[name], name=name, width=width)


FIELDS = (
    cell(Unit.ID, "pid"),
    cell(Unit.TEXT, "comm"),
    cell(Unit.BYTES, "rss"),
    cell(Unit.TEXT, "command", width=0),
)
ROWS = [
    {"pid": 1, "comm": "init", "rss": 12 << 20, "command": "/sbin/init splash"},
    {"pid": 31337, "comm": "日本", "rss": REFUSED, "command": "a very long command line indeed"},
]


def test_figures_right_words_left_missing_as_a_dash() -> None:
    assert lines(Table(FIELDS, ROWS), None) == [
        "  PID  COMM    RSS  COMMAND",
        "    1  init  12.0M  /sbin/init splash",
        "31337  日本      –  a very long command line indeed",
    ]


def test_the_flexible_column_gives_way() -> None:
    shown = lines(Table(FIELDS, ROWS), 32)
    assert shown[2] == "31337  日本      –  a very long…"
    assert all(cell_len(line) <= 32 for line in shown)


def test_columns_leave_below_their_width() -> None:
    wide: Field[Any] = Field("pss", "PSS", Unit.BYTES, "", "", "", lambda row: 1, leaves_below=100)
    assert "PSS" in lines(Table((wide,), ROWS), 100)[0]
    assert lines(Table((wide,), ROWS), 99)[0] == ""
    assert "PSS" in lines(Table((wide,), ROWS), None)[0]


def test_title_note_totals_and_hidden_columns() -> None:
    hidden: Field[Any] = Field("x", "XX", Unit.ID, "", "", "", lambda row: 7, default=False)
    table = Table(
        (FIELDS[0], hidden), ROWS[:1], title="top", note="end", totals={"pid": Missing("-")}
    )
    assert lines(table, None) == ["top", "PID", "  1", "  –", "end"]
    assert "XX" in lines(Table((hidden,), ROWS, choose=False), None)[0]


@given(st.integers(1, 60))
def test_no_line_is_wider_than_asked(width: int) -> None:
    table = Table(FIELDS, ROWS, title="a title of some length", note="and a note as well")
    assert all(cell_len(line) <= width for line in lines(table, width))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "---p"])
def test_formulas_are_disarmed(text: str) -> None:
    assert csv_rows(Table((cell(Unit.TEXT, "a"),), [{"a": text}]))[1] == [f"'{text}"]


def test_csv_keeps_numbers_and_leaves_missing_empty() -> None:
    fields = (
        cell(Unit.CHANGE, "growth"),
        cell(Unit.ADDRESS, "start"),
        cell(Unit.FLAG, "locked"),
        cell(Unit.SERIES, "trend"),
        cell(Unit.RATE, "rate"),
    )
    row = {"growth": -4096, "start": 0x1000, "locked": True, "trend": [1, 2], "rate": REFUSED}
    assert csv_rows(Table(fields, [row])) == [
        ["growth", "start", "locked", "trend", "rate"],
        [-4096, "0x1000", 1, "1 2", ""],
    ]


@given(st.binary(max_size=20))
def test_a_name_survives_csv_as_one_cell(raw: bytes) -> None:
    text = io.StringIO()
    name = display(raw)
    csv.writer(text, lineterminator="\n").writerows(
        csv_rows(Table((cell(Unit.TEXT, "a"),), [{"a": name}]))
    )
    read = list(csv.reader(io.StringIO(text.getvalue())))
    assert read[1:] == [[name]] or read[1:] == [[f"'{name}"]] or not name
