"""Files that are no sound recording: a sentence each, nothing raw, never a traceback."""

from __future__ import annotations

import os
import random
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.record import tapes
from tests.record.runs_of_cow import recorded
from vmtui.cli import main
from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.observe.machine_depth import PARTS
from vmtui.record import schema, shelf
from vmtui.record.codec import Damaged, packed, unpacked
from vmtui.record.reader import CannotReplay, Recording
from vmtui.record.retold import check, retold

_ESCAPE = b"\x1b]0;owned\x07\x1b[2J\xe2\x80\xae"
SENTENCE = re.compile(r"[^\n]{10,600}")


def read_all(path: Path) -> int:
    """Open it and read everything there is; how many ticks."""
    with Recording(path) as recording:
        for index in range(len(recording)):
            recording.sample(index)
            target = recording.target(index, tapes.PID)
            assert isinstance(target, Missing) or target.reading.pid
            recording.depth(index, PARTS)
        assert all(isinstance(event.text, bytes) for event in recording.events)
        for experiment in recording.experiments:
            for number in range(len(experiment.moments)):
                recording.moment(experiment.number, number)
        return len(recording)


def assert_said(error: VmtuiError) -> None:
    """One line that any terminal can show."""
    assert SENTENCE.fullmatch(str(error)), str(error)
    assert str(error).isprintable()


@pytest.fixture(name="sound")
def _sound(tmp_path: Path) -> Path:
    return tapes.write(tmp_path / "sound.vmtui", tapes.deep(tapes.moments(70)))


def edited(sound: Path, *statements: str, values: tuple[object, ...] = ()) -> Path:
    """A copy in which somebody has been."""
    path = sound.with_name("edited.vmtui")
    path.write_bytes(sound.read_bytes())
    with sqlite3.connect(path) as file:
        for sql in statements:
            file.execute(sql, values if "?" in sql else ())
    file.close()
    return path


def test_cut_off_anywhere_is_a_sentence_or_what_is_left(sound: Path, tmp_path: Path) -> None:
    raw = sound.read_bytes()
    edges = {0, 1, 15, 16, 17, 50, 99, 100, 101, len(raw) - 1}
    edges |= {at + off for at in range(4096, len(raw), 4096) for off in (-1, 0, 1)}
    some = random.Random(1)
    edges |= {some.randrange(len(raw)) for _ in range(60)}
    for end in sorted(edges):
        path = tmp_path / "cut.vmtui"
        path.write_bytes(raw[:end])
        with pytest.raises(VmtuiError) as caught:
            read_all(path)
        assert_said(caught.value)


def test_changed_anywhere_is_a_sentence_or_sound(sound: Path, tmp_path: Path) -> None:
    raw, some = sound.read_bytes(), random.Random(2)
    refused = 0
    for _ in range(150):
        changed, path = bytearray(raw), tmp_path / "changed.vmtui"
        for _ in range(some.choice([1, 1, 8, 200])):
            changed[some.randrange(len(changed))] = some.randrange(256)
        path.write_bytes(changed)
        try:
            read_all(path)
        except VmtuiError as error:
            refused += 1
            assert_said(error)
    assert refused > 20


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"PRAGMA user_version = {schema.SCHEMA + 1}", "recorded by a newer vmtui"),
        ("PRAGMA user_version = 0", "none that vmtui ever wrote"),
        ("PRAGMA application_id = 7", "not a recording of vmtui"),
        ("CREATE TABLE more (x)", "not those of a recording"),
        ("CREATE VIEW spy AS SELECT 1", "not those of a recording"),
        ("CREATE TRIGGER t AFTER INSERT ON ticks BEGIN SELECT 1; END", "not those"),
        ("DROP TABLE moments", "not those of a recording"),
        ("DELETE FROM about WHERE key = 'kernel'", "does not say its kernel"),
        ("UPDATE about SET value = 9e99 WHERE key = 'began'", "does not say its began"),
        ("UPDATE about SET value = 'x' WHERE key = 'page_size'", "does not say its page_size"),
        ("UPDATE ticks SET taken_at = 'soon'", "a tick has no time"),
        ("UPDATE ticks SET taken_at = -1.0", "a tick has no time"),
        ("UPDATE parts SET data = 7", "something else where bytes should be"),
        ("UPDATE parts SET data = zeroblob(50)", "cannot be unpacked"),
        ("UPDATE parts SET base = 1 WHERE tick = 0", "a part has no base"),
        ("UPDATE parts SET base = 'x' WHERE tick = 3", "a part has no base"),
        ("DELETE FROM parts WHERE tick = 0", "a tick has no sample"),
        ("UPDATE parts SET pid = pid + 1", "no longer has|no sample|damaged"),
        ("UPDATE parts SET pid = -7 WHERE pid = -6", "a part is something else"),
        ("UPDATE parts SET pid = -7 WHERE pid > 0", "a part is something else"),
        ("UPDATE classes SET name = 'os.system'", "records that this vmtui does not know"),
        ("UPDATE classes SET fields = 'a b c'", "fields that this vmtui does not know"),
        ("UPDATE classes SET id = id + 100", "not in order"),
        ("DELETE FROM classes", "make no sense"),
    ],
)
def test_whatever_was_edited_is_said(statement: str, said: str, sound: Path) -> None:
    with pytest.raises(VmtuiError, match=said) as caught:
        read_all(edited(sound, statement))
    assert_said(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE about SET value = ? WHERE key IN ('kernel', 'vmtui', 'machine')",
        "UPDATE about SET value = CAST(? AS BLOB) WHERE key IN ('host', 'user', 'command')",
        "INSERT INTO events (at, kind, pid, text) VALUES (1000010, 'mark', 0, ?)",
        "INSERT INTO events (at, kind, pid, text) VALUES (1000010, ?, 0, x'1b5b324a')",
        "UPDATE classes SET name = ?",
        "UPDATE classes SET fields = ?",
        "UPDATE ticks SET taken_at = ?",
    ],
)
def test_escapes_stay_in_the_file(statement: str, sound: Path) -> None:
    path = edited(sound, statement, values=(_ESCAPE.decode(),))
    try:
        with Recording(path) as recording:
            assert recording.about.kernel.isprintable()
            assert recording.about.vmtui.isprintable()
    except VmtuiError as error:
        assert_said(error)
    listed = shelf.look(path)
    for column in shelf.FIELDS:
        shown = column.get(listed)
        text = shown.reason if isinstance(shown, Missing) else str(shown)
        assert text.isprintable(), (column.id, text)


def _text(path: Path) -> None:
    path.write_text("no recording at all, but long enough for the header of a database" * 3)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _directory(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _nothing(_path: Path) -> None: ...


def _elf(path: Path) -> None:
    path.write_bytes(b"\x7fELF" + bytes(4096))


def _database(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE t (x)")
    file.close()


def _journal_bomb(path: Path) -> None:
    tapes.write(path, tapes.moments(2))
    Path(f"{path}-wal").write_bytes(os.urandom(5000))


OTHERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "text": (_text, "is not a recording of vmtui"),
    "empty": (_empty, "is empty"),
    "directory": (_directory, "is not a file"),
    "pipe": (_pipe, "is not a file"),
    "nothing": (_nothing, "there is no "),
    "program": (_elf, "is not a recording of vmtui"),
    "database": (_database, "not a recording of vmtui"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_recording_is_said(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, said = OTHERS[name]
    path = tmp_path / "a\x1b[31m\u202e.vmtui"
    made(path)
    with pytest.raises(CannotReplay, match=said) as caught:
        Recording(path)
    assert_said(caught.value)
    assert main(["replay", str(path), "--at", "0"]) == 1
    printed = capsys.readouterr()
    assert not printed.out
    assert printed.err.count("\n") == 1 and printed.err[:-1].isprintable()
    assert "Traceback" not in printed.err and "unexpected" not in printed.err


def test_a_log_that_is_noise_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.vmtui"
    _journal_bomb(path)
    assert read_all(path) == 2


def test_somebody_elses_file_says_whose_it_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tapes.write(tmp_path / "a.vmtui", tapes.moments(1))

    def refused(*_arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(VmtuiError, match="may not be read by this user"):
        Recording(path)


def test_an_experiment_changed_anywhere_is_a_sentence_or_sound(tmp_path: Path) -> None:
    recorded(tmp_path / "sound.vmtui")
    some, refused = random.Random(3), 0
    for number in range(120):
        path = edited(tmp_path / "sound.vmtui")
        with sqlite3.connect(path) as file:
            table, column = some.choice([("moments", "data"), ("experiments", "start")])
            rows = file.execute(f"SELECT id, {column} FROM {table}").fetchall()
            row, blob = some.choice(rows)
            raw = bytearray(unpacked(blob))
            for _ in range(some.choice([1, 1, 3])):
                raw[some.randrange(len(raw))] = some.randrange(256)
            file.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (packed(bytes(raw)), row))
        file.close()
        try:
            with Recording(path) as recording:
                (experiment,) = recording.experiments
                try:
                    told = retold(experiment.start, 1 << 33)
                except Damaged as damage:
                    raise CannotReplay(f"experiment {number}: {damage}") from damage
                for index in range(len(experiment.moments)):
                    try:
                        check(recording.moment(1, index), told)
                    except Damaged as damage:
                        raise CannotReplay(f"moment {index}: {damage}") from damage
        except VmtuiError as error:
            refused += 1
            assert_said(error)
    assert refused > 30
