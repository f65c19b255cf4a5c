"""The last minutes of samples in memory, bounded in time and in bytes."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from vmtui.observe.sample import Sample
from vmtui.observe.series import ResidentSeries

HEAVY_BYTES = 16 << 20
"""What page states and address-space scans of the past may take in memory."""
LIST_BYTES = 64 << 20
"""What process lists and machine readings of the past may take, by the estimates below.

600 ticks of 2,000 processes fit; of thousands that all change at every tick fewer are kept.
"""
_READING_BYTES = 600
_SAMPLE_BYTES = 24 << 10


class Journal:
    """Samples in order. The newest may be heavy; old ones lose their heavy parts first.

    What is not heavy is bounded too: when it is too much, the oldest samples go before their time.
    """

    def __init__(self, minutes: float = 10.0, interval: float = 1.0) -> None:
        """Keep `minutes` of samples; `interval` bounds the series of the process list."""
        self._seconds = minutes * 60
        self._samples: deque[Sample] = deque()
        self._heavy: deque[tuple[int, int]] = deque()  # (sample number, bytes)
        self._heavy_bytes = 0
        self._list_sizes: deque[int] = deque()  # estimated, one a sample
        self._list_bytes = 0
        self.series = ResidentSeries(max(60, round(self._seconds / max(interval, 0.1))))

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Sample:
        return self._samples[index]

    def append(self, sample: Sample) -> int:
        """Add the newest sample; returns how many old ones fell off the far end."""
        newest = self._samples[-1] if self._samples else None
        added = 0
        if newest is None or sample.process_tick != newest.process_tick:
            changed = self.series.append(sample.process_tick, sample.began, sample.processes)
            added = _READING_BYTES * changed + 8 * len(sample.processes)
        if newest is None or sample.machine is not newest.machine:
            added += _SAMPLE_BYTES
        if sample.depth is not None:
            added += sample.depth.nbytes(newest.depth if newest else None)
        self._list_sizes.append(added)
        self._list_bytes += added
        if newest is not None and newest.target is not None:
            self._samples[-1] = replace(newest, target=newest.target.packed())
        self._samples.append(sample)
        if sample.target is not None:
            added = sample.target.heavy_bytes(newest.target if newest else None)
            if added:
                self._heavy.append((sample.number, added))
                self._heavy_bytes += added
        dropped = 0
        while self._samples[0].began < sample.began - self._seconds or (
            self._list_bytes > LIST_BYTES and len(self._samples) > 2
        ):
            self._samples.popleft()
            self._list_bytes -= self._list_sizes.popleft()
            dropped += 1
        self._lighten()
        return dropped

    def _lighten(self) -> None:
        """Give up the oldest heavy parts until the rest fits."""
        while self._heavy_bytes > HEAVY_BYTES and len(self._heavy) > 1:
            number, size = self._heavy.popleft()
            self._heavy_bytes -= size
            index = self._index_of(number)
            if index is None:
                continue
            until = self._heavy[0][0]
            while index < len(self._samples) and self._samples[index].number < until:
                sample = self._samples[index]
                if sample.target is not None:
                    self._samples[index] = replace(sample, target=sample.target.light())
                index += 1

    def _index_of(self, number: int) -> int | None:
        low, high = 0, len(self._samples)
        while low < high:
            middle = (low + high) // 2
            if self._samples[middle].number < number:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self._samples) else None
