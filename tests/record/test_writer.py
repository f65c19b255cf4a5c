"""The file: whose it is, that it replaces nothing, that it can be read while it is written."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.record import tapes
from tests.record.alike import unlike
from vmtui.errors import NotPermitted, VmtuiError
from vmtui.missing import Missing
from vmtui.model.oom import OomRanking
from vmtui.observe import page_cache
from vmtui.observe.machine_depth import PARTS, Known, MachineDepth
from vmtui.record import place, schema
from vmtui.record.reader import CannotReplay, Recording
from vmtui.record.writer import CannotRecord, Writer

SIDES = ("", "-wal", "-shm", "-journal")


def test_every_tick_comes_back(tmp_path: Path) -> None:
    ticks = tapes.moments(3 * schema.STRETCH // 2)
    path = tapes.write(tmp_path / "a.vmtui", ticks)
    with Recording(path) as recording:
        assert len(recording) == len(ticks)
        for index in [*range(len(ticks)), *range(len(ticks) - 1, -1, -7)]:
            assert not unlike(ticks[index].sample, recording.sample(index))
            target = recording.target(index, tapes.PID)
            assert not unlike(ticks[index].targets[0], target)
        assert recording.all_pids == (tapes.PID,)
        assert recording.about == tapes.about()


@pytest.mark.parametrize("index", [0, 1, 63, 64, 65, 95])
def test_any_moment_can_be_gone_to_first(index: int, tmp_path: Path) -> None:
    ticks = tapes.moments(96)
    with Recording(tapes.write(tmp_path / "a.vmtui", ticks)) as recording:
        assert not unlike(ticks[index].sample, recording.sample(index))


def test_a_finished_recording_is_one_file_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = tapes.write(tmp_path / "a.vmtui", tapes.moments(2))
    finally:
        os.umask(before)
    assert os.listdir(tmp_path) == ["a.vmtui"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_while_it_is_written_every_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Writer(tmp_path / "a.vmtui", tapes.about()):
            modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"a.vmtui": 0o600, "a.vmtui-wal": 0o600, "a.vmtui-shm": 0o600}


@pytest.mark.parametrize("side", SIDES)
def test_nothing_is_replaced_and_no_link_is_followed(side: str, tmp_path: Path) -> None:
    path, precious = tmp_path / "a.vmtui", tmp_path / "precious"
    precious.write_bytes(b"mine")
    Path(f"{path}{side}").symlink_to(precious)
    with pytest.raises(VmtuiError, match="exists already"):
        Writer(path, tapes.about())
    assert precious.read_bytes() == b"mine"
    assert sorted(os.listdir(tmp_path)) == sorted([f"a.vmtui{side}", "precious"])
    Path(f"{path}{side}").unlink()
    Path(f"{path}{side}").symlink_to(tmp_path / "nowhere")
    with pytest.raises(VmtuiError, match="exists already"):
        Writer(path, tapes.about())
    assert not (tmp_path / "nowhere").exists()


def test_what_is_no_place_for_a_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(VmtuiError, match="no such directory"):
        Writer(tmp_path / "not" / "there", tapes.about())
    with pytest.raises(VmtuiError, match=r"a\\x1b\[31m.*no name|exists|cannot be created"):
        Writer(str(tmp_path / "a\x1b[31m") + "\0", tapes.about())


def test_names_cannot_be_foreseen() -> None:
    names = {place.default_name(b"db-1/\x1b[31m", 0.0) for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith("vmtui-db-1_31m-") and name.isprintable() for name in names)


def test_it_is_read_while_it_is_written(tmp_path: Path) -> None:
    ticks = tapes.moments(70)
    with Writer(tmp_path / "a.vmtui", tapes.about()) as writer:
        writer.add(ticks[0].sample, ticks[0].targets)
        with Recording(writer.path) as recording:
            for number, tick in enumerate(ticks[1:], 1):
                writer.add(tick.sample, tick.targets)
                assert recording.refresh() == 1
                assert not unlike(tick.sample, recording.sample(number))
            writer.event(5.0, "mark", "here \udc9b", 7)
            (event,) = recording.events
            assert (event.at, event.kind, event.text, event.pid) == (5.0, "mark", b"here \x9b", 7)


def test_a_ring_keeps_what_was_asked_for_and_little_more(tmp_path: Path) -> None:
    keep, ticks = 100.0, tapes.moments(600)
    writer = Writer(tmp_path / "a.vmtui", tapes.about(keep=keep), keep)
    writer.event(ticks[0].sample.taken_at, "mark", "long ago")
    sizes = []
    with writer, Recording(writer.path) as recording:
        for tick in ticks:
            writer.add(tick.sample, tick.targets)
            recording.refresh()
            first, last = recording.span
            assert last - first <= keep + 2 * schema.STRETCH
            if tick is ticks[300]:
                sizes.append(recording.nbytes)
        sizes.append(recording.nbytes)
        assert last - first >= keep
        assert not unlike(ticks[-1].sample, recording.sample(len(recording) - 1))
        assert not unlike(ticks[-len(recording)].sample, recording.sample(0))
        assert recording.events == ()
    assert sizes[1] < 1.5 * sizes[0]


def test_a_moment_that_a_ring_has_dropped_is_said_to_be_gone(tmp_path: Path) -> None:
    ticks = tapes.moments(200)
    with Writer(tmp_path / "a.vmtui", tapes.about(), keep=10.0) as writer:
        writer.add(ticks[0].sample, ticks[0].targets)
        with Recording(writer.path) as recording:
            for tick in ticks[1:]:
                writer.add(tick.sample, tick.targets)
            with pytest.raises(CannotReplay, match="keeps the latest only"):
                recording.sample(0)


def test_a_process_that_was_not_recorded_is_missing(tmp_path: Path) -> None:
    with Recording(tapes.write(tmp_path / "a.vmtui", tapes.moments(2))) as recording:
        assert isinstance(recording.target(0, 99), Missing)
        assert isinstance(recording.target(0, -1), Missing)


def test_a_file_that_was_taken_away_ends_it_in_a_sentence(tmp_path: Path) -> None:
    (tick,) = tapes.moments(1)
    writer = Writer(tmp_path / "a.vmtui", tapes.about())
    writer.close()
    with pytest.raises(CannotRecord, match="is closed"):
        writer.add(tick.sample, tick.targets)


def test_a_locked_file_ends_it_in_a_sentence(tmp_path: Path) -> None:
    (tick,) = tapes.moments(1)
    with Writer(tmp_path / "a.vmtui", tapes.about()) as writer:
        assert writer._file is not None
        writer._file.execute("PRAGMA busy_timeout = 1")
        other = sqlite3.connect(writer.path, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(CannotRecord, match="another program holds it locked"):
                writer.add(tick.sample, tick.targets)
        finally:
            other.close()


@contextmanager
def tiny_disk(at: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    if os.geteuid():
        pytest.skip("mounting a small file system needs root")
    at.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(at)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield at
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def test_a_full_disk_ends_it_in_a_sentence_and_what_was_written_stays(tmp_path: Path) -> None:
    ticks = tapes.moments(3000)
    with tiny_disk(tmp_path / "disk") as disk:
        writer = Writer(disk / "a.vmtui", tapes.about())
        with pytest.raises(CannotRecord, match=r"a\.vmtui stopped: the disk is full$"):
            for tick in ticks:
                writer.add(tick.sample, tick.targets)
        written = writer.ticks
        writer.close()
        assert written > 10
        with Recording(disk / "a.vmtui") as recording:
            assert len(recording) == written
            assert not unlike(ticks[written - 1].sample, recording.sample(written - 1))
        with pytest.raises((VmtuiError, NotPermitted), match="no space left"):
            Writer(disk / "b.vmtui", tapes.about())
        assert not (disk / "b.vmtui").exists()


def test_a_process_that_has_ended_takes_no_room_and_stays_as_it_was(tmp_path: Path) -> None:
    ticks = tapes.moments(3 * schema.STRETCH)
    (last,) = ticks[9].targets
    ended = replace(last, reading=replace(last.reading, ended_at=tapes.TAKEN_AT + 10))
    with Writer(tmp_path / "a.vmtui", tapes.about()) as writer:
        for number, tick in enumerate(ticks):
            writer.add(tick.sample, tick.targets if number < 10 else (ended,))
    with Recording(tmp_path / "a.vmtui") as recording:
        ((parts,),) = recording._file.rows("SELECT count(*) FROM parts WHERE pid > 0")
        assert parts == 13
        for index in (10, 11, 63, 64, 100, 191):
            assert not unlike(ended, recording.target(index, tapes.PID))
        assert not unlike(last, recording.target(9, tapes.PID))


def test_dear_parts_take_room_where_they_changed_and_are_found_at_any_tick(tmp_path: Path) -> None:
    depths = [
        MachineDepth(
            oom=Known(OomRanking(number // 10, (), 0), float(number // 10), 0.5),
            files=Known(Missing("refused"), 0.0, 0.0) if number < 70 else None,
        )
        for number in range(2 * schema.STRETCH)
    ]
    known: dict[Any, Any] = {}  # of equal parts one object, as a sampler hands them out
    with Writer(tmp_path / "a.vmtui", tapes.about()) as writer:
        for tick, depth in zip(tapes.moments(len(depths)), depths, strict=True):
            oom = known.setdefault(depth.oom.at if depth.oom else None, depth.oom)
            files = known.setdefault("files", depth.files) if depth.files else None
            writer.add(replace(tick.sample, depth=replace(depth, oom=oom, files=files)))
    with Recording(tmp_path / "a.vmtui") as recording:
        ((parts,),) = recording._file.rows("SELECT count(*) FROM parts WHERE pid < 0")
        assert parts == (7 + 7) + (1 + 1)  # each when it changed, and where the stretch begins
        assert recording.has_depth
        for index in (0, 9, 10, 63, 64, 69, 127, 5):
            assert not unlike(depths[index].oom, recording.depth(index, PARTS).oom)
            assert recording.depth(index, ["files"]).oom is None
            assert recording.sample(index).depth is None
        assert not unlike(depths[0].files, recording.depth(3, PARTS).files)


def test_a_process_that_was_no_longer_recorded_is_missing(tmp_path: Path) -> None:
    ticks = tapes.moments(5)
    with Writer(tmp_path / "a.vmtui", tapes.about()) as writer:
        for number, tick in enumerate(ticks):
            writer.add(tick.sample, tick.targets if number < 3 else ())
    with Recording(tmp_path / "a.vmtui") as recording:
        assert not isinstance(recording.target(2, tapes.PID), Missing)
        assert isinstance(recording.target(3, tapes.PID), Missing)


def _locked(path: Path) -> set[str]:
    """Which of a recording's files this process holds POSIX locks on, by the kernel's own list."""
    inodes = {path.with_name(path.name + end).stat().st_ino: end for end in ("", "-shm")}
    found = set()
    for line in Path("/proc/locks").read_text().splitlines():
        _, kind, _, _, pid, place, *_ = line.replace("->", "").split()
        inode = int(place.rpartition(":")[2])
        if kind == "POSIX" and int(pid) == os.getpid() and inode in inodes:
            found.add(inodes[inode])
    return found


def test_nothing_here_gives_up_the_locks_of_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.vmtui"
    with Writer(path, tapes.about()) as writer:
        writer.add(tapes.moments(1)[0].sample)
        assert _locked(path) == {"", "-shm"}
        survey = page_cache.of_paths([str(tmp_path)])
        assert {file.path for file in survey.files} >= {os.fsencode(path)}
        page_cache.survey()
        with Recording(path) as recording:
            assert len(recording) == 1
        assert _locked(path) == {"", "-shm"}
    assert all(not isinstance(file.cached, Missing)
               for file in page_cache.of_paths([str(tmp_path)]).files)  # fmt: skip
