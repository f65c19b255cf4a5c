"""The real app on a recording, and waiting until it shows what was asked for."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, cast

from textual.pilot import Pilot

from tests.ui.screens.observing import settled
from vmtui.record.feed import ReplayFeed
from vmtui.ui.observatory import Observatory
from vmtui.ui.replaying import feed_of, session_over
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.settings import Settings


def replayed(path: Path, at: float | None = None, open_pid: int | None = None) -> Observatory:
    """The app as `vmtui replay` runs it."""
    feed = feed_of(path, at)
    session = session_over(feed, Settings())
    return Observatory(
        session, feed, Settings(), lambda: ProcessesScreen(open_pid), readonly=True
    )  # fmt: skip


def tape_of(pilot: Pilot[Any]) -> ReplayFeed:
    """The recording that is shown."""
    tape = cast(Observatory, pilot.app).session.tape
    assert tape is not None
    return tape


async def caught_up(pilot: Pilot[Any]) -> None:
    """The moment that was asked for is on screen, with its past."""
    await settled(pilot)
    end = time.monotonic() + 20
    while not tape_of(pilot).caught_up:
        assert time.monotonic() < end, "the recording was not read"
        await asyncio.sleep(0.01)
    await settled(pilot)


async def do(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, and wait until what they ask for is there."""
    for key in keys:
        await pilot.press(key)
        await caught_up(pilot)
