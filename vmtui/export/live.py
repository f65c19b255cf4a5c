"""The live kernel as a tick, for exports that need no recording."""

from __future__ import annotations

import time

from vmtui.errors import VmtuiError
from vmtui.export.ticks import Tick, alone
from vmtui.kernel import host
from vmtui.observe.machine_sampler import MachineSampler
from vmtui.observe.process_sampler import ProcessSampler
from vmtui.observe.sample import Sample

AGE_SECONDS = 1.0
"""Whoever asks again within this time gets the same sample: reading smaps_rollup is not free."""


class Live:
    """Reads all processes with all their figures. One thread at a time."""

    def __init__(self) -> None:
        self.host = host.read().name
        self._machine, self._processes = MachineSampler(), ProcessSampler()
        self._last: Tick | None = None
        try:
            self._boot_time = float(host.boot_time())
        except VmtuiError:
            self._boot_time = 0.0

    def tick(self) -> Tick:
        """The kernel now, or what it said less than a second ago."""
        began, taken_at = time.monotonic(), time.time()
        if self._last is not None and began < self._last.sample.ended + AGE_SECONDS:
            return self._last
        number = 0 if self._last is None else self._last.number + 1
        machine, processes = self._machine.read(), self._processes.complete()
        sample = Sample(
            number, began, time.monotonic(), taken_at, 0.0, machine, tuple(processes), number,
            self._processes.hidden,
        )  # fmt: skip
        self._last = alone(sample, self._boot_time, number)
        return self._last

    def close(self) -> None:
        """Let go of the processes."""
        self._processes.close()
