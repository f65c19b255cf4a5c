"""The real app on prepared samples, for tests of the levels of the microscope."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from textual.pilot import Pilot
from textual.screen import Screen

from tests import factories
from tests.ui.stage import screen_lines
from vmtui.observe.feed import ListFeed
from vmtui.observe.sample import Sample
from vmtui.ui.observatory import Observatory
from vmtui.ui.screens.differences import DifferencesScreen
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.settings import Settings

ScreenT = TypeVar("ScreenT", bound=Screen[Any])


def observatory(samples: Sequence[Sample], open_pid: int | None = None, **how: Any) -> Observatory:
    """The app on these samples: the first at once, the others when `deliver` asks for them.

    Args:
        samples: oldest first.
        open_pid: as on the command line.
        how: changes of the session.
    """
    now = time.monotonic()  # the header says so where a sample is old
    feed = ListFeed([replace(one, began=one.began + now, ended=one.ended + now) for one in samples])
    return Observatory(
        factories.session(feed, **how), feed, Settings(), lambda: ProcessesScreen(open_pid)
    )


def feed_of(pilot: Pilot[Any]) -> ListFeed:
    """Where the samples come from and the plans go."""
    return cast(ListFeed, cast(Observatory, pilot.app).session.feed)


async def settled(pilot: Pilot[Any]) -> None:
    """Everything that was posted has been handled and painted."""
    for _ in range(3):
        await pilot.pause()


async def deliver(pilot: Pilot[Any], count: int = 1) -> None:
    """The next samples arrive, one by one."""
    for _ in range(count):
        feed_of(pilot).deliver()
        await settled(pilot)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press the keys and wait until they have done what they do."""
    await pilot.press(*keys)
    await settled(pilot)


async def comes(pilot: Pilot[Any], screen: type[ScreenT]) -> ScreenT:
    """The topmost screen once it is of that kind: on a busy machine keys take their time."""
    end = time.monotonic() + 20
    while not isinstance(pilot.app.screen, screen):
        assert time.monotonic() < end, pilot.app.screen
        await asyncio.sleep(0.01)
        await settled(pilot)
    return on(pilot, screen)


async def made(pilot: Pilot[Any]) -> DifferencesScreen:
    """The screen of differences, once its thread has made it."""
    screen = on(pilot, DifferencesScreen)
    end = time.monotonic() + 20
    while not screen.ready:
        assert time.monotonic() < end, "the difference was not made"
        await asyncio.sleep(0.01)
    await settled(pilot)
    return screen


async def type_in(pilot: Pilot[Any], words: str) -> None:
    """Type words."""
    names = {" ": "space", ":": "colon", ">": "greater_than_sign", "-": "minus"}
    await press(pilot, *(names.get(char, char) for char in words))


def shown(pilot: Pilot[Any]) -> str:
    """What stands on the screen, dialogs included."""
    return "\n".join(screen_lines(cast(Observatory, pilot.app)))


def told(pilot: Pilot[Any]) -> str:
    """What the app has said in passing, newest last."""
    return "\n".join(note.message for note in pilot.app._notifications)


def line_with(pilot: Pilot[Any], words: str) -> int:
    """The first line of the screen that has these words."""
    for number, line in enumerate(screen_lines(cast(Observatory, pilot.app))):
        if words in line:
            return number
    raise AssertionError(f"{words!r} is not on the screen:\n{shown(pilot)}")


def on(pilot: Pilot[Any], screen: type[ScreenT]) -> ScreenT:
    """The topmost screen, which is of that kind."""
    assert isinstance(pilot.app.screen, screen), pilot.app.screen
    return pilot.app.screen
