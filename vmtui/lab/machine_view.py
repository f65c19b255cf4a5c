"""The whole machine beside an experiment, under the names that sar -r, -B and -W print."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from vmtui.lab.evidence import GroupView, MachineView
from vmtui.missing import Missing
from vmtui.model import sar
from vmtui.model.machine import FIRST_READING, MachineReading, MachineRow
from vmtui.observe.machine_sampler import MachineSampler
from vmtui.text import display

LEAST_SECONDS = 0.2
"""Between two readings: rates over less are noise, and every reading costs some 200 µs."""


class MachineWatch:
    """Reads the machine at most five times a second, however often any thread asks."""

    def __init__(
        self,
        read: Callable[[], MachineReading] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is read yet.

        Args:
            read: another machine than this one, for tests.
            clock: seconds.
        """
        self._read = read or MachineSampler(zones=False).read
        self._clock = clock
        self._lock = threading.Lock()
        self._before: MachineReading | None = None
        self._group: GroupView | None = None
        self._view: MachineView | None = None

    def look(
        self, own: frozenset[str] = frozenset(), group: GroupView | None = None
    ) -> MachineView:
        """The machine now, or as it was a moment ago.

        Args:
            own: names of the swap devices that the experiment made.
            group: its memory group as it is now.
        """
        with self._lock:
            before, view = self._before, self._view
            if before and view and self._clock() - before.at < LEAST_SECONDS:
                return view
            now = self._read()
            made = machine_view(MachineRow(now, before), own)
            if group and self._group and before:
                seconds = now.at - before.at
                made = replace(made, own_major=_own_major(self._group, group, seconds))
            self._view, self._before, self._group = made, now, group
            return self._view


def machine_view(row: MachineRow, own: frozenset[str] = frozenset()) -> MachineView:
    """Two readings as sar would print them."""
    swaps = () if isinstance(row.now.swaps, Missing) else row.now.swaps
    return MachineView(
        sar.kib(row, "MemTotal"),
        sar.memory(row),
        sar.paging(row),
        sar.swapping(row),
        row.stalled("some"),
        row.stalled("full"),
        tuple((str(display(one.path)), one.size_bytes, one.used_bytes) for one in swaps),
        own,
    )


def _own_major(before: GroupView, now: GroupView, seconds: float) -> float | Missing:
    if isinstance(before.major_faults, Missing) or isinstance(now.major_faults, Missing):
        return now.major_faults if isinstance(now.major_faults, Missing) else FIRST_READING
    return (now.major_faults - before.major_faults) / seconds
