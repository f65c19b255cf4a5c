"""The recordings that there are: which are found, what each says, and what is remembered."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from tests.record import tapes
from vmtui.missing import Missing
from vmtui.record import shelf
from vmtui.record.records import Event
from vmtui.record.shelf import COURSE, FIELDS_BY_ID, Shelf


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tapes.write(
        tmp_path / "a.vmtui", tapes.moments(200), [Event(tapes.TAKEN_AT + 3, "mark", b"here")]
    )


def test_files_are_found_by_their_suffix_and_given_ones_by_their_name(
    path: Path, tmp_path: Path
) -> None:
    (tmp_path / "sub").mkdir()
    given = tmp_path / "sub" / "named"
    given.write_bytes(b"")
    (tmp_path / "b.vmtui").symlink_to(path)
    (tmp_path / "c.txt").write_bytes(b"")
    found = shelf.found([given, path], [tmp_path, tmp_path / "nowhere"])
    assert sorted(found) == sorted([given, path])


def test_the_newest_comes_first(tmp_path: Path) -> None:
    for number in (3, 1, 2):
        (tmp_path / f"{number}.vmtui").write_bytes(b"")
        os.utime(tmp_path / f"{number}.vmtui", (number, number))
    assert [one.stem for one in shelf.found([], [tmp_path])] == ["3", "2", "1"]


def test_a_file_says_what_it_is(path: Path) -> None:
    listed = shelf.look(path)
    assert not isinstance(listed.about, Missing) and listed.about.host == b"host"
    assert (listed.ticks, listed.pids, listed.marks) == (200, (tapes.PID,), 1)
    assert listed.span == (tapes.TAKEN_AT, tapes.TAKEN_AT + 199)
    assert listed.nbytes == path.stat().st_size
    assert len(listed.course) == COURSE
    assert max(listed.course) > 1.3 * min(listed.course)


def test_of_a_machine_alone_its_memory_in_use_is_drawn(tmp_path: Path) -> None:
    ticks = [tapes.Recorded(one.sample, ()) for one in tapes.moments(5)]
    listed = shelf.look(tapes.write(tmp_path / "a.vmtui", ticks))
    assert len(listed.course) == COURSE and min(listed.course) > 0


def test_a_long_one_is_looked_at_where_that_is_cheap(tmp_path: Path) -> None:
    from vmtui.record.reader import Recording

    path = tapes.write(tmp_path / "a.vmtui", tapes.moments(200))
    with Recording(path) as recording:
        assert [recording.whole_at(index) for index in (0, 63, 64, 199)] == [0, 0, 64, 192]


def test_what_is_none_says_why_without_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.vmtui"
    path.write_bytes(b"nothing of the kind")
    listed = shelf.look(path)
    assert listed.about == Missing("it is not a recording of vmtui")
    for name in ("host", "span", "course", "experiments", "marks"):
        assert isinstance(FIELDS_BY_ID[name].get(listed), Missing)


def test_a_damaged_place_leaves_the_rest_of_the_course(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("UPDATE parts SET data = x'00' WHERE tick >= 128")
    file.close()
    listed = shelf.look(path)
    assert not isinstance(listed.about, Missing)
    assert 10 < len(listed.course) < COURSE


def test_what_has_not_changed_is_not_read_again(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    look = shelf.look

    def counted(one: Path) -> shelf.Listed:
        read.append(one)
        return look(one)

    monkeypatch.setattr(shelf, "look", counted)
    kept = Shelf()
    first = kept.look([path])
    assert kept.look([path]) == first and read == [path]
    os.utime(path, (5, 5))
    kept.look([path])
    assert read == [path, path]
    assert kept.look([]) == []
