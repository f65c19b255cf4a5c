"""The key `e`: what is on screen as CSV, JSON or SVG in the state directory."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from textual.pilot import Pilot

from tests.record import tapes
from tests.ui.replayed import caught_up, do, replayed
from tests.ui.screens.observing import press, settled, shown, told
from vmtui.ui import exporting

TICKS = 12


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(exporting, "state_directory", lambda: tmp_path / "state")
    return tmp_path / "state" / "exports"


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tapes.write(tmp_path / "a.vmtui", tapes.moments(TICKS))


async def export(pilot: Pilot[Any], words: str) -> None:
    """Choose a format, and wait until it is written."""
    await press(pilot, "e")
    await press(pilot, *words, "enter")
    await settled(pilot)
    await pilot.app.workers.wait_for_complete()
    await settled(pilot)


def only(state: Path, suffix: str) -> Path:
    (path,) = state.glob(f"*.{suffix}")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    return path


async def test_the_filtered_list_as_a_table(tape: Path, state: Path) -> None:
    async with replayed(tape, at=float("inf")).run_test(size=(120, 35)) as pilot:
        await caught_up(pilot)
        await do(pilot, "slash", *"work", "enter")
        await press(pilot, "e")
        assert "1 row for a spreadsheet" in shown(pilot)
        await press(pilot, "escape")
        assert not state.exists()
        await export(pilot, "csv")
        assert "saved " in told(pilot)
    (row,) = csv.DictReader(io.StringIO(only(state, "csv").read_text()))
    assert (row["pid"], row["comm"], row["minflt_rate"]) == ("100", "worker", "50.0")
    assert "trend" not in row


async def test_vmas_as_a_document(tape: Path, state: Path) -> None:
    async with replayed(tape, at=float("inf"), open_pid=tapes.PID).run_test(size=(80, 24)) as pilot:
        await caught_up(pilot)
        await export(pilot, "json")
    made = json.loads(only(state, "json").read_text())
    assert made["schema"] == "vmtui.export/1"
    assert made["taken_at"] == "1970-01-12T13:46:51.000Z"
    assert [vma["start"] for vma in made["vmas"]][:2] == ["0x400000", "0x1000000"]
    assert len(made["vmas"]) == 5


async def test_pages_as_stretches_of_one_state(tape: Path, state: Path) -> None:
    async with replayed(tape, at=float("inf"), open_pid=tapes.PID).run_test(size=(80, 24)) as pilot:
        await caught_up(pilot)
        await do(pilot, "down", "down", "enter")
        await export(pilot, "csv")
    rows = list(csv.DictReader(io.StringIO(only(state, "csv").read_text())))
    assert rows[0]["start"] == f"{tapes.ANON.start:#x}"
    assert sum(int(row["pages"]) for row in rows) == 256
    assert {row["state"] for row in rows} == {"anon", "cow", "absent"}


async def test_the_machine_and_its_tabs(tape: Path, state: Path) -> None:
    async with replayed(tape, at=float("inf")).run_test(size=(120, 35)) as pilot:
        await caught_up(pilot)
        await do(pilot, "2")
        await export(pilot, "json")
    made = json.loads(only(state, "json").read_text())
    assert made["machine"][0]["mem_total"] == 24684152 << 10
    assert made["machine"][0]["fault_rate"] == 1000.0


async def test_a_picture_is_of_the_screen_without_the_dialog(tape: Path, state: Path) -> None:
    async with replayed(tape, at=float("inf")).run_test(size=(100, 30)) as pilot:
        await caught_up(pilot)
        await export(pilot, "svg")
    picture = ElementTree.parse(only(state, "svg")).getroot()
    words = " ".join(one.text or "" for one in picture.iter("{http://www.w3.org/2000/svg}text"))
    assert picture.get("viewBox") == "0 0 1200 720"
    assert "COMMAND" in words and "export what is shown" not in words


async def test_a_directory_that_cannot_be_made_is_told(tape: Path, state: Path) -> None:
    state.parent.write_text("in the way")
    async with replayed(tape, at=float("inf")).run_test(size=(100, 30)) as pilot:
        await caught_up(pilot)
        await export(pilot, "csv")
        assert "no export: Not a directory" in told(pilot)


async def test_in_the_laboratory_e_edits() -> None:
    from vmtui.ui.screens.stage import StageScreen

    bindings = StageScreen._merged_bindings
    assert bindings is not None
    ids = {binding.id for binding in bindings.key_to_bindings["e"]}
    assert ids == {"lab.edit"}
