"""Journals: what is believed of them, who may clean up, and what is left alone. No privilege."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.lab.resources import leftovers, records, undo
from vmtui.lab.resources.journal import Journal, NotOurs, new_path
from vmtui.lab.resources.leftovers import Cleaned


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "vmtui")


def begun(place: str) -> Journal:
    return Journal.create(new_path(place))


def left_file(journal: Journal, name: str, *, noted: bool = True) -> Path:
    """A file as a run leaves it that was cut off."""
    path = Path(journal.directory, name)
    number = journal.intend("file", {"path": str(path)})
    path.touch()
    if noted:
        journal.did(number, {"inode": path.stat().st_ino})
    return path


def left_value(journal: Journal, path: Path, kind: str = "value", *, noted: str = "") -> None:
    """A setting that was 1 and that the run has set to 9."""
    number = journal.intend(kind, {"path": str(path), "before": "1", "wrote": "9"})
    if noted:
        journal.did(number, {"left": noted})


def test_leftovers_are_removed_with_the_journal(place: str) -> None:
    journal = begun(place)
    paths = [left_file(journal, "one"), left_file(journal, "two", noted=False)]
    journal.close()
    cleaned = leftovers.clean_up(place)
    assert cleaned == Cleaned(1, (f"{paths[1]} removed", f"{paths[0]} removed"))
    assert cleaned.line == (
        f"an experiment was cut off earlier: {paths[1]} removed; {paths[0]} removed"
    )
    assert not os.path.exists(place)


def test_nothing_there_is_nothing_to_do(place: str) -> None:
    assert leftovers.clean_up(place) == Cleaned()
    assert Cleaned().line == ""


def test_only_this_user_can_read_it(place: str) -> None:
    journal = begun(place)
    assert os.stat(place).st_mode & 0o777 == 0o700
    assert os.stat(journal.path).st_mode & 0o777 == 0o600
    journal.close()


def test_a_line_cut_off_anywhere_is_passed_over(place: str) -> None:
    journal = begun(place)
    for name in ("one", "two", "three"):
        left_file(journal, name)
    whole = Path(journal.path).read_bytes()
    before = -1
    for size in range(len(whole) + 1):
        Path(journal.path).write_bytes(whole[:size])
        found = records.read(journal.fd)
        assert before <= len(found.changes) <= 3
        before = len(found.changes)
    assert before == 3
    journal.close()


def test_lines_after_one_that_was_cut_off_count(place: str) -> None:
    journal = begun(place)
    left_file(journal, "one")
    os.write(journal.fd, b'{"change":2,"kind":"fi')
    journal.undid(1)
    assert records.read(journal.fd).changes == ()
    journal.close()


@pytest.mark.parametrize("noise", [b"\0" * 500, b"\xff\xfe", b"[1]\n3\nnull\n", b'{"done":7}\n'])
def test_noise_in_it_is_passed_over(place: str, noise: bytes) -> None:
    journal = begun(place)
    os.write(journal.fd, noise)
    path = left_file(journal, "one")
    journal.close()
    assert leftovers.clean_up(place).done == (f"{path} removed",)


def test_a_living_owner_is_left_alone(place: str) -> None:
    journal = begun(place)
    path = left_file(journal, "one")
    assert leftovers.clean_up(place) == Cleaned(living=(os.getpid(),))
    assert path.exists()
    journal.close()
    assert leftovers.clean_up(place).journals == 1


def test_after_another_boot_only_files_are_undone(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = tmp_path / "setting"
    setting.write_text("9\n")
    journal = begun(place)
    left_value(journal, setting)
    path = left_file(journal, "one")
    journal.close()
    monkeypatch.setattr(records, "boot_id", lambda: "another")
    assert leftovers.clean_up(place).done == (f"{path} removed",)
    assert setting.read_text() == "9\n"
    assert not os.path.exists(place)


def test_a_file_in_place_of_ours_is_left_alone(place: str) -> None:
    journal = begun(place)
    path = left_file(journal, "one")
    other = path.with_name("other")
    other.write_text("somebody's")
    other.rename(path)
    journal.close()
    (why,) = leftovers.clean_up(place).left
    assert why == f"{path} is not the file that vmtui made: left alone"
    assert path.read_text() == "somebody's"


def test_a_link_in_place_of_ours_is_left_alone(place: str, tmp_path: Path) -> None:
    journal = begun(place)
    path = left_file(journal, "one", noted=False)
    path.unlink()
    path.symlink_to(tmp_path)
    journal.close()
    assert leftovers.clean_up(place).left
    assert path.is_symlink()


@pytest.mark.parametrize(
    "case",
    [
        ("value", "9", "9", "1"),
        ("value", "", "9", "1"),  # cut off between writing it and noting that
        ("value", "", "1", "1"),  # … and before writing it
        ("value", "9", "5", "5"),  # somebody else's by now
        ("value", "", "5", "5"),
        ("value", "8", "8", "1"),  # the kernel made 8 of it
        ("pool", "9", "9", "1"),
        ("pool", "4", "4", "1"),  # fewer were granted
        ("pool", "", "4", "1"),
        ("pool", "4", "9", "9"),  # somebody added to them
        ("pool", "", "10", "10"),
    ],
)
def test_a_setting_is_undone_while_it_is_ours(
    place: str, tmp_path: Path, case: tuple[str, str, str, str]
) -> None:
    kind, noted, found, after = case
    setting = tmp_path / "setting"
    setting.write_text(found)
    journal = begun(place)
    left_value(journal, setting, kind, noted=noted)
    journal.close()
    cleaned = leftovers.clean_up(place)
    assert setting.read_text() == after
    assert bool(cleaned.left) == (after not in ("1",))
    assert not os.path.exists(place)  # what is somebody else's is not ours to try again


def test_a_setting_whose_file_is_gone_is_no_trouble(place: str, tmp_path: Path) -> None:
    journal = begun(place)
    left_value(journal, tmp_path / "gone")
    journal.close()
    assert leftovers.clean_up(place) == Cleaned(1)


def test_brackets_tell_which_value_is_chosen(place: str, tmp_path: Path) -> None:
    setting = tmp_path / "setting"
    setting.write_text("1 5 [9]\n")
    journal = begun(place)
    left_value(journal, setting, noted="9")
    journal.close()
    leftovers.clean_up(place)
    assert setting.read_text().startswith("1")


def test_a_kind_of_the_future_stays(place: str) -> None:
    journal = begun(place)
    journal.intend("hologram", {})
    path = left_file(journal, "one")
    journal.close()
    cleaned = leftovers.clean_up(place)
    assert cleaned.done == (f"{path} removed",)
    assert "hologram is not known to this version" in cleaned.left[0]
    assert os.path.exists(journal.path)


def test_an_entry_without_its_facts_is_given_up(place: str) -> None:
    journal = begun(place)
    journal.intend("value", {"path": "/proc/self/comm"})
    journal.close()
    assert leftovers.clean_up(place).left == ("the journal's entry of a value makes no sense",)
    assert not os.path.exists(place)


def test_somebody_elses_journal_is_refused(place: str, tmp_path: Path) -> None:
    journal = begun(place)
    journal.close()
    os.chmod(journal.path, 0o644)
    (why,) = leftovers.clean_up(place).left
    assert why == f"{journal.path} is not this user's alone: it is not trusted; look at it"
    os.unlink(journal.path)
    Path(journal.path).symlink_to(tmp_path / "elsewhere")
    (why,) = leftovers.clean_up(place).left
    assert why.startswith(f"{journal.path} is not a journal of vmtui:")
    os.unlink(journal.path)
    os.mkfifo(journal.path, 0o644)
    assert leftovers.clean_up(place).left


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a file of another user")
def test_a_journal_of_another_user_is_refused(place: str) -> None:
    journal = begun(place)
    path = left_file(journal, "one")
    journal.close()
    os.chown(journal.path, 65_534, -1)
    assert leftovers.clean_up(place).left
    assert path.exists()


def test_a_directory_that_others_can_write_to_is_refused(place: str, tmp_path: Path) -> None:
    os.mkdir(place)
    os.chmod(place, 0o777)
    for use in (begun, leftovers.clean_up):
        with pytest.raises(NotOurs, match="can be written to by others"):
            use(place)
    os.rmdir(place)
    os.symlink(tmp_path, place)
    with pytest.raises(NotOurs):
        leftovers.clean_up(place)
    with pytest.raises(VmtuiError):
        begun(place)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_directory_for_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(NotPermitted):
        begun(str(tmp_path / "vmtui"))


def test_two_runs_share_the_directory(place: str) -> None:
    first, second = begun(place), begun(place)
    undo.finish(first.fd, first.path)
    assert os.listdir(place) == [os.path.basename(second.path)]
    undo.finish(second.fd, second.path)
    assert not os.path.exists(place)
    first.close()
    second.close()


def test_a_janitor_leaves_a_journal_that_somebody_works_on(place: str) -> None:
    journal = begun(place)
    path = left_file(journal, "one")
    undo.take_over(journal.path)
    assert path.exists()
    fcntl.flock(journal.fd, fcntl.LOCK_UN)
    undo.take_over(journal.path)
    assert not os.path.exists(place)
    journal.close()
