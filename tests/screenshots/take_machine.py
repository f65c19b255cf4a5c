"""Take pictures of the machine, a page, symbols: `python -m tests.screenshots.take_machine`.

The machine is the real one; its processes are the shop of `demo.py`, and a small parent and child
for the level of one page. As root it runs in namespaces of its own, so that only they are in the
lists. With names of pictures, only those are taken; with `--looks` in every other look as well.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.screenshots import take
from tests.screenshots.take import Camera, shop
from vmtui.ui.palette import Depth
from vmtui.ui.screens.machine import TABS

SIZES = ((160, 50), (120, 35), (80, 24))
_WIDTHS = {
    "machine-overview": (160, 80), "machine-frames": (160, 120, 80), "machine-blocks": (160, 80),
    "page": (160, 80), "machine-files": (), "machine-groups": (),
}  # fmt: skip
"""At which widths a screen is kept in the dark theme; the others at 120. Other looks: at all."""
_MADE = r"""
import ctypes, mmap, os, time
region = mmap.mmap(-1, 96 * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)

def write(page, words):
    region[page * 4096 : page * 4096 + len(words)] = words

for page in range(96):
    if page % 7:
        write(page, b"page %04d of a region, written before the fork" % page)
address = ctypes.addressof(ctypes.c_char.from_buffer(region))
if os.fork() == 0:
    for page in range(1, 96, 10):
        write(page, b"page %04d, the copy of the child" % page)
    time.sleep(600)
print(os.getpid(), hex(address + 3 * 4096), flush=True)
time.sleep(600)
"""


_OWN_CGROUPS = """
mount -t cgroup -o memory none /sys/fs/cgroup/memory 2>/dev/null ||
    mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null
exec "$0" "$@"
"""
"""The hierarchy as the namespace sees it, in its own mounts: paths begin at its own group."""


@contextmanager
def parent_and_child() -> Iterator[tuple[int, str]]:
    """PID and the address of a page that both map."""
    with subprocess.Popen(
        ["/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable, "-c", _MADE],
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as made:  # fmt: skip
        try:
            assert made.stdout is not None
            pid, address = made.stdout.readline().split()
            yield int(pid), address
        finally:
            subprocess.run(["/bin/kill", "-9", "--", f"-{made.pid}"], check=False)


def frame_of(pid: int, address: int) -> int:
    """The frame behind an address."""
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as file:
        file.seek(address // 4096 * 8)
        return int.from_bytes(file.read(8), sys.byteorder) & (1 << 55) - 1


class Tour:
    """One run of the app."""

    def __init__(self, camera: Camera, pilot: Pilot[Any], wanted: Sequence[str], mark: str) -> None:
        self._camera, self._pilot = camera, pilot
        self._wanted, self._mark = wanted, mark

    async def press(self, *keys: str, wait: float = 0.3) -> None:
        """Keys, and time for what they do."""
        for key in keys:
            await self._pilot.press(key)
        await asyncio.sleep(wait)

    async def type_in(self, text: str) -> None:
        """Letters of a line to type in."""
        await self.press(*({" ": "space"}.get(char, char) for char in text), wait=0.1)

    async def shoot(self, name: str) -> None:
        """The screen at its sizes."""
        for width, height in SIZES:
            full = f"{name}-{width}x{height}{self._mark}"
            if not self._mark and width not in _WIDTHS.get(name, (120,)):
                continue
            if self._wanted and not any(full.startswith(one) for one in self._wanted):
                continue
            await self._pilot.resize_terminal(width, height)
            await asyncio.sleep(1.5)
            await self._camera.shoot(full)

    async def machine(self, pfn: int) -> None:
        """Every tab, and the frames closer, at one that two processes map."""
        await self.press("2", wait=1.5)
        for title in TABS:
            await asyncio.sleep({"Overview": 30, "Frames": 6}.get(title, 3))
            await self.shoot(f"machine-{title.lower()}")
            if title == "Frames":
                await self.press("colon")
                await self.type_in(f"frame {pfn:x}")
                await self.press("enter", wait=2)
                await self.shoot("machine-frames-closer")
                await self.press("enter", wait=3)
                await self.shoot("machine-frame")
                await self.press("escape", "escape", wait=0.5)
            await self.press("tab", wait=1)

    async def page(self, pid: int, address: str) -> None:
        """One page that two processes map; then the symbols of the process."""
        await self.press("1", "colon", wait=0.5)
        await self.type_in(str(pid))
        await self.press("enter", wait=2)
        await self.press("colon", wait=0.5)
        await self.type_in(address)
        await self.press("enter", wait=2)
        await self.press("enter", wait=3)
        await self.press("b", wait=2)
        await self.shoot("page")
        await self.press("escape", "escape", wait=1)

    async def symbols(self, pid: int) -> None:
        """The objects of a process, and one of them taken apart."""
        await self.press("1", "colon", wait=0.5)
        await self.type_in(str(pid))
        await self.press("enter", wait=2)
        await self.press("shift+tab", wait=5)
        await self.shoot("symbols")
        await self.press("slash", wait=0.2)
        await self.type_in("libc.so")
        await self.press("enter", wait=1)
        await self.press("enter", wait=3)
        await self.press("tab", wait=4)
        await self.shoot("functions")
        await self.press("escape", "escape", "escape", "escape", wait=1)


async def pictures(wanted: Sequence[str]) -> None:
    """All of them, in the dark theme; with `--looks` in every other look as well."""
    looks = [("dark", Depth.TRUE, "")]
    if "--looks" in wanted:
        looks = [("light", Depth.TRUE, "-light"), ("projector", Depth.TRUE, "-projector"),
                 ("dark", Depth.C16, "-16"), ("dark", Depth.MONO, "-mono")]  # fmt: skip
    names = [one for one in wanted if not one.startswith("--")]
    with shop() as db, parent_and_child() as (pid, address):
        for theme, depth, mark in looks:
            camera = Camera(theme, depth, None)
            async with camera.app.run_test(size=SIZES[0]) as pilot:
                await asyncio.sleep(3)
                tour = Tour(camera, pilot, names, mark)
                await tour.page(pid, address)
                await tour.symbols(db)
                await tour.machine(frame_of(pid, int(address, 16)))


def main(arguments: list[str]) -> int:
    """In namespaces of our own if we may, then the pictures."""
    if os.geteuid() == 0 and "--inside" not in arguments:
        inside = [sys.executable, "-m", "tests.screenshots.take_machine", "--inside", *arguments]
        apart = ["unshare", "--pid", "--cgroup", "--fork", "--mount-proc", "--kill-child"]
        return subprocess.run([*apart, "sh", "-c", _OWN_CGROUPS, *inside], check=False).returncode
    take.OUT.mkdir(parents=True, exist_ok=True)
    asyncio.run(pictures([one for one in arguments if one != "--inside"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
