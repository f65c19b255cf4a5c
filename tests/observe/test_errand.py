"""Work in a thread: the latest record, cancelling, errors told and bugs not lost."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from vmtui.errors import NotPermitted
from vmtui.observe.errand import Cancelled, Errand


def test_runs_to_its_end() -> None:
    def count(cancelled: Cancelled) -> Generator[int, None, None]:
        yield from range(5)

    errand = Errand(count)
    assert errand.wait(10) == 4
    assert not errand.running
    assert errand.error is None


def test_is_cancelled() -> None:
    begun, closed = threading.Event(), threading.Event()

    def endless(cancelled: Cancelled) -> Generator[int, None, None]:
        try:
            number = 0
            while not cancelled():
                yield number
                number += 1
                begun.set()
        finally:
            closed.set()

    errand = Errand(endless)
    assert begun.wait(10)
    errand.cancel()
    errand.cancel()
    assert errand.wait(10) is not None
    assert closed.is_set() and not errand.running


def test_a_refusal_is_told() -> None:
    def refused(cancelled: Cancelled) -> Generator[int, None, None]:
        yield 1
        raise NotPermitted("no", "be root")

    errand = Errand(refused)
    assert errand.wait(10) == 1
    assert isinstance(errand.error, NotPermitted)


def test_a_bug_is_not_lost() -> None:
    def broken(cancelled: Cancelled) -> Generator[int, None, None]:
        yield 1
        raise ZeroDivisionError

    errand = Errand(broken)
    errand.wait(10)
    with pytest.raises(ZeroDivisionError):
        _ = errand.error
