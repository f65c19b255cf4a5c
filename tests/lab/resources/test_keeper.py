"""What a keeper acquires, what it refuses and in which words, and what it gives back."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import program
from tests.lab.resources.machine import PAGE_CLUSTER, POOL, assert_state, machine_state
from tests.truth.specimen import NOBODY
from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.kernel import swaps
from vmtui.lab.resources import hugepool, journal, leftovers, swapfile, syscalls, zram
from vmtui.lab.resources.keeper import Keeper

MEBIBYTE = 1 << 20


def test_nothing_happens_until_something_is_acquired(tmp_path: Path) -> None:
    assert Keeper(None, str(tmp_path / "vmtui")).restore() == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "zram"])
@pytest.mark.parametrize("preferred", [False, True])
def test_swap_is_on_with_its_size_and_order(machine: str, kind: str, preferred: bool) -> None:
    before = machine_state(machine)
    keeper = Keeper(None, machine)
    try:
        swap = keeper.swap("file" if kind == "file" else "zram", MEBIBYTE, preferred=preferred)
        (device,) = [one for one in swaps.read() if os.fsdecode(one.path) == swap.name]
        (other,) = [one for one in swaps.read() if one.path.endswith(b"/foreign")]
        assert swap.nbytes == MEBIBYTE
        assert device.size_bytes == MEBIBYTE - (1 << 12)
        assert (device.priority > other.priority) == preferred
        if kind == "file":
            assert os.stat(swap.path).st_mode & 0o777 == 0o600
    finally:
        assert keeper.restore() == ()
        assert keeper.restore() == ()
    assert_state(before, machine, "after it")


def test_pool_is_added_to_what_is_there(machine: str) -> None:
    keeper = Keeper(None, machine)
    try:
        pool = keeper.pool(8 * MEBIBYTE)
        assert pool.before == 8
        assert int(POOL.read_text()) == pool.before + pool.granted
        assert pool.granted <= pool.asked == -(-8 * MEBIBYTE // pool.page_bytes)
    finally:
        assert keeper.restore() == ()
    assert int(POOL.read_text()) == 8


def test_pool_that_somebody_else_changed_meanwhile_is_left_alone(machine: str) -> None:
    keeper = Keeper(None, machine)
    try:
        pool = keeper.pool(8 * MEBIBYTE)
        POOL.write_text(str(now := pool.before + pool.granted + 2))
    finally:
        (why,) = keeper.restore()
    try:
        assert int(POOL.read_text()) == now
        assert why == f"{POOL} is {now} now, which vmtui did not write: left alone (it was 8)"
    finally:
        POOL.write_text("8")


def test_setting_is_what_it_was(machine: str) -> None:
    before = PAGE_CLUSTER.read_text()
    keeper = Keeper(None, machine)
    try:
        assert keeper.set_value(str(PAGE_CLUSTER), "1") == before.strip()
        assert keeper.set_value(str(PAGE_CLUSTER), "0") == "1"
        assert PAGE_CLUSTER.read_text().strip() == "0"
    finally:
        assert keeper.restore() == ()
    assert PAGE_CLUSTER.read_text() == before


def test_two_experiments_do_not_change_the_same(machine: str) -> None:
    first, second = Keeper(None, machine), Keeper(None, machine)
    try:
        first.pool(2 * MEBIBYTE)
        first.pool(2 * MEBIBYTE)
        with pytest.raises(NotSupported, match="another experiment is changing /proc/sys/vm/nr_"):
            second.pool(2 * MEBIBYTE)
        assert first.restore() == ()
        assert second.pool(2 * MEBIBYTE).before == 8
    finally:
        assert (first.restore(), second.restore()) == ((), ())
    assert int(POOL.read_text()) == 8


def test_group_is_one_and_new(machine: str) -> None:
    keeper = Keeper(None, machine)
    try:
        group = keeper.group()
        assert keeper.group() is group
        assert os.path.isdir(group.path)
        assert group.pids() == ()
    finally:
        assert keeper.restore() == ()
    assert not os.path.exists(group.path)


def test_too_much_is_refused_before_anything_is_changed(machine: str) -> None:
    before = machine_state(machine)
    for ask, words in (
        (lambda: Keeper(None, machine).swap("zram", 1 << 40), "a zram device of 1.00T"),
        (lambda: Keeper(None, machine).pool(1 << 40), "a pool of 1.00T is too large"),
    ):
        with pytest.raises(NotSupported, match=words):
            ask()
    keeper = Keeper(None, machine)
    with pytest.raises(NotSupported, match=r"a swap file of 257M is too large: .* allowed here"):
        keeper.swap("file", 257 * MEBIBYTE)
    keeper.restore()
    assert_state(before, machine, "after it")


def test_a_file_system_that_cannot_hold_swap_is_named(machine: str) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        keeper = Keeper(None, f"{memory}/vmtui")
        with pytest.raises(NotSupported, match="a swap file cannot lie on tmpfs"):
            keeper.swap("file", MEBIBYTE)
        assert keeper.restore() == ()
        assert os.listdir(memory) == []


def test_swap_that_does_not_fit_into_memory_stays_on(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = machine_state(machine)
    keeper = Keeper(None, machine)
    swap = keeper.swap("file", MEBIBYTE)
    monkeypatch.setattr(syscalls, "available", lambda: 1 << 20)
    journal_path = keeper._journal.path if keeper._journal else ""
    fd = os.open(journal_path, os.O_RDWR | os.O_APPEND)
    from vmtui.lab.resources import undo

    outcome = undo.put_back(fd)
    os.close(fd)
    assert outcome.open
    assert "run `vmtui cleanup` later" in "".join(outcome.left)
    assert syscalls.swap_used(swap.path) is not None
    monkeypatch.undo()
    assert keeper.restore() == ()
    assert_state(before, machine, "after it")


def test_janitor_that_died_is_replaced(machine: str) -> None:
    keeper = Keeper(None, machine)
    try:
        keeper.set_value(str(PAGE_CLUSTER), "1")
        first = keeper._janitor
        assert first is not None
        os.kill(first.pid, 9)
        os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)
        keeper.pool(2 * MEBIBYTE)
        assert keeper._janitor is not first
    finally:
        assert keeper.restore() == ()


def as_nobody(work: Callable[[], object]) -> None:
    """In a fork that has no privilege."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            work()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda keeper: keeper.swap("file", MEBIBYTE), swapfile.NEEDS_ROOT.en),
        (lambda keeper: keeper.swap("zram", MEBIBYTE), swapfile.NEEDS_ROOT.en),
        (lambda keeper: keeper.pool(MEBIBYTE), hugepool.NEEDS_ROOT.en),
        (
            lambda keeper: keeper.set_value(str(PAGE_CLUSTER), "1"),
            f"setting {PAGE_CLUSTER} needs root; run vmtui as root",
        ),
    ],
    ids=["file", "zram", "pool", "value"],
)
def test_nobody_is_told_what_it_needs(ask: Callable[[Keeper], object], words: str) -> None:
    def work() -> None:
        with tempfile.TemporaryDirectory(dir="/tmp") as home:
            keeper = Keeper(None, f"{home}/vmtui")
            with pytest.raises(NotPermitted) as refused:
                ask(keeper)
            assert str(refused.value) == words
            assert os.listdir(home) == []

    as_nobody(work)


def test_nobody_is_told_why_there_is_no_group() -> None:
    def work() -> None:
        with tempfile.TemporaryDirectory(dir="/tmp") as home:
            keeper = Keeper(None, f"{home}/vmtui")
            try:
                keeper.group()
            except VmtuiError as refused:
                assert "\n" not in str(refused)
            assert keeper.restore() == ()
            assert os.listdir(home) == []

    as_nobody(work)


def test_nobody_learns_it_before_a_run_too() -> None:
    def work() -> None:
        assert swapfile.refused() is swapfile.NEEDS_ROOT
        assert zram.refused() is swapfile.NEEDS_ROOT
        assert hugepool.refused() in (hugepool.NEEDS_ROOT, hugepool.NO_POOL)

    as_nobody(work)


def test_command_says_what_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from vmtui.cli import main

    place = str(tmp_path / "vmtui")
    monkeypatch.setattr(journal, "usual_place", lambda: place)
    monkeypatch.setattr(journal, "ROOT_PLACE", place)
    assert main(["cleanup"]) == 0
    assert capsys.readouterr().out == "there is nothing to clean up\n"
    left = journal.Journal.create(journal.new_path(place))
    path = Path(place, "swap-1")
    left.intend("file", {"path": str(path)})
    left.intend("hologram", {})
    path.touch()
    left.close()
    code = main(["cleanup"])
    assert code == (1 if os.geteuid() == 0 else 4)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{path} removed"
    assert said[1].startswith("not put back: a change of the kind hologram")
    if os.geteuid() == 0:
        assert leftovers.clean_up_at_start().startswith(
            "an experiment was cut off earlier: a change"
        )


def test_command_as_a_document() -> None:
    outcome = program("cleanup", "--json")
    assert outcome.code in (0, 1, 4)
    assert '"schema": "vmtui.cleanup/1"' in outcome.out
