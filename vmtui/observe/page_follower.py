"""The one page on screen, tick by tick, and the search for those who map its frame."""

from __future__ import annotations

import time

from vmtui.errors import VmtuiError
from vmtui.kernel import flags, process_memory
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.mappers import Mappers
from vmtui.model.vmas import Vmas
from vmtui.observe import mappers, page_view
from vmtui.observe.budget import Budget, tried
from vmtui.observe.errand import Errand
from vmtui.observe.mappers import Wanted
from vmtui.observe.page_reading import PageReading, same_view
from vmtui.observe.page_view import PageView
from vmtui.observe.plan import PageWish

_REST = 10.0
"""How many times as long as it took a search rests before one begins by itself."""
_AWAY = Missing("the page is not in memory now: to read it would bring it in", "press b")


class PageFollower:
    """Belongs to the sampler thread; the search has a thread of its own."""

    def __init__(self, target: Target, budget: Budget) -> None:
        self._target, self._budget = target, budget
        self._last: PageReading | None = None
        self._search: Errand[Mappers] | None = None
        self._searched_for: tuple[Wanted, int] | None = None
        self._began = 0.0

    def look(self, wish: PageWish | None, vmas: Vmas | Missing) -> PageReading | None:
        """The page at this tick; None when none is wanted.

        Args:
            wish: the page, and what of it.
            vmas: of the process, read lately.
        """
        if wish is None:
            self.rest()
            return None
        if self._last is not None and self._last.address != wish.address:
            self.rest()
        view = self._view(wish.address, vmas)
        found = self._mappers(view, wish)
        contents = self._contents(view, wish)
        last = self._last
        if (
            last is None
            or (view is not last.view and view != last.view)
            or found is not last.mappers
            or contents != last.contents
        ):
            last = self._last = PageReading(wish.address, view, found, contents)
        return last

    def rest(self) -> None:
        """No page is on screen: end the search, forget what was seen."""
        self._stop()
        self._last = self._searched_for = None

    close = rest

    def _stop(self) -> None:
        if self._search is not None:
            self._search.cancel()
        self._search = None

    def _view(self, address: int, vmas: Vmas | Missing) -> PageView | Missing:
        if isinstance(vmas, Missing):
            return vmas
        last = self._last.view if self._last else None
        began = time.monotonic()
        if last is not None and not self._budget.due("page", began):
            return last
        view = tried(lambda: page_view.read_of(self._target, address, vmas))
        self._budget.spent("page", began, time.monotonic())
        if isinstance(last, PageView) and isinstance(view, PageView) and same_view(last, view):
            return last
        return view

    def _mappers(self, view: PageView | Missing, wish: PageWish) -> Mappers | Missing | None:
        if isinstance(view, Missing):
            return view
        if isinstance(view.wanted, Missing):
            self._stop()
            self._searched_for = None
            return view.wanted
        if not wish.search:
            if self._search is not None:
                self._search.cancel()
            return self._search.latest if self._search else None
        asked, before = (view.wanted, wish.search), self._searched_for
        if asked != before and self._may_begin(asked, before):
            self._stop()
            self._searched_for, self._began = asked, time.monotonic()
            self._search = mappers.search_in_background(view.wanted)
        search = self._search
        if search is None:
            return None
        if search.error is not None:
            return Missing.because(search.error)
        return search.latest

    def _may_begin(self, asked: tuple[Wanted, int], before: tuple[Wanted, int] | None) -> bool:
        """At once for another frame; where one more or less maps it, with a rest between."""
        if before is None or asked[1] != before[1] or asked[0].pfn != before[0].pfn:
            return True
        found = self._search.latest if self._search else None
        if found is None or not found.finished:
            return self._search is None
        return time.monotonic() >= self._began + found.took_ns / 1e9 * (1 + _REST)

    def _contents(self, view: PageView | Missing, wish: PageWish) -> bytes | Missing | None:
        if wish.contents == "no":
            return None
        if isinstance(view, Missing):
            return view
        if wish.contents == "present" and not view.page.entry & flags.PM_PRESENT:
            return _AWAY
        try:
            return process_memory.read(self._target, view.start, PAGE_SIZE)
        except VmtuiError as error:
            return Missing.because(error)
