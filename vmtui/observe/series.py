"""Resident pages of every process over the ticks: what growth and trend are drawn from."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence

from vmtui.model.processes import ProcessReading

Key = tuple[int, int]


class _Line:
    """One process: its pages from certain ticks on, each until the next of them."""

    __slots__ = ("gone_after", "pages", "ticks")

    def __init__(self) -> None:
        self.ticks, self.pages = array("I"), array("I")
        self.gone_after: int | None = None  # the last tick it was seen in


class ResidentSeries:
    """Only changes are kept, eight bytes each: a process that stands still costs nothing a tick."""

    def __init__(self, most_ticks: int) -> None:
        """Keep what is needed for the last `most_ticks`."""
        self._most = most_ticks
        self._lines: dict[Key, _Line] = {}
        self._readings: Sequence[ProcessReading] = ()
        self._tick = 0
        self._times: deque[tuple[int, float]] = deque(maxlen=most_ticks)

    def append(self, tick: int, at: float, readings: Sequence[ProcessReading]) -> int:
        """Note every process's resident pages at `tick`; forget those long gone.

        Args:
            tick: counts the readings of the list.
            at: its time in seconds of the monotonic clock.
            readings: the whole list; those that are the same objects as before are not looked at.

        Returns:
            How many readings were new.
        """
        self._times.append((tick, at))
        changed = self._changed(readings)
        for reading in changed:
            line = self._lines.get(reading.key)
            if line is None:
                line = self._lines[reading.key] = _Line()
            pages = reading.resident_pages
            if not line.pages or line.pages[-1] != pages or line.gone_after is not None:
                line.ticks.append(tick)
                line.pages.append(pages)
                line.gone_after = None
        self._readings, self._tick = readings, tick
        if tick % 64 == 0:
            self._trim(tick)
        return len(changed)

    def _changed(self, readings: Sequence[ProcessReading]) -> list[ProcessReading]:
        """The readings that are new; those that came to an end are noted."""
        if len(readings) == len(self._readings):
            pairs = [
                (now, before)
                for now, before in zip(readings, self._readings, strict=True)
                if now is not before
            ]
            if all(now.key == before.key for now, before in pairs):
                return [now for now, _ in pairs]
        old = {reading.key: reading for reading in self._readings}
        new = [reading for reading in readings if old.pop(reading.key, None) is not reading]
        for key in old:
            self._lines[key].gone_after = self._tick
        return new

    def window(self, key: Key, tick: int, most: int) -> array[int]:
        """Up to `most` values that end at `tick`, oldest first; empty if it was not there."""
        line, values = self._lines.get(key), array("I")
        if line is None:
            return values
        at = max(line.ticks[0], tick - min(most, self._most) + 1)
        index = bisect_right(line.ticks, at) - 1
        while at <= tick:
            index += 1
            until = line.ticks[index] if index < len(line.ticks) else tick + 1
            until = min(until, tick + 1)
            values.extend(array("I", (line.pages[index - 1],)) * (until - at))
            at = until
        return values

    def earlier(self, key: Key, tick: int, back: int) -> int | None:
        """The value `back` ticks before `tick`, or the oldest one; None without any before it."""
        line = self._lines.get(key)
        if line is None or line.ticks[0] >= tick or not back:
            return None
        return line.pages[max(0, bisect_right(line.ticks, tick - back) - 1)]

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
        oldest = tick - self._most
        for key, line in list(self._lines.items()):
            if line.gone_after is not None and line.gone_after < oldest:
                del self._lines[key]
                continue
            holds = bisect_right(line.ticks, oldest) - 1
            if holds > 0:
                del line.ticks[:holds], line.pages[:holds]
