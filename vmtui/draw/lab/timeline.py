"""The axis of a run: its steps side by side, long ones wider, none too narrow to be seen."""

from __future__ import annotations

from collections.abc import Sequence

_LEAST = 0.05
"""Of the whole axis, for a step; less where there are many."""


class Timeline:
    """Where every moment of a run stands between 0 and 1."""

    def __init__(self, chunks: Sequence[int]) -> None:
        """An axis of as many steps as there are numbers of chunks."""
        total = max(1, sum(chunks))
        least = min(_LEAST, 0.5 / max(1, len(chunks))) * total
        weights = [max(least, count) for count in chunks]
        scale = sum(weights) or 1.0
        self.starts: list[float] = []
        """Where each step begins."""
        self._chunks = [max(1, count) for count in chunks]
        self._widths = [weight / scale for weight in weights]
        at = 0.0
        for width in self._widths:
            self.starts.append(at)
            at += width

    def begin(self, step: int, part: float) -> float:
        """Where the chunk begins that ends at a moment: from there on its value is in force."""
        if step < 0 or not self.starts:
            return 0.0
        return self.at(step, max(0.0, part - 1 / self._chunks[step]))

    def at(self, step: int, part: float) -> float:
        """The place of a moment; before the first step it is 0."""
        if step < 0 or not self.starts:
            return 0.0
        return min(1.0, self.starts[step] + self._widths[step] * part)
