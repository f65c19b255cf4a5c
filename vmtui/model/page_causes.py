"""What became of the pages of a VMA that stayed: from two scans, or from sums of smaps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vmtui import units
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.cause import Cause, Why, amount, change_of, pages_of, some
from vmtui.model.page_moves import PageMove
from vmtui.model.vma_kinds import VmaKind

if TYPE_CHECKING:
    from vmtui.model.vma_difference import VmaDifference  # asks for the causes of a row


_HUGE_PAGES = PAGE_SIZE // 8
"""Base pages in a huge one."""
_GIVEN_BACK = "given back but still mapped (MADV_DONTNEED, MADV_FREE)"
_EVICTED = "left its page tables: reclaimed, or given back"


def of_pages(row: VmaDifference) -> Iterator[Cause]:
    """What became of pages, the most first."""
    if isinstance(row.difference.moves, Missing):
        found = list(by_figures(row))
    else:
        found = list(_by_moves(row))
    for _, cause in sorted(found, key=lambda each: -each[0]):
        yield cause


def _by_moves(row: VmaDifference) -> Iterator[tuple[int, Cause]]:
    """(pages, cause) as the two scans tell it."""
    private = row.kind.mapping == "anon"
    touched = pages_of(row, PageMove.APPEARED)
    if touched:
        verb = "touched" if private else "came into its page tables"
        yield touched, Cause(Why.TOUCHED, f"{some(row, touched)}{verb}")
    if huge := pages_of(row, PageMove.APPEARED_HUGE):
        yield huge, Cause(Why.TOUCHED, f"{some(row, huge)}touched in {_huge(huge)}")
    out = pages_of(row, PageMove.TO_SWAP)
    if row.kind is VmaKind.SHMEM:  # leaves no trace in the page table
        out = min(max(0, change_of(row, "swap")) // PAGE_SIZE, pages_of(row, PageMove.DROPPED))
    if out:
        yield out, Cause(Why.PAGED_OUT, f"{some(row, -out)}paged out to swap")
    if back := pages_of(row, PageMove.FROM_SWAP):
        yield back, Cause(Why.PAGED_IN, f"{some(row, back)}came back from swap")
    yield from _lost(row, out)
    if collapsed := pages_of(row, PageMove.BECAME_HUGE):
        yield collapsed, Cause(Why.COLLAPSED, f"{amount(collapsed)} became {_huge(collapsed)}")
    if split := pages_of(row, PageMove.SPLIT):
        yield split, Cause(Why.SPLIT, f"{_huge(split)} split into small ones")
    if copied := pages_of(row, PageMove.COPIED):
        yield copied, Cause(Why.COPIED, f"{amount(copied)} written: private copies of the file")
    if guarded := pages_of(row, PageMove.GUARDED):
        yield guarded, Cause(Why.GUARD, f"{amount(guarded)} made guard pages")
    yield from _sharing(row)


def _lost(row: VmaDifference, out: int) -> Iterator[tuple[int, Cause]]:
    """What is in memory no more, though still mapped."""
    swapped = pages_of(row, PageMove.SWAP_DROPPED)
    if row.kind.mapping == "anon":
        dropped = pages_of(row, PageMove.DROPPED) + swapped
        held = f", {amount(swapped)} of it in swap" if swapped else ""
        if dropped:
            yield dropped, Cause(Why.GIVEN_BACK, some(row, -dropped) + _GIVEN_BACK + held)
        return
    dropped = pages_of(row, PageMove.DROPPED) - (out if row.kind is VmaKind.SHMEM else 0)
    if dropped > 0:
        yield dropped, Cause(Why.EVICTED, some(row, -dropped) + _EVICTED)


def _sharing(row: VmaDifference) -> Iterator[tuple[int, Cause]]:
    """Private pages that others have as well since a fork, or no longer."""
    merged = max(0, change_of(row, "ksm")) // PAGE_SIZE
    if merged:
        yield merged, Cause(Why.MERGED, f"{amount(merged)} merged with equal pages (KSM)")
    if row.kind.mapping != "anon":
        return
    seen = pages_of(row, PageMove.BECAME_SHARED) - pages_of(row, PageMove.BECAME_OWN)
    summed = _now_shared(row)
    shared = seen if abs(seen) >= abs(summed) else summed
    shared -= merged
    if shared > 0:
        born = sorted(row.difference.after.children - row.difference.before.children)
        child = f" of {', '.join(map(str, born[:3]))}" if born else ""
        yield shared, Cause(Why.FORKED, f"{amount(shared)} shared since the fork{child}")
    elif shared < 0:
        yield -shared, Cause(Why.UNSHARED, f"{amount(-shared)} no longer shared with a relative")


def _now_shared(row: VmaDifference) -> int:
    """Pages that went from private to shared, by the sums of smaps; negative the other way."""
    shared = change_of(row, "shared_dirty") + change_of(row, "shared_clean")
    private = change_of(row, "private_dirty") + change_of(row, "private_clean")
    if shared > 0 > private:
        return min(shared, -private) // PAGE_SIZE
    if shared < 0 < private:
        return -min(-shared, private) // PAGE_SIZE
    return 0


def dirtied(row: VmaDifference) -> Iterator[Cause]:
    """Pages that stayed and are written, or no longer: of a file, or with a copy in swap."""
    dirty = change_of(row, "private_dirty") + change_of(row, "shared_dirty")
    if change_of(row, "rss") or not dirty:
        return
    if dirty > 0:
        yield Cause(Why.DIRTIED, f"{units.size(dirty)} written")
    elif row.kind.mapping == "anon":
        yield Cause(Why.CLEANED, f"{units.size(-dirty)} clean: swap has a copy")
    else:
        yield Cause(Why.CLEANED, f"{units.size(-dirty)} written back")


def by_figures(row: VmaDifference) -> Iterator[tuple[int, Cause]]:
    """The same without scans, as far as sums of smaps tell it."""
    rss, swap = change_of(row, "rss") // PAGE_SIZE, change_of(row, "swap") // PAGE_SIZE
    size = change_of(row, "size") // PAGE_SIZE
    if swap > 0:
        yield swap, Cause(Why.PAGED_OUT, f"{some(row, -swap)}paged out to swap")
    elif swap < 0 < rss:
        yield -swap, Cause(Why.PAGED_IN, f"{some(row, min(-swap, rss))}came back from swap")
    touched, lost = rss + min(0, swap), -rss - max(0, swap) + min(0, size)
    if touched > 0:
        yield touched, Cause(Why.TOUCHED, f"{some(row, touched)}touched")
    if lost > 0 and row.kind.mapping == "anon":
        yield lost, Cause(Why.GIVEN_BACK, some(row, -lost) + _GIVEN_BACK)
    elif lost > 0:
        yield lost, Cause(Why.EVICTED, some(row, -lost) + _EVICTED)
    huge = change_of(row, "anon_huge_pages") // PAGE_SIZE
    if huge > 0:
        yield huge, Cause(Why.COLLAPSED, f"{amount(huge)} became {_huge(huge)}")
    yield from _sharing(row)


def _huge(pages: int) -> str:
    number = pages // _HUGE_PAGES
    return f"{number:,} huge page{'s' * (number != 1)}" if number else "huge pages"
