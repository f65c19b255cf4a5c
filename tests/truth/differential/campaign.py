"""Many scripts of a family on one bench."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.truth.differential.actions import FAMILIES, Action, script
from tests.truth.differential.both import Both, Disagreement, Figures
from tests.truth.differential.shrink import shortest
from vmtui.errors import ProcessGone
from vmtui.lab.hands import Hands
from vmtui.lab.measure import Meter
from vmtui.lab.spawner import Bench
from vmtui.theory import Kernel

_SCRIPTS_PER_SPECIMEN = 400
_AGAIN = 3
"""A script must differ each of so many times: a machine under load moves pages when it likes."""


@dataclass
class Found:
    """A seed whose script disagrees."""

    seed: int
    first: str
    shortest: list[Action] = field(default_factory=list)
    why: str = ""


class Campaign:
    """Runs scripts, a new specimen every few hundred."""

    def __init__(self, bench: Bench, kernel: Kernel) -> None:
        self._bench = bench
        self._kernel = kernel
        self._parent: Hands | None = None
        self._meter: Meter | None = None
        self._left = 0
        self.figures = Figures()
        self.once: list[Found] = []
        """Differences that did not come again: khugepaged, for instance, comes when it likes."""

    def difference(self, actions: list[Action]) -> str:
        """How theory and kernel differ over a script; empty when they do not."""
        parent, meter = self._specimen()
        both = Both(parent, meter, self._kernel)
        try:
            both.run(actions)
        except Disagreement as difference:
            return str(difference)
        except ProcessGone as gone:
            self._left = 0
            return f"a specimen died: {gone}"
        finally:
            self.figures.add(both.figures)
            try:
                both.close()
            except ProcessGone:
                self._left = 0
        return ""

    def run(
        self, family: str, seeds: range, *, shrink: bool = True, seconds: float = float("inf"),
        tell: Callable[[Found], None] = lambda found: None,
    ) -> list[Found]:  # fmt: skip
        """Every seed of a family, or as many as the time allows; those that disagree."""
        found = []
        ends = time.monotonic() + seconds
        for seed in seeds:
            if time.monotonic() > ends:
                break
            actions = script(FAMILIES[family], seed)
            why = self.difference(actions)
            if not why:
                continue
            one = Found(seed, why)
            if not all(self.difference(actions) for _ in range(_AGAIN)):
                self.once.append(one)
                continue
            if shrink:
                one.shortest = shortest(actions, lambda each: bool(self.difference(each)))
                one.why = self.difference(one.shortest) or "it agrees when tried again"
            found.append(one)
            tell(one)
        return found

    def close(self) -> None:
        """Let go of the specimen; the bench ends it."""
        if self._meter:
            self._meter.close()
        if self._parent:
            self._parent.kill()
        self._parent = self._meter = None

    def _specimen(self) -> tuple[Hands, Meter]:
        if self._parent is None or self._meter is None or not self._left:
            self.close()
            self._parent = self._bench.start()
            self._meter = Meter(self._parent)
            self._left = _SCRIPTS_PER_SPECIMEN
        self._left -= 1
        return self._parent, self._meter
