"""Take the pictures of replays from `assets/recordings`: `python -m tests.screenshots.take_replay`.

Nothing is run: what is on the pictures was recorded by `record_lab`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.screenshots.raster import rasterise
from vmtui.ui.observatory import Observatory
from vmtui.ui.replaying import feed_of, session_over
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.screens.retold_stage import RetoldStage
from vmtui.ui.settings import Settings

ASSETS = Path(__file__).resolve().parents[2] / "assets"
STEP = 3
"""Of `cow`, from 0: the child has written."""
SIZES = ((120, 35), (80, 24))


async def pictures() -> None:
    """The stage of a recorded experiment."""
    feed = feed_of(ASSETS / "recordings" / "cow.vmtui")
    session = session_over(feed, Settings())
    app = Observatory(session, feed, Settings(), lambda: ProcessesScreen(None), readonly=True)
    async with app.run_test(size=SIZES[0]) as pilot:
        await pilot.press("3")
        while not isinstance(app.screen, RetoldStage) or app.screen.staged is None:
            await asyncio.sleep(0.05)
        run = app.screen.staged
        while run.reading or run.latest is None:
            await asyncio.sleep(0.05)
        for _ in range(STEP + 1):
            run.step()
            while run.wants_to_run:
                await asyncio.sleep(0.05)
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            await asyncio.sleep(0.6)
            strips = app.screen._compositor.render_strips()
            name = f"replay-cow-{width}x{height}"
            rasterise([list(strip) for strip in strips], ASSETS / "screenshots" / f"{name}.png")
            sys.stderr.write(f"{name}\n")


if __name__ == "__main__":
    asyncio.run(pictures())
