"""The pages of the VMA on screen, several times a second: full reads if affordable, else scans."""

from __future__ import annotations

import time

from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.page_survey import PageSurvey
from vmtui.model.vmas import Vmas
from vmtui.observe.budget import Budget, tried
from vmtui.observe.page_reader import PageReader
from vmtui.observe.plan import PageWindow
from vmtui.observe.target_reading import PackedSurvey, pack


class PageWatch:
    """Holds the reader of one target; belongs to the sampler thread."""

    def __init__(self, target: Target, budget: Budget) -> None:
        self._target = target
        self._budget = budget
        self._reader: PageReader | None = None
        self._survey: PageSurvey | None = None
        self._packed: PackedSurvey | None = None
        self._full_again_at = float("-inf")

    def look(
        self, window: PageWindow, vmas: Vmas | Missing
    ) -> tuple[PageSurvey | Missing, PackedSurvey | None] | None:
        """The states of the window's pages, raw and packed; None when the budget says not yet."""
        began = time.monotonic()
        if self._survey is not None and not self._budget.due("pages", began):
            return None
        survey = tried(lambda: self._read(window, vmas, began))
        self._budget.spent("pages", began, time.monotonic())
        if isinstance(survey, Missing):
            self._survey = self._packed = None
            return survey, None
        self._survey = survey
        self._packed = pack(survey, self._packed)
        return survey, self._packed

    def rest(self) -> None:
        """No window is open: forget what the last one showed."""
        self._survey = self._packed = None

    def close(self) -> None:
        """Let go of the pagemap."""
        if self._reader is not None:
            self._reader.close()

    def _read(self, window: PageWindow, vmas: Vmas | Missing, now: float) -> PageSurvey:
        if self._reader is None:
            self._reader = PageReader(self._target)
        index = None if isinstance(vmas, Missing) else vmas.index_of(window.start)
        vma = None if index is None or isinstance(vmas, Missing) else vmas[index]
        mapping = vma.kind.mapping if vma else "anon"
        locked = bool(vma and vma.is_locked)
        old = self._survey
        if (
            old is not None
            and now < self._full_again_at
            and (old.start, old.end) == (window.start, window.end)
            and (old.mapping, old.locked) == (mapping, locked)
        ):
            return self._reader.refresh(old)
        survey = self._reader.read(
            window.start, window.end, mapping=mapping, locked=locked,
            want_flags=self._reader.pfns_visible,
        )  # fmt: skip
        took = time.monotonic() - now
        self._full_again_at = now + took / self._budget.duty
        return survey
