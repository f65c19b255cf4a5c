"""Why a VMA is different: causes in words, each from figures that only it explains.

The kernel keeps no diary. A cause is what the two moments, and those between, leave as the
explanation: `mprotect` where permissions differ, a page-out where pages went to swap. Where two
causes look alike (MADV_PAGEOUT and memory pressure) the words name what both have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vmtui import units
from vmtui.missing import Missing
from vmtui.model.cause import Cause, Why, amount, change_of, pages_of
from vmtui.model.page_causes import by_figures, dirtied, of_pages
from vmtui.model.page_moves import PageMove
from vmtui.model.vma_kinds import VmaKind

if TYPE_CHECKING:
    from vmtui.model.vma_difference import VmaDifference  # asks for the causes of a row


HUGETLB = ("private_hugetlb", "shared_hugetlb")
"""Figures of what Rss leaves out."""
_STILL_SECONDS = 3.0
_LEAST_SHARE = 0.5


def causes_of(row: VmaDifference) -> tuple[Cause, ...]:
    """All that apply, the most telling first."""
    if not row.difference.same_process:
        return tuple(_of_two_processes(row))
    if not row.was:
        found = [*_added(row), *_contents(row)]
    elif not row.now:
        found = list(_removed(row))
    else:
        found = [*_leaking(row), *_resized(row), *_moved(row), *_flags(row)]
    if row.kind is VmaKind.HUGETLB:
        found += _pool_pages(row)
    if not found:
        found = list(dirtied(row))
    if not found and row.change != "same":  # sums that are newer than the scans
        found = [cause for _, cause in by_figures(row)]
    if found and row.now:
        found += _quality(row)
        found += _still(row)
    return tuple(found)


def sentence(row: VmaDifference) -> str:
    """Amount, name and causes."""
    if not row.causes:
        return f"{row.name}: as it was"
    return f"{_head(row)} {row.name}, {row.words}"


def _head(row: VmaDifference) -> str:
    rss, size = row.delta("rss"), row.delta("size")
    if not isinstance(rss, Missing) and rss:
        return f"{units.change(rss)} in"
    if not isinstance(size, Missing) and size:
        return f"{units.change(size)} of addresses in"
    return "no more and no less in"


def _added(row: VmaDifference) -> Iterator[Cause]:
    size, look = units.size(change_of(row, "size")), row.look
    match row.kind:
        case VmaKind.ANON if look == "stack":
            yield Cause(Why.THREAD, f"stack of a new thread{_threads(row)}")
        case VmaKind.ANON if look == "guard":
            yield Cause(Why.GUARD, "guard below a new thread's stack")
        case VmaKind.ANON if look == "arena":
            yield Cause(Why.ARENA, "malloc's arena for a new thread")
        case VmaKind.ANON if look == "rest":
            yield Cause(Why.RESERVED, f"{size} reserved for that arena, no memory")
        case VmaKind.ANON if _threads(row) and pages_of(row, PageMove.GUARDED):
            yield Cause(Why.THREAD, f"stack of a new thread{_threads(row)}, with guard pages")
        case VmaKind.ANON if row.shown.no_access:
            yield Cause(Why.RESERVED, f"{size} of addresses reserved, no memory")
        case VmaKind.FILE:
            shared = "shared" if row.perms.startswith("s", 3) else "private"
            code = ", code" if row.perms.startswith("x", 2) else ""
            yield Cause(Why.FILE, f"file mapped, {shared}{code}")
        case VmaKind.SHMEM:
            yield Cause(Why.SHMEM, "shared memory mapped")
        case VmaKind.HEAP:
            yield Cause(Why.HEAP, "break raised for the first time")
        case VmaKind.ANON:
            yield Cause(Why.MAPPED, "private memory mapped")
        case _:
            yield Cause(Why.MAPPED, "mapped")


def _threads(row: VmaDifference) -> str:
    then, now = row.difference.before.threads, row.difference.after.threads
    if isinstance(then, Missing) or isinstance(now, Missing) or now <= then:
        return ""
    return f" (of {now:,}, {then:,} before)"


def _contents(row: VmaDifference) -> Iterator[Cause]:
    """What a new VMA holds."""
    rss, swap, size = row.after("rss"), row.after("swap"), change_of(row, "size")
    huge = row.after("anon_huge_pages")
    if row.shown.no_access:
        return
    if not isinstance(rss, Missing):
        in_huge = "" if isinstance(huge, Missing) or not huge else f", {units.size(huge)} huge"
        some = "nothing" if not rss else "all" if rss == size else f"{units.size(rss)} of "
        some += units.size(size) if some.endswith("of ") else ""
        verb = "in memory" if row.kind.mapping != "anon" else "touched"
        yield Cause(Why.TOUCHED, f"{some} {verb}{in_huge}")
    if not isinstance(swap, Missing) and swap:
        yield Cause(Why.PAGED_OUT, f"{units.size(swap)} already in swap")


def _pool_pages(row: VmaDifference) -> Iterator[Cause]:
    change = sum(change_of(row, name) for name in HUGETLB)
    if change:
        words = f"{units.change(change)} of the hugetlb pool, which Rss does not count"
        yield Cause(Why.HUGETLB, words)


def _removed(row: VmaDifference) -> Iterator[Cause]:
    look = row.look if row.kind is VmaKind.ANON else ""
    what = {"stack": "a thread's stack unmapped", "arena": "malloc's arena unmapped"}
    yield Cause(Why.UNMAPPED, what.get(look, "unmapped") + _given(row))


def _given(row: VmaDifference) -> str:
    rss, swap = row.before("rss"), row.before("swap")
    parts = []
    if not isinstance(rss, Missing) and rss:
        parts.append(f"{units.size(rss)} of it was in memory")
    if not isinstance(swap, Missing) and swap:
        parts.append(f"{units.size(swap)} in swap")
    return ": " + ", ".join(parts) if parts else ""


def _leaking(row: VmaDifference) -> Iterator[Cause]:
    leak = row.leak
    if leak is None:
        return
    room, rate = row.difference.room, leak.bytes_per_second
    until = ""
    if not isinstance(room, Missing):
        limit = "at its cgroup's limit" if room.of == "cgroup" else "machine full"
        until = f", {limit} in {units.duration(room.seconds(rate))}"
    yield Cause(Why.LEAK, f"looks like a leak: only grows, {units.size(rate * 60)} a minute{until}")


def _resized(row: VmaDifference) -> Iterator[Cause]:
    size = change_of(row, "size")
    by = units.size(abs(size))
    if size > 0:
        match row.kind:
            case VmaKind.HEAP:
                yield Cause(Why.HEAP, f"break raised by {by}")
            case VmaKind.STACK:
                yield Cause(Why.STACK, f"the stack grew down by {by}")
            case _:
                yield Cause(Why.MAPPED, f"{by} more mapped beside it")
    elif size < 0:
        gone = pages_of(row, PageMove.UNMAPPED)
        held = f", {amount(gone)} of that was in memory" if gone else ""
        verb = "break lowered by" if row.kind is VmaKind.HEAP else "unmapped:"
        yield Cause(Why.UNMAPPED, f"{verb} {by}{held}")


def _moved(row: VmaDifference) -> list[Cause]:
    """What happened to its pages and to its permissions; first what explains a change of Rss."""
    pages, protected = list(of_pages(row)), list(_protected(row))
    return [*pages, *protected] if change_of(row, "rss") else [*protected, *pages]


def _protected(row: VmaDifference) -> Iterator[Cause]:
    changes = sorted(row.protections, key=lambda change: -change[2])
    for old, new, nbytes in changes[:2]:
        yield Cause(Why.PROTECTED, f"mprotect turned {units.size(nbytes)} from {old} to {new}")


_FLAGS = {
    "lo": (Why.LOCKED, "locked in memory", "no longer locked"),
    "hg": (Why.COLLAPSED, "huge pages asked for", "huge pages no longer asked for"),
    "nh": (Why.SPLIT, "huge pages refused", "huge pages no longer refused"),
    "mg": (Why.MERGED, "offered for merging (KSM)", "no longer offered for merging"),
}


def _flags(row: VmaDifference) -> Iterator[Cause]:
    """Advice and locks that are new, where the VMA is one at both moments."""
    if row.count != (1, 1):
        return
    then, now = row.was[0].vm_flags, row.now[0].vm_flags
    if isinstance(then, Missing) or isinstance(now, Missing):
        return
    for flag, (why, given, taken) in _FLAGS.items():
        if (flag in then) != (flag in now):
            yield Cause(why, given if flag in now else taken)


def _quality(row: VmaDifference) -> Iterator[Cause]:
    """Of what kind the new memory is."""
    rss, dirty = change_of(row, "rss"), row.delta("private_dirty")
    if isinstance(dirty, Missing):  # smaps is older, but private memory is dirty once it is there
        dirty = rss if row.kind.mapping == "anon" else 0
    if rss > 0 and dirty >= _LEAST_SHARE * rss:
        written = row.kind is VmaKind.FILE and row.perms.startswith("s", 3)
        words = "page cache not yet written back" if written else "private dirty"
        yield Cause(Why.QUALITY, words)
    elif rss > 0 and row.kind is VmaKind.FILE:
        yield Cause(Why.QUALITY, "page cache")


def _still(row: VmaDifference) -> Iterator[Cause]:
    """For how long it has been as it is."""
    growth = row.difference.growth
    if isinstance(growth, Missing) or len(growth.times) < 3 or change_of(row, "rss") <= 0:
        return
    seconds, ran = growth.still_for(row.group)
    if seconds >= _STILL_SECONDS and seconds < row.difference.seconds:
        words = "no page more for" if ran else "not touched again for"
        yield Cause(Why.STILL, f"{words} {units.duration(seconds)}")


def _of_two_processes(row: VmaDifference) -> Iterator[Cause]:
    """What two processes have differently; nobody did anything."""
    if not row.was or not row.now:
        many = len(row.now or row.was)
        yield Cause(
            Why.ELSEWHERE,
            f"only in {'B' if row.now else 'A'}" + (f", {many:,} mappings" if many > 1 else ""),
        )
        return
    parts = []
    for name, words in (
        ("private_dirty", "private dirty"), ("swap", "in swap"), ("anon_huge_pages", "huge"),
        ("size", "of addresses"),
    ):  # fmt: skip
        delta = row.delta(name)
        if not isinstance(delta, Missing) and delta:
            parts.append(f"{units.change(delta)} {words}")
    old, new = row.count
    if old != new:
        parts.append(f"{new:,} mappings, {old:,} in A")
    if row.was[0].name_bytes != row.now[0].name_bytes and row.kind is not VmaKind.ANON:
        parts.append(f"in A {row.was[0].name}")
    rss = row.delta("rss")
    if not parts and not isinstance(rss, Missing) and rss:
        cache = " of its page cache" if row.kind is VmaKind.FILE else ""
        parts.append(f"{'more' if rss > 0 else 'less'}{cache} in memory")
    if parts:
        yield Cause(Why.ELSEWHERE, ", ".join(parts))
