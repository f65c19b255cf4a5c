"""Stopped after every single step: the janitor, `vmtui cleanup` or the app puts everything back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from tests.lab.resources import tripwire
from tests.lab.resources.machine import (
    PAGE_CLUSTER,
    PATIENCE_SECONDS,
    assert_state,
    children,
    machine_state,
)
from tests.lab.stand import THOROUGH
from vmtui.lab import spawner
from vmtui.lab.resources import leftovers
from vmtui.lab.resources.keeper import Keeper

MEBIBYTE = 1 << 20
WAYS: dict[str, Callable[[Keeper], object]] = {
    "swap file": lambda keeper: keeper.swap("file", MEBIBYTE),
    "zram": lambda keeper: keeper.swap("zram", MEBIBYTE),
    "pool": lambda keeper: keeper.pool(4 * MEBIBYTE),
    "value": lambda keeper: keeper.set_value(str(PAGE_CLUSTER), "1"),
    "group": lambda keeper: keeper.group(),
}


class _NoJanitor:
    """Stands for a janitor that was killed at once."""

    lives = True

    def close(self) -> None:
        """Nothing to wait for."""


def use(keeper: Keeper, kinds: tuple[str, ...] = tuple(WAYS)) -> None:
    """Acquire one of each kind, then put all back."""
    for kind in kinds:
        WAYS[kind](keeper)
    assert keeper.restore() == ()


def in_child(work: Callable[[], object]) -> int:
    """Do it in a fork; its exit code."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def settled() -> None:
    """Wait until no child of this process is left."""
    until = time.monotonic() + PATIENCE_SECONDS
    while children() and time.monotonic() < until:
        time.sleep(0.002)


def steps_of(work: Callable[[], object]) -> int:
    """How many there are; in a fork, because a pytest under a profiler is another pytest."""
    ours, theirs = os.pipe()

    def told() -> None:
        os.write(theirs, str(tripwire.count(work)).encode())

    assert in_child(told) == 0
    os.close(theirs)
    with os.fdopen(ours) as answer:
        return int(answer.read())


def own_steps(machine: str, kind: str) -> range:
    """Of one kind; those of beginning a journal are the same for all and belong to the first."""
    everything = steps_of(lambda: use(Keeper(None, machine), (kind,)))
    shared = steps_of(lambda: Keeper(None, machine).stem)
    return range(0 if kind == next(iter(WAYS)) else shared, everything)


@pytest.mark.parametrize("kind", WAYS)
def test_app_crashes_and_the_janitor_puts_all_back(machine: str, kind: str) -> None:
    before = machine_state(machine)
    steps = own_steps(machine, kind)
    for step in steps:

        def crash(step: int = step) -> None:
            tripwire.stop_after(step, lambda: use(Keeper(None, machine), (kind,)), tripwire.crash)

        assert in_child(crash) == tripwire.CRASHED
        settled()
        # Before the janitor is there, only an empty journal can be left.
        if leftovers.clean_up(machine).done:
            pytest.fail(f"step {step} of {steps} left something to the next start")
        assert_state(before, machine, f"step {step} of {steps}")


@pytest.mark.parametrize("kind", WAYS)
def test_app_and_janitor_die_and_the_next_start_puts_all_back(
    machine: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spawner.Janitor, "start", lambda *_: _NoJanitor())
    before = machine_state(machine)
    steps = own_steps(machine, kind)
    for step in steps:

        def crash(step: int = step) -> None:
            tripwire.stop_after(step, lambda: use(Keeper(None, machine), (kind,)), tripwire.crash)

        assert in_child(crash) == tripwire.CRASHED
        assert leftovers.clean_up(machine).left == ()
        assert_state(before, machine, f"step {step} of {steps}")


@pytest.mark.skipif(not THOROUGH, reason="VMTUI_THOROUGH is not set: takes a minute")
def test_the_same_with_one_of_each_kind(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spawner.Janitor, "start", lambda *_: _NoJanitor())
    before = machine_state(machine)
    steps = steps_of(lambda: use(Keeper(None, machine)))
    assert steps > 60
    for step in range(steps):

        def crash(step: int = step) -> None:
            tripwire.stop_after(step, lambda: use(Keeper(None, machine)), tripwire.crash)

        assert in_child(crash) == tripwire.CRASHED
        assert leftovers.clean_up(machine).left == ()
        assert_state(before, machine, f"step {step} of {steps}")


def test_cleanup_dies_too_and_the_next_one_goes_on(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spawner.Janitor, "start", lambda *_: _NoJanitor())
    before = machine_state(machine)

    def leave_everything() -> None:
        keeper = Keeper(None, machine)
        for acquire in WAYS.values():
            acquire(keeper)
        tripwire.crash()

    def clean() -> None:
        leftovers.clean_up(machine)

    assert in_child(leave_everything) == tripwire.CRASHED
    assert machine_state(machine) != before
    steps = steps_of(clean)
    assert machine_state(machine) == before
    assert steps > 20
    for step in range(steps):

        def crash(step: int = step) -> None:
            tripwire.stop_after(step, clean, tripwire.crash)

        assert in_child(leave_everything) == tripwire.CRASHED
        assert in_child(crash) == tripwire.CRASHED
        assert leftovers.clean_up(machine).left == ()
        assert_state(before, machine, f"step {step} of {steps}")


@pytest.mark.parametrize("kind", WAYS)
def test_error_at_every_step_and_the_app_puts_all_back(machine: str, kind: str) -> None:
    before = machine_state(machine)
    steps = own_steps(machine, kind)
    for step in steps:

        def fail(step: int = step) -> None:
            keeper = Keeper(None, machine)
            try:
                tripwire.stop_after(step, lambda: use(keeper, (kind,)), tripwire.trip)
            except tripwire.Tripped:
                assert keeper.restore() == ()
            assert leftovers.clean_up(machine).done == ()

        assert in_child(fail) == 0, f"step {step} of {steps}"
        settled()
        assert_state(before, machine, f"step {step} of {steps}")
