"""Amortising: a source that was dear last time is read less often, and its age is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

DUTY = 0.1
"""The largest share of time that any one heavy source may take."""


@dataclass(slots=True)
class Budget:
    """Remembers what each source cost and says when it may be read again."""

    duty: float = DUTY
    _free_at: dict[str, float] = field(default_factory=dict)
    _cost: dict[str, float] = field(default_factory=dict)

    def due(self, source: str, now: float) -> bool:
        """Whether `source` may be read at `now` (seconds, monotonic)."""
        return now >= self._free_at.get(source, 0.0)

    def spent(self, source: str, began: float, ended: float) -> None:
        """Note that `source` was being read from `began` to `ended`."""
        self._cost[source] = ended - began
        self._free_at[source] = began + (ended - began) / self.duty

    def cost(self, source: str) -> float:
        """Seconds the last read of `source` took; 0 before the first."""
        return self._cost.get(source, 0.0)

    def forget(self) -> None:
        """Start anew, for another target."""
        self._free_at.clear()
        self._cost.clear()
