"""What whoever shows a run needs to know of its script, be it run now or told from a recording."""

from __future__ import annotations

from typing import Protocol

from vmtui.lab.script import Script
from vmtui.lab.text import Text


class Played(Protocol):
    """A script with everything around it that does not change while it is played."""

    @property
    def script(self) -> Script:
        """Its steps, and where its regions lie."""

    @property
    def chunk_counts(self) -> tuple[int, ...]:
        """How many moments each step has."""

    @property
    def ram_bytes(self) -> int:
        """MemTotal of the machine that it runs on, or ran on."""

    def told(self, index: int) -> Text:
        """The sentence that tells step `index`, its parameters filled in."""
