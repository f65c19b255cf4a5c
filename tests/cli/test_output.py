"""Ticks keep their time, widths and alphabets come from the environment."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmtui.cli import output
from vmtui.cli.arguments import WrongUsage
from vmtui.cli.output import Answer, deliver, line_of, line_width, lines_of, ticks
from vmtui.cli.table import Table, column, csv_rows, lines
from vmtui.export.document import Absences, Rows, document, plain_value, records, with_raw_name
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit
from vmtui.told import Told


class FakeTime:
    """A clock that only sleeping and working move."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr(output, "time", fake)
    return fake


def test_ticks_do_not_drift(clock: FakeTime) -> None:
    seen = []
    for _ in ticks(2.0, 4):
        seen.append(clock.now)
        clock.now += 0.5
    assert seen == [100, 102, 104, 106]


def test_late_ticks_are_dropped_not_queued(clock: FakeTime) -> None:
    seen = []
    for number in ticks(1.0, 3):
        seen.append(clock.now)
        clock.now += 3.5 if number == 0 else 0.1
    assert seen == [100, 104, 105]


def arguments(**changes: object) -> argparse.Namespace:
    given = {"json": False, "jsonl": False, "csv": False, "interval": None, "count": None}
    return argparse.Namespace(**(given | changes))


def look(told: Told) -> Answer:
    told(1, 2)
    absences = Absences()
    absences.note("pss", Missing("refused", "run as root"))
    absences.note("pss", Missing("another reason"))
    body = {"name": "é–", "processes": []}
    table = Table((column("NAME", Unit.TEXT, lambda row: row),), ["é – 日本 ×"])
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    return Answer(lambda: document("ps", body, absences, moment), (table,))


def test_a_document_and_its_envelope(capsys: pytest.CaptureFixture[str]) -> None:
    deliver(arguments(json=True), look)
    assert json.loads(capsys.readouterr().out) == {
        "schema": "vmtui.ps/1",
        "taken_at": "2026-01-02T00:00:00.000Z",
        "missing": {"pss": "refused (run as root); another reason"},
        "name": "é–",
        "processes": [],
    }


def test_lines_of_documents(capsys: pytest.CaptureFixture[str], clock: FakeTime) -> None:
    deliver(arguments(jsonl=True, interval=5.0, count=3), look)
    assert [json.loads(line)["schema"] for line in capsys.readouterr().out.splitlines()] == [
        "vmtui.ps/1"
    ] * 3
    assert clock.now == 110


def test_interval_and_count_need_a_stream() -> None:
    for options in ({"interval": 1.0}, {"count": 1}, {"csv": True, "count": 1}):
        with pytest.raises(WrongUsage):
            deliver(arguments(**options), look)


def test_what_ascii_cannot_say(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "speaks_unicode", lambda: False)
    deliver(arguments(), look)
    assert capsys.readouterr().out == "NAME\n\\xe9 - \\u65e5\\u672c x\n"
    deliver(arguments(json=True), look)
    assert json.loads(capsys.readouterr().out)["name"] == "é–"


@pytest.mark.parametrize(("columns", "width"), [("40", 40), ("0", None), ("x", None), ("", None)])
def test_columns_is_honoured(
    columns: str, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    def no_terminal(fd: int) -> object:
        raise OSError(25, "not a terminal")

    monkeypatch.setattr(os, "get_terminal_size", no_terminal)
    assert line_width() == width


def value_of(unit: Unit) -> Callable[[object], object]:
    return lambda raw: plain_value(unit, raw)


def test_values_by_unit() -> None:
    assert value_of(Unit.ADDRESS)(0x7FFF0000) == "0x7fff0000"
    assert value_of(Unit.BYTES)(4096.0) == 4096
    assert value_of(Unit.RATE)(1 / 3) == 0.333
    assert value_of(Unit.FLAG)(1) is True
    assert value_of(Unit.TEXT)(b"a\x1b") == "a\\x1b"
    assert value_of(Unit.SERIES)((1, 2)) == [1, 2]


def test_records_are_null_where_something_is_missing() -> None:
    absences = Absences()
    fields = (column("A", Unit.ID, lambda row: row), column("B", Unit.ID, lambda row: Missing("?")))
    assert records(fields, [1, 2], absences) == [{"a": 1, "b": None}, {"a": 2, "b": None}]
    assert absences.as_json() == {"b": "? (2 rows)"}


def test_a_reason_with_a_hostile_name_is_shown_safely() -> None:
    absences = Absences()
    absences.note("x", Missing("\x1b[31m"))
    assert absences.as_json() == {"x": "\\x1b[31m"}


def test_reasons_are_counted_and_the_commonest_come_first() -> None:
    absences = Absences()
    for number in (1, 2, 2, 3, 4, 5):
        absences.note("x", Missing(f"reason {number}", "ask root" if number == 2 else ""))
    assert absences.as_json() == {
        "x": "reason 2 (ask root, 2 rows); reason 1; reason 3; and 2 reasons more"
    }


def test_raw_names_only_where_they_differ() -> None:
    assert with_raw_name({}, b"bash", "bash") == {}
    assert with_raw_name({}, b"a\xff", "a\\xff") == {"name_bytes": "61ff"}


def test_a_long_document_has_a_line_for_each_element() -> None:
    made = {"schema": "vmtui.x/1", "missing": {}, "rows": [{"a": 1}, {"a": 2}], "sum": {"a": 3}}
    text = lines_of(made)
    assert json.loads(text) == made
    assert text.splitlines()[3:7] == ['  "rows": [', '    {"a": 1},', '    {"a": 2}', "  ],"]


CELLS = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just("%s"),
)


@given(st.lists(st.tuples(CELLS, st.integers(), st.booleans()), max_size=8), st.text())
def test_rows_are_written_as_the_objects_they_are(
    values: list[tuple[object, int, bool]], name: str
) -> None:
    keys = ("start", "100% of it", name + "…")
    columns = {key: [row[place] for row in values] for place, key in enumerate(keys)}
    more = {index: {"name_bytes": name} for index in range(0, len(values), 3)}
    expected = [
        dict(zip(keys, row, strict=True)) | more.get(index, {}) for index, row in enumerate(values)
    ]
    made = {"schema": "vmtui.x/1", "rows": Rows(columns, more), "after": 1}
    for text in (line_of(made), lines_of(made)):
        assert json.loads(text) == {"schema": "vmtui.x/1", "rows": expected, "after": 1}
    assert "\n" not in line_of(made)


def test_columns_and_rows_make_the_same_table() -> None:
    field = column("A", Unit.COUNT, lambda row: row)
    values = [1, 20_000, Missing("?"), 1]
    one, other = Table((field,), values), Table((field,), (), columns={"a": values})
    assert lines(one, 40) == lines(other, 40)
    assert csv_rows(one) == csv_rows(other)


def test_a_number_of_no_unit_keeps_its_decimals() -> None:
    assert plain_value(Unit.ID, 0.53) == 0.53
    assert plain_value(Unit.ID, 25_276_510_208) == 25_276_510_208
