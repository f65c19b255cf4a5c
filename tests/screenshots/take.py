"""Take the README's pictures from real runs: `python -m tests.screenshots.take`, four minutes.

A small shop of processes (`demo.py`) is started, the app looks at it headless for three minutes,
and the strips of its screens are drawn as PNGs into assets/screenshots. As root it runs in a PID
namespace of its own, so that only the shop is in the list, with a swap file of its own.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.screenshots.raster import rasterise
from tests.truth.swap_file import swap_available
from vmtui.ui import settings
from vmtui.ui.observatory import Observatory
from vmtui.ui.palette import Depth
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.start import session_of

OUT = Path(__file__).resolve().parents[2] / "assets" / "screenshots"
HISTORY_SECONDS = 185
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
SHOP = (
    ("db", 0, "db", "db: primary --data /srv/shop/db"),
    ("cache", 288, "cache", "cache 127.0.0.1:6379"),
    ("web", 96, "web", "web: worker 1 --port 8080"),
    ("web", 80, "web", "web: worker 2 --port 8080"),
    ("web", 64, "web", "web: worker 3 --port 8080"),
    ("web", 120, "search", "/usr/bin/search --index /srv/shop/index --heap 128m"),
    ("leak", 110, "metrics", "/usr/bin/metrics --retention 15d"),
    ("idle", 48, "queue", "queue: dispatcher"),
    ("idle", 30, "mail", "/usr/sbin/mail -bd -q15m"),
    ("idle", 22, "proxy", "proxy: master process"),
    ("idle", 14, "proxy", "proxy: worker process"),
    ("web", 12, "proxy", "proxy: worker process"),
    ("idle", 36, "mail", "mail: delivery"),
    ("idle", 26, "queue", "queue: worker 1"),
    ("idle", 25, "queue", "queue: worker 2"),
    ("web", 24, "queue", "queue: worker 3"),
    ("idle", 20, "backup", "/usr/bin/backup --daemon /srv/shop"),
    ("leak", 18, "session", "/usr/lib/session --user www-data"),
    ("idle", 16, "resolve", "/usr/sbin/resolve -k"),
    ("idle", 11, "time", "/usr/sbin/time -n -g"),
    ("idle", 9, "cron", "/usr/sbin/cron -f"),
    ("idle", 6, "agent", "agent --config /etc/agent.conf"),
    ("idle", 3, "logger", "/usr/sbin/logger -n"),
    ("idle", 2, "tty", "/sbin/tty --noclear tty1 linux"),
)
FIND = (*"kind:anon", "space", *"size>400M")
"""Keys that filter for the VMA worth looking into."""
USERS = ("daemon", "www-data", "backup", "games", "nobody")


def main() -> int:
    """In a namespace of our own if we may, then the pictures."""
    if os.geteuid() == 0 and "--inside" not in sys.argv:
        unshare = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
        inside = named("tests.screenshots.take", "--inside")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the swap file goes as well
        with swap_available():
            return subprocess.run([*unshare, *inside], env=ENVIRONMENT, check=False).returncode
    OUT.mkdir(parents=True, exist_ok=True)
    with shop() as db:
        asyncio.run(pictures(db))
    return 0


ENVIRONMENT = {
    **os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
}  # fmt: skip
"""In which a Python that is called vmtui finds where it is installed."""


def named(module: str, *arguments: str) -> list[str]:
    """A command that runs a module under the name of the app, for the list of processes."""
    renamed = 'exec -a vmtui "$0" "$@"'
    return ["bash", "-c", renamed, sys.executable, "-m", module, *arguments]


@contextmanager
def shop() -> Iterator[int]:
    """The processes; gives the PID of the one to look into."""
    code = (Path(__file__).parent / "demo.py").read_bytes()
    running: list[subprocess.Popen[bytes]] = []
    try:
        for number, (role, size, name, command) in enumerate(SHOP):
            uid = pwd.getpwnam(USERS[number % len(USERS)]).pw_uid if os.geteuid() == 0 else None
            process = subprocess.Popen(
                [command], executable=PYTHON, stdin=subprocess.PIPE, user=uid,
                env={"ROLE": role, "SIZE": str(size), "NAME": name, "PATH": "/usr/bin:/bin"},
                cwd="/",
            )  # fmt: skip
            running.append(process)
            assert process.stdin is not None
            process.stdin.write(code)
            process.stdin.close()
        time.sleep(8)
        yield running[0].pid
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()


class Camera:
    """One run of the app, headless."""

    def __init__(self, theme: str, depth: Depth, pid: int | None) -> None:
        chosen = settings.load({"theme": theme}, environ={}, path=None)
        session = session_of(chosen, readonly=False)
        self.app = Observatory(
            session, session.feed, chosen, lambda: ProcessesScreen(pid), depth=depth
        )

    async def shoot(self, name: str) -> None:
        """Draw what is on screen."""
        await asyncio.sleep(0.3)
        # the compositor's strips are what the terminal would get; there is no public way to them
        strips = self.app.screen._compositor.render_strips()
        rasterise([list(strip) for strip in strips], OUT / f"{name}.png")
        sys.stderr.write(f"{name}\n")


async def pictures(pid: int) -> None:
    """All of them; the first run lasts as long as the charts are wide."""
    camera = Camera("dark", Depth.TRUE, None)
    async with camera.app.run_test(size=(160, 50)) as pilot:

        async def press(*keys: str, wait: float = 0.4) -> None:
            for key in keys:
                await pilot.press(key)
                await asyncio.sleep(wait)

        async def at(width: int, height: int, name: str, wait: float = 1.3) -> None:
            await pilot.resize_terminal(width, height)
            await asyncio.sleep(wait)
            await camera.shoot(name)

        await asyncio.sleep(HISTORY_SECONDS / 2)
        await press("down", "down")
        for width, height in ((160, 50), (120, 35), (80, 24)):
            await at(width, height, f"processes-{width}x{height}")
        await press("slash", *"web", wait=0.1)
        await camera.shoot("filter-80x24")
        await press("escape")
        await pilot.resize_terminal(160, 50)
        await press("colon", *str(pid), "enter", wait=0.1)
        await asyncio.sleep(HISTORY_SECONDS / 2)
        await press("slash", *FIND, "enter", wait=0.1)
        await asyncio.sleep(1.5)
        await press("m")
        await asyncio.sleep(6)
        await press("escape", wait=1)
        for width, height in ((160, 50), (120, 35)):
            await at(width, height, f"process-{width}x{height}")
        camera.app.theme = "vmtui-light"
        await at(80, 24, "process-80x24-light")
        camera.app.theme = "vmtui-dark"
        await press("tab")
        await at(160, 50, "history-160x50", wait=2)
        await press("tab")
        await at(120, 35, "kinds-120x35")
        await press("tab", "tab")
        await press("enter", wait=6)
        await press(*["down"] * 8, *["right"] * 20, wait=0.02)
        for width, height in ((160, 50), (120, 35), (80, 24)):
            await at(width, height, f"pages-{width}x{height}", wait=2.5)
        await press("plus", "plus", "plus", "plus", "n")
        await camera.shoot("pages-80x24-closer")
        camera.app.theme = "vmtui-projector"
        await press("enter", wait=1)
        await camera.shoot("pages-80x24-projector")
        camera.app.theme = "vmtui-dark"
        await press("question_mark")
        await at(120, 35, "help-120x35")
    for depth in (Depth.C16, Depth.MONO):
        camera = Camera("dark", depth, pid)
        async with camera.app.run_test(size=(80, 24)) as pilot:
            await asyncio.sleep(3)
            for key in ("slash", *FIND, "enter", "enter", "wait", "plus", "plus", "plus"):
                await (asyncio.sleep(2) if key == "wait" else pilot.press(key))
            await asyncio.sleep(1)
            await camera.shoot(f"pages-80x24-{depth.value}")


if __name__ == "__main__":
    sys.exit(main())
