"""Take the laboratory's pictures from real runs: `python -m tests.screenshots.take_lab [NAME …]`.

Each experiment runs on its stage, headless, up to a moment worth a look; the strips of the screen
are drawn as PNGs into assets/screenshots. As root, so that frames are told.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from textual.pilot import Pilot

from tests.screenshots.take import Camera
from vmtui.lab.experiments import ALL
from vmtui.ui.dialogs import Consent
from vmtui.ui.lab.run import State
from vmtui.ui.palette import Depth
from vmtui.ui.screens.lab import ListScreen
from vmtui.ui.screens.stage import StageScreen

_PATIENCE = 90.0
_END = 1000
"""A step that none has: the run goes on to its end."""


async def stage(pilot: Pilot[Any], name: str) -> StageScreen:
    """The stage of an experiment, its prediction made."""
    while not isinstance(pilot.app.screen, ListScreen):
        await pilot.press("escape" if isinstance(pilot.app.screen, StageScreen) else "3")
        await asyncio.sleep(0.3)
    await pilot.press("g", *["down"] * [one.id for one in ALL].index(name), "enter")
    while not isinstance(pilot.app.screen, StageScreen):
        await asyncio.sleep(0.05)
    opened = pilot.app.screen
    while opened.run_now is None or opened.run_now.state is State.PREPARING:
        await asyncio.sleep(0.05)
    return opened


async def until(pilot: Pilot[Any], opened: StageScreen, step: int, part: float) -> None:
    """Run up to a part of a step (the first is 1), and stand still there; agree to its changes."""
    await pilot.press("space")
    waited = 0.0
    while waited < _PATIENCE:
        run = opened.run_now
        moment = run.latest if run else None
        over = run is not None and run.state is State.OVER
        if over or (moment is not None and (moment.step + 1, moment.part) >= (step, part)):
            break
        if isinstance(pilot.app.screen, Consent):
            await pilot.press("y")
        elif moment is not None and moment.pauses and run and not run.wants_to_run:  # of the script
            await pilot.press("space")
        await asyncio.sleep(0.02)
        waited += 0.02
    if opened.run_now is not None and opened.run_now.state is State.RUNNING:
        await pilot.press("space")
    await asyncio.sleep(0.4)


async def pictures(only: Sequence[str] = ()) -> None:
    """All of them, or those of some experiments."""
    camera = Camera("dark", Depth.TRUE, None)
    app = camera.app
    async with app.run_test(size=(160, 50)) as pilot:
        await asyncio.sleep(1)

        async def at(width: int, height: int, name: str) -> None:
            await pilot.resize_terminal(width, height)
            await asyncio.sleep(0.5)
            await camera.shoot(name)

        await pilot.press("3")
        await asyncio.sleep(0.5)
        await at(120, 35, "lab-120x35")
        for name, step, part in (
            ("cow", 4, 0.5),
            ("page-tables", 12, 1.0),
            ("demand-paging", 2, 0.6),
            ("zero-page", 3, 0.5),
            ("huge-pages", 7, 0.6),
            ("segv", 16, 1.0),
            ("swap", 5, 0.4),
            ("oom", 16, 1.0),
            ("fragmentation", 7, 0.6),
            ("thrashing", _END, 1.0),
        ):
            if only and name not in only:
                continue
            await pilot.resize_terminal(160, 50)
            opened = await stage(pilot, name)
            await until(pilot, opened, step, part)
            await at(160, 50, f"lab-{name}-160x50")
            if name == "cow":
                app.theme = "vmtui-projector"
                await at(80, 24, "lab-cow-80x24")
                app.theme = "vmtui-projector-light"
                await pilot.press("J")
                await at(80, 24, "lab-cow-80x24-ja")
                await pilot.press("J")
                app.theme = "vmtui-dark"
            elif name in ("segv", "page-tables", "oom", "thrashing"):
                await at(80, 24, f"lab-{name}-80x24")
            if name in ("swap", "thrashing"):
                await pilot.press("M")
                await at(160, 50, f"lab-{name}-machine-160x50")
                await pilot.press("M")


if __name__ == "__main__":
    asyncio.run(pictures(sys.argv[1:]))
    sys.exit(0)
