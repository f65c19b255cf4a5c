"""The machine's own files at one tick: some 200 µs, so all of them each slow tick."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from vmtui.errors import VmtuiError
from vmtui.kernel import buddyinfo, meminfo, pressure, swaps, vmstat, zoneinfo
from vmtui.missing import NOT_READ, Missing
from vmtui.model.machine import MachineReading

T = TypeVar("T")


class MachineSampler:
    """Remembers the last reading; belongs to the sampler thread."""

    def __init__(self, *, zones: bool = True) -> None:
        """Nothing is read yet.

        Args:
            zones: whether zones and free blocks are read, which is half of the cost.
        """
        self._zones = zones
        self._last: MachineReading | None = None

    def read(self, due: bool = True) -> MachineReading:
        """The machine now, or the last reading when this tick does not ask for it."""
        if self._last is None or due:
            self._last = MachineReading(
                at=time.monotonic(),
                meminfo=_tried(meminfo.read),
                vmstat=_tried(vmstat.read),
                pressure=_tried(lambda: pressure.read("memory")),
                swaps=_tried(swaps.read),
                zones=_tried(zoneinfo.read) if self._zones else NOT_READ,
                free_blocks=_tried(buddyinfo.read) if self._zones else NOT_READ,
            )
        return self._last


def _tried(read: Callable[[], T]) -> T | Missing:
    try:
        return read()
    except VmtuiError as error:
        return Missing.because(error)
