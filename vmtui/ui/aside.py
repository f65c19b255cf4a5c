"""Work that somebody waits for, in a thread: a bar if it takes long, and escape to leave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from textual.screen import Screen
from textual.worker import get_current_worker

from vmtui.errors import VmtuiError
from vmtui.told import Told
from vmtui.ui.comparing import Cancelled
from vmtui.ui.dialogs.working import Working

T = TypeVar("T")

SILENT_SECONDS = 0.5
"""What is quicker shows no bar."""


@dataclass(slots=True)
class _Way:
    """How far it is; shared by its thread and the bar."""

    done: int = 0
    total: int = 0
    left: bool = False
    ended: bool = False


def aside(
    screen: Screen[Any],
    title: str,
    work: Callable[[Told], T],
    take: Callable[[T | VmtuiError], None],
    *,
    group: str,
) -> None:
    """Do it in a thread, and take what comes of it unless it was left.

    Args:
        screen: over which the bar is shown; when it goes, nobody waits any more.
        title: what is done; display text.
        work: called in the thread. What it is given hears how far it is, and raises `Cancelled`
            there once it was left.
        take: called by the UI thread with what was found, or with the error that it ended in.
        group: a new one takes the place of one that goes on.
    """
    way = _Way()
    bar = Working(title, lambda: (way.done, way.total))

    def do() -> None:
        worker = get_current_worker()

        def told(done: int, total: int) -> None:
            if way.left or worker.is_cancelled:
                raise Cancelled("left")
            way.done, way.total = done, total

        found: T | VmtuiError
        try:
            found = work(told)
        except Cancelled:
            return
        except VmtuiError as error:
            found = error
        if not way.left and not worker.is_cancelled:
            screen.app.call_from_thread(finish, found)

    def finish(found: T | VmtuiError) -> None:
        way.ended = True
        if bar.is_current:
            bar.dismiss(True)
        if not way.left:
            take(found)

    def leave(done: bool | None) -> None:
        way.left = done is None

    def open_bar() -> None:
        if not way.ended and not worker.is_cancelled and screen.is_current:
            screen.app.push_screen(bar, leave)

    worker = screen.run_worker(do, thread=True, group=group, exclusive=True)
    screen.set_timer(SILENT_SECONDS, open_bar)
