"""What became of a page: its moments reduced to the turns, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vmtui.missing import Missing
from vmtui.model.states import PageState

_IN_MEMORY = frozenset(PageState) - {
    PageState.ABSENT, PageState.SWAPPED, PageState.GUARD,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageMoment:
    """A page at one look."""

    at: float
    """Wall clock, seconds since 1970."""
    state: PageState
    pfn: int | Missing
    map_count: int | Missing


@dataclass(frozen=True, slots=True)
class Turn:
    """Something became of it."""

    at: float
    state: PageState
    """What it has been since."""
    words: str


def turns(moments: Iterable[PageMoment]) -> list[Turn]:
    """The first look and every change after it, oldest first."""
    made: list[Turn] = []
    before: PageMoment | None = None
    for now in moments:
        said = f"first look: {now.state.meaning}" if before is None else _change(before, now)
        if said:
            made.append(Turn(now.at, now.state, said))
        before = now
    return made


def _change(old: PageMoment, new: PageMoment) -> str:
    """What happened between two looks; empty for nothing."""
    was, is_in = old.state in _IN_MEMORY, new.state in _IN_MEMORY
    if was and is_in:
        return _in_memory(old, new)
    if old.state is new.state:
        return ""
    if new.state is PageState.SWAPPED:
        return "out to swap"
    if new.state is PageState.GUARD:
        return "a guard was put here"
    if not is_in:
        return "given back: no page any more"
    if old.state is PageState.SWAPPED:
        return "back from swap"
    return f"touched: {new.state.meaning}"


def _in_memory(old: PageMoment, new: PageMoment) -> str:
    count = new.map_count
    if isinstance(old.pfn, int) and isinstance(new.pfn, int) and old.pfn != new.pfn:
        if old.state is PageState.COW and new.state is PageState.ANON:
            return f"written: its own copy, frame {new.pfn:x}"
        if old.state is PageState.ZERO:
            return f"written: frame {new.pfn:x}"
        return f"another frame: {new.pfn:x}"
    if isinstance(count, int) and isinstance(old.map_count, int) and count != old.map_count:
        return "mapped once again, by it alone" if count == 1 else f"mapped by {count:,} entries"
    return f"now {new.state.meaning}" if old.state is not new.state else ""
