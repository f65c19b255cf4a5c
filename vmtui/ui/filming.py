"""The real app on a recording, without a terminal: what it would show at a moment.

The screens are those that `vmtui replay` opens, so a picture and a film show what a user would see.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left, bisect_right
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
from vmtui.ui.screens.machine import TABS, MachineScreen
from vmtui.ui.screens.pages import PagesScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.screens.retold_stage import RetoldStage
from vmtui.ui.screens.target_screen import reading_of
from vmtui.ui.screenshot import picture_of
from vmtui.ui.settings import Settings

MACHINE_TABS = ("machine", *(title.lower() for title in TABS[1:]))
"""What the tabs of Machine mode are called on the command line, the first one by its mode."""
_PATIENCE_SECONDS = 60.0
"""How long a moment may take to be read."""

Lines = Sequence[Sequence[Segment]]


@dataclass(frozen=True, slots=True)
class Shot:
    """What to look at."""

    screen: str = "processes"
    """`processes`, `process`, `pages`, `machine` or another of its tabs, or `stage`."""
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
        await self._until(lambda: self._tape.caught_up)
        await self._pilot.pause()
        if self._app.failure is not None:
            raise self._app.failure

    async def _until(self, there: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE_SECONDS
        while not there():
            if time.monotonic() > end:
                raise VmtuiError("the recording cannot be read: it takes too long")
            await asyncio.sleep(0.002)

    async def go(self, at: float) -> None:
        """Stand at a sample, or on the stage at a moment, by its wall clock."""
        stage = self._app.screen
        if not isinstance(stage, RetoldStage):
            self._tape.seek(at)
            await self._found()
            return
        run = stage.staged
        assert run is not None
        index = max(0, bisect_right(stage.moments, at) - 1)
        run.seek(index)
        await self._until(lambda: bool(run.error) or (run.index == index and not run.reading))
        if run.error:
            raise VmtuiError(run.error)
        await self._pilot.pause()
        stage.look()
        await self._pilot.pause()

    def times(self, first: float, last: float) -> Sequence[float]:
        """When what is on screen was seen: samples, or the moments of the experiment."""
        stage, ticks = self._app.screen, self._tape.ticks
        if not isinstance(stage, RetoldStage):
            return ticks[bisect_left(ticks, first) : bisect_right(ticks, last)]
        every = stage.moments  # its first may be older than the first sample
        low = 0 if first <= ticks[0] else max(0, bisect_right(every, first) - 1)
        return every[low : len(every) if last >= ticks[-1] else bisect_right(every, last)]

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
        if shot.screen == "stage":
            if not self._tape.experiments:
                raise VmtuiError("this recording holds no experiment")
            self._app.action_mode("lab")
            await self._until(lambda: isinstance(self._app.screen, RetoldStage))
            await self._pilot.pause()
            await self.go(float("inf") if shot.at is None else shot.at)
        elif shot.screen in MACHINE_TABS:
            self._app.action_mode("machine")
            await self.settle()
            tab = self._app.screen
            assert isinstance(tab, MachineScreen)
            tab.open_tab(MACHINE_TABS.index(shot.screen))
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
    until: float,
    take: Callable[[float, Lines], None],
) -> None:
    """Show one sample after another to `take`, or one moment of the experiment.

    Args:
        path: the recording.
        shot: the screen; its `at` is the beginning.
        settings: theme and the like.
        until: wall clock of the last one.
        take: is given the wall clock of each and what is on screen then.

    Raises:
        VmtuiError: as `camera`.
    """

    async def look() -> None:
        async with camera(path, shot, settings) as one:
            for at in one.times(until if shot.at is None else shot.at, until):
                await one.go(at)
                take(at, one.lines)

    asyncio.run(look())
