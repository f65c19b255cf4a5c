"""Take the pictures of what changed: `python -m tests.screenshots.take_differences`, one minute.

A deploy happens to a small process (`deploy.py`) while it is recorded, with a mark at each step.
Then the recording is replayed headless: on its own screens, and the mark compared with the end. As
root it runs in a PID namespace of its own, so that nothing else is in the list.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.screenshots.raster import rasterise
from tests.screenshots.take import ENVIRONMENT, OUT, PYTHON, named
from vmtui.model.vma_row import VmaRow
from vmtui.record.reader import Recording
from vmtui.record.recorder import Recorder
from vmtui.ui.observatory import Observatory
from vmtui.ui.replaying import feed_of, session_over
from vmtui.ui.screens.differences import DifferencesScreen
from vmtui.ui.screens.process import ProcessScreen
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.settings import Settings

USUAL = (120, 35)
DEPLOY = b"deploy 2.4.1"
COMMAND = ("/usr/bin/search", "-", "--index", "/srv/shop")
_QUIET_SECONDS = 4.0
"""Recorded after the last step."""


def main() -> int:
    """In a namespace of our own if we may: record, then the pictures."""
    if os.geteuid() == 0 and "--inside" not in sys.argv:
        unshare = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
        inside = named("tests.screenshots.take_differences", "--inside", *sys.argv[1:])
        return subprocess.run([*unshare, *inside], env=ENVIRONMENT, check=False).returncode
    kept = [word for word in sys.argv[1:] if word != "--inside"]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(kept[0] if kept else directory, "shop.vmtui")
        if not path.exists():
            record(path)
        asyncio.run(pictures(path))
    return 0


def record(path: Path) -> None:
    """The process, from before its deploy to after it, with marks."""
    code = (Path(__file__).parent / "deploy.py").read_bytes()
    with subprocess.Popen(
        COMMAND, executable=PYTHON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/",
        env={"PATH": "/usr/bin:/bin", "SHOP": str(path.parent)},
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(code)
            process.stdin.close()
            worker = int(process.stdout.readline().split()[1])
            recorder = Recorder(path, [process.pid, worker])
            recorder.start()
            for line in process.stdout:
                if line == b"over\n":
                    break
                recorder.mark(line.decode().strip())
            time.sleep(_QUIET_SECONDS)
            sys.stderr.write(f"{recorder.stop().line}\n")
        finally:
            process.kill()


async def pictures(path: Path) -> None:
    """The replay, stopped while it leaks; and the mark compared with the end."""
    with Recording(path) as recording:
        (deploy,) = [event.at for event in recording.events if event.text == DEPLOY]
        pid = recording.all_pids[0]
        last = recording.span[1]
    feed = feed_of(path, deploy)
    session = session_over(feed, Settings())
    app = Observatory(session, feed, Settings(), lambda: ProcessesScreen(pid), readonly=True)
    app.deck.replayed = path
    app.deck.given = [path, *sorted((OUT.parent / "recordings").glob("*.vmtui"))]
    async with app.run_test(size=USUAL) as pilot:

        async def caught_up() -> None:
            await asyncio.sleep(0.3)
            while not feed.caught_up:
                await asyncio.sleep(0.05)

        async def press(*keys: str) -> None:
            for key in keys:
                await pilot.press(key)
                await caught_up()

        await press("m")
        session.clock.seek((deploy + last) / 2 + 7)
        await caught_up()
        process = app.screen
        assert isinstance(process, ProcessScreen)
        heap = next(
            row for row in process.table.rows if isinstance(row, VmaRow) and row.kind == "heap"
        )
        process.table.select(heap.start)
        await shoot(pilot, "replay")
        await press("end", "d")
        screen = app.screen
        assert isinstance(screen, DifferencesScreen)
        while not screen.ready:
            await asyncio.sleep(0.05)
        await shoot(pilot, "differences", (80, 24))
        await press("tab", "tab", "tab")
        await shoot(pilot, "leaks")
        await press("escape", "4")
        await asyncio.sleep(1)
        await shoot(pilot, "recordings")


async def shoot(pilot: Pilot[Any], name: str, *more: tuple[int, int]) -> None:
    """What is on screen, as wide as usual and at more sizes."""
    for width, height in (USUAL, *more):
        await pilot.resize_terminal(width, height)
        await asyncio.sleep(0.6)
        strips = pilot.app.screen._compositor.render_strips()
        made = f"{name}-{width}x{height}"
        rasterise([list(strip) for strip in strips], OUT / f"{made}.png")
        sys.stderr.write(f"{made}\n")
    await pilot.resize_terminal(*USUAL)


if __name__ == "__main__":
    sys.exit(main())
