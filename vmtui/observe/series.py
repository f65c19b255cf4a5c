"""Resident pages of every process over the ticks: what growth and trend are drawn from."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable

from vmtui.model.processes import ProcessReading

Key = tuple[int, int]


class ResidentSeries:
    """One array of page counts per living process, four bytes a tick, bounded."""

    def __init__(self, most_ticks: int) -> None:
        """Keep at most `most_ticks` values per process."""
        self._most = most_ticks
        self._values: dict[Key, array[int]] = {}
        self._last_tick: dict[Key, int] = {}
        self._times: deque[tuple[int, float]] = deque(maxlen=most_ticks)

    def append(self, tick: int, at: float, readings: Iterable[ProcessReading]) -> None:
        """Note every process's resident pages at `tick`; forget those long gone.

        Args:
            tick: counts the readings of the list.
            at: its time in seconds of the monotonic clock.
            readings: the whole list.
        """
        self._times.append((tick, at))
        for reading in readings:
            key = reading.key
            values = self._values.get(key)
            if values is None:
                values = self._values[key] = array("I")
            values.append(reading.resident_pages)
            self._last_tick[key] = tick
        if tick % 64 == 0:
            self._trim(tick)

    def window(self, key: Key, tick: int, most: int) -> array[int]:
        """Up to `most` values that end at `tick`, oldest first; empty if it was not there."""
        values = self._values.get(key)
        if values is None:
            return array("I")
        end = len(values) - (self._last_tick[key] - tick)
        return values[max(0, end - most) : max(0, end)]

    def ticks_back(self, tick: int, seconds: float) -> int:
        """How many ticks before `tick` the moment `seconds` earlier lies; at most what is kept."""
        now = next((at for number, at in reversed(self._times) if number == tick), None)
        if now is None:
            return 0
        back = 0
        for number, at in reversed(self._times):
            if number < tick:
                back = tick - number
                if at <= now - seconds + 0.05:
                    break
        return back

    def _trim(self, tick: int) -> None:
        for key, last in list(self._last_tick.items()):
            if last < tick - self._most:
                del self._values[key], self._last_tick[key]
            elif len(self._values[key]) > self._most:
                del self._values[key][: -self._most]
