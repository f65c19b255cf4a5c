"""The real app on a recording, without a terminal: what it would show at a moment.

The screens are those that `vmtui replay` opens, so a picture and a film show what a user would see.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.segment import Segment
from textual.pilot import Pilot

from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.model.vmas import Vmas
from vmtui.observe.sample import Sample
from vmtui.record.feed import ReplayFeed
from vmtui.ui.cost import Cost
from vmtui.ui.observatory import Observatory
from vmtui.ui.palette import Depth
from vmtui.ui.replaying import feed_of, session_over
from vmtui.ui.screens.pages import PagesScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.screens.target_screen import reading_of
from vmtui.ui.screenshot import picture_of
from vmtui.ui.settings import Settings

SCREENS = ("processes", "process", "pages", "machine")
_PATIENCE_SECONDS = 60.0
"""How long a moment may take to be read."""

Lines = Sequence[Sequence[Segment]]


@dataclass(frozen=True, slots=True)
class Shot:
    """What to look at."""

    screen: str = "processes"
    """One of `SCREENS`."""
    at: float | None = None
    """Wall clock; None for the last sample."""
    size: tuple[int, int] = (120, 35)
    """Columns and lines."""
    pid: int = 0
    """The process of `process` and `pages`."""
    address: int | None = None
    """A VMA's address for `pages`; None for the VMA with the most in memory."""


class Camera:
    """Looks at one run of the app; made by `camera`."""

    def __init__(self, pilot: Pilot[Any], app: Observatory, tape: ReplayFeed) -> None:
        self._pilot, self._app, self._tape = pilot, app, tape

    async def settle(self) -> None:
        """The moment that was asked for is on screen, with its past.

        Raises:
            VmtuiError: the recording cannot be read there.
        """
        await self._pilot.pause()  # a new screen first has to say what it wants
        await self._found()

    async def _found(self) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while not self._tape.caught_up:
            if time.monotonic() > end:
                raise VmtuiError("the recording cannot be read: it takes too long")
            await asyncio.sleep(0.002)
        await self._pilot.pause()
        if self._app.failure is not None:
            raise self._app.failure

    async def go(self, index: int) -> Sample:
        """Stand at a sample, by its place in the recording."""
        self._tape.seek(self._tape.ticks[index])
        await self._found()
        sample = self._app.session.clock.current
        assert sample is not None
        return sample

    @property
    def lines(self) -> Lines:
        """What is on screen. (There is no public way to the strips of the whole screen.)"""
        return [list(strip) for strip in self._app.screen._compositor.render_strips()]

    def picture(self, title: str) -> str:
        """What is on screen, as an SVG."""
        return picture_of(self._app, title)

    async def open(self, shot: Shot) -> None:
        """Go to the screen that is asked for.

        Raises:
            VmtuiError: the recording does not have it.
        """
        await self.settle()
        if shot.screen == "machine":
            self._app.action_mode("machine")
        elif shot.screen != "processes":
            pid = self._pid(shot)
            self._app.push_screen(ProcessScreen(pid))
            await self.settle()
            if shot.screen == "pages":
                self._app.push_screen(PagesScreen(pid, *self._vma(pid, shot.address)))
        await self.settle()

    def _pid(self, shot: Shot) -> int:
        sample = self._app.session.clock.current
        if sample is None or sample.process(shot.pid) is None:
            raise VmtuiError(f"process {shot.pid} is not in the recording at that moment")
        return shot.pid

    def _vma(self, pid: int, address: int | None) -> tuple[int, int]:
        reading = reading_of(self._app.session.clock.current, pid)
        vmas = reading.vmas if reading else Missing("it was not recorded in depth")
        if not isinstance(vmas, Vmas):
            raise VmtuiError(f"the VMAs of process {pid} are not known: {vmas.reason}")
        if address is not None:
            index = vmas.index_of(address)
            if index is None:
                raise VmtuiError(f"process {pid} maps nothing at {address:#x} at that moment")
            return vmas[index].start, vmas[index].end
        if not len(vmas):
            raise VmtuiError(f"process {pid} maps nothing at that moment")

        def resident(index: int) -> int:
            rss = vmas[index].rss
            return 0 if isinstance(rss, Missing) else rss

        largest = vmas[max(range(len(vmas)), key=resident)]
        return largest.start, largest.end


@asynccontextmanager
async def camera(path: Path, shot: Shot, settings: Settings) -> AsyncIterator[Camera]:
    """The app on a recording, showing what is asked for.

    Raises:
        VmtuiError: it is no recording, is damaged, or does not have that screen.
    """
    feed = feed_of(path, float("inf") if shot.at is None else shot.at)
    session = session_over(feed, settings)

    def first() -> ProcessesScreen:
        return ProcessesScreen(None, settings.process_columns)

    app = Observatory(
        session, feed, settings, first, readonly=True, depth=Depth.TRUE,
        ascii_only=bool(settings.ascii),
    )  # fmt: skip
    app.cost = _Unsaid()
    async with app.run_test(size=shot.size) as pilot:
        one = Camera(pilot, app, feed)
        await one.open(shot)
        yield one


class _Unsaid(Cost):
    """What vmtui costs while it films is nobody's business."""

    def text(self, sample: Sample) -> str:
        return ""


def photographed(path: Path, shot: Shot, settings: Settings, title: str) -> str:
    """A screen of a recording as an SVG.

    Raises:
        VmtuiError: as `camera`.
    """

    async def look() -> str:
        async with camera(path, shot, settings) as one:
            return one.picture(title)

    return asyncio.run(look())


def filmed(
    path: Path,
    shot: Shot,
    settings: Settings,
    places: Sequence[int],
    take: Callable[[Sample, Lines], None],
) -> None:
    """Show one sample after another to `take`.

    Args:
        path: the recording.
        shot: the screen; its `at` is that of the first place.
        settings: theme and the like.
        places: of the samples, in order.
        take: is given each sample and what is on screen then.

    Raises:
        VmtuiError: as `camera`.
    """

    async def look() -> None:
        async with camera(path, shot, settings) as one:
            for index in places:
                sample = await one.go(index)
                take(sample, one.lines)

    asyncio.run(look())
