"""What vmtui itself costs, shown on its own screen: CPU, time per tick, bytes to the terminal."""

from __future__ import annotations

import os
import time
from typing import ClassVar

from textual.drivers.linux_driver import LinuxDriver

from vmtui.observe.sample import Sample

_SMOOTHING_SECONDS = 5.0


class CountingDriver(LinuxDriver):
    """Textual's driver, which also counts what it sends."""

    written: ClassVar[int] = 0

    def write(self, data: str) -> None:
        """Send and count: UTF-8 bytes."""
        CountingDriver.written += len(data.encode("utf-8", "replace"))
        super().write(data)


class Cost:
    """Own CPU and bytes as averages over the last seconds."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._cpu = _cpu_seconds()
        self._bytes = CountingDriver.written
        self._text = ""

    def text(self, sample: Sample) -> str:
        """`vmtui 1.1% · 6 ms/tick · 2.4 kB/s`, renewed every few seconds."""
        now = time.monotonic()
        passed = now - self._at
        if passed >= _SMOOTHING_SECONDS or not self._text:
            cpu, written = _cpu_seconds(), CountingDriver.written
            if passed > 0.5:
                share = 100 * (cpu - self._cpu) / passed
                rate = (written - self._bytes) / passed / 1000
                tick = f"{sample.took * 1000:.0f} ms/tick"
                lock = ""
                if sample.target is not None:
                    lock = f" · mm lock {sample.target.lock_seconds * 1000:.1f} ms"
                self._text = f"vmtui {share:.1f}% · {tick}{lock} · {rate:.1f} kB/s"
                self._at, self._cpu, self._bytes = now, cpu, written
        return self._text


def _cpu_seconds() -> float:
    used = os.times()
    return used.user + used.system
