"""Which VMAs of one moment are which of another: the same memory, whole or in pieces.

Of one process the addresses tell. A VMA that was split, merged with its neighbour or grew is one
group with everything it overlaps and that maps the same; what was unmapped and mapped anew as
something else is two. Of two processes the addresses say nothing: kind and path do.

Works on columns, so that 60,000 VMAs are matched in milliseconds.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmtui.model.vma_kinds import KINDS, VmaKind
from vmtui.model.vmas import Vmas

Indices = NDArray[np.intp]
_ANON = KINDS.index(VmaKind.ANON)
_WIDEST_GUARD = 1 << 20
"""Bytes from which memory without access is no guard but a reservation."""
_LEAST_STACK = 1 << 14
ARENA = 1 << 26
"""What glibc reserves for the heap of a thread, and on a border of which it begins."""


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """The groups, numbered by rising address (of two processes: by kind, then as they come)."""

    groups: int
    of_before: Indices
    """Per VMA of the earlier moment its group."""
    of_after: Indices
    """Per VMA of the later one."""
    by_address: bool
    """Whether both moments are of one process; else addresses cannot be compared."""

    def has_before(self) -> NDArray[np.bool_]:
        """Per group, whether it was there at the earlier moment."""
        return np.bincount(self.of_before, minlength=self.groups) > 0

    def has_after(self) -> NDArray[np.bool_]:
        """Per group, whether it is there at the later one."""
        return np.bincount(self.of_after, minlength=self.groups) > 0


def by_address(before: Vmas, after: Vmas) -> Matching:
    """The groups of two moments of one process."""
    old, new = _overlaps(before, after)
    same = _alike(before, after, old, new)
    old, new = old[same], new[same]
    # The pairs rise on both sides, so those of one group follow each other and share a side.
    apart = np.ones(len(old), bool)
    apart[1:] = (old[1:] != old[:-1]) & (new[1:] != new[:-1])
    group = np.cumsum(apart) - 1
    groups = int(apart.sum())
    of_before, of_after = np.full(len(before), -1), np.full(len(after), -1)
    of_before[old], of_after[new] = group, group
    alone, added = np.flatnonzero(of_before < 0), np.flatnonzero(of_after < 0)
    of_before[alone] = groups + np.arange(len(alone))
    of_after[added] = groups + len(alone) + np.arange(len(added))
    return _by_rising_address(before, after, of_before, of_after, groups + len(alone) + len(added))


def by_name(before: Vmas, after: Vmas) -> Matching:
    """The groups of two processes: what has the same kind and path, whatever its addresses.

    Private memory without a name is grouped by what it looks like: stacks of threads, arenas of
    malloc, the rest. A path that only one side has goes with one of the same file name, if both
    sides have one such: versions often stand in the directory.
    """
    old, new = _labels(before), _labels(after)
    old_only, new_only = set(old) - set(new), set(new) - set(old)
    renamed = _renamed(old_only, new_only)
    number: dict[Hashable, int] = {}
    for label in sorted({*new, *(renamed.get(one, one) for one in old)}, key=_rank):
        number[label] = len(number)
    return Matching(
        groups=len(number),
        of_before=np.array([number[renamed.get(one, one)] for one in old], np.intp),
        of_after=np.array([number[one] for one in new], np.intp),
        by_address=False,
    )


def roles(vmas: Vmas) -> Sequence[str]:
    """What private memory looks like: `stack`, `guard`, `arena`, `rest`, `reserved`, or nothing.

    A thread's stack stands right above memory that nobody may touch; a malloc arena begins on a
    64 MiB border and is followed by the `rest` of its reservation.
    """
    maps = vmas.maps
    sizes = (maps.end - maps.start).astype(np.int64)
    anon = (vmas.kind_codes == _ANON) & (maps.inode == 0)
    barred = anon & np.char.startswith(maps.perms, b"---")
    writable = anon & np.char.startswith(maps.perms, b"rw-p")
    touches_below = np.zeros(len(vmas), bool)
    touches_below[1:] = maps.start[1:] == maps.end[:-1]
    below_is_guard = np.zeros(len(vmas), bool)
    below_is_guard[1:] = (barred & (sizes <= _WIDEST_GUARD))[:-1]
    above_is_barred = np.zeros(len(vmas), bool)
    above_is_barred[:-1] = barred[1:] & touches_below[1:]
    both = sizes.copy()
    both[:-1] += sizes[1:]
    arena = writable & above_is_barred & (maps.start % np.uint64(ARENA) == 0) & (both == ARENA)
    stack = writable & touches_below & below_is_guard & (sizes >= _LEAST_STACK) & ~arena
    guard = np.zeros(len(vmas), bool)
    guard[:-1] = stack[1:]
    rest = np.zeros(len(vmas), bool)
    rest[1:] = arena[:-1]
    found = np.where(barred, "reserved", "").astype("<U8")
    found[stack], found[arena], found[guard], found[rest] = "stack", "arena", "guard", "rest"
    made: list[str] = found.tolist()
    return made


def reprotected(before: Vmas, after: Vmas, matching: Matching) -> list[tuple[int, str, str, int]]:
    """Where permissions are other ones: group, then, now, and bytes; each pair of them once."""
    if not matching.by_address:
        return []
    old, new = _overlaps(before, after)
    same = matching.of_before[old] == matching.of_after[new]
    same &= before.maps.perms[old] != after.maps.perms[new]
    found: dict[tuple[int, str, str], int] = {}
    for one, other in zip(old[same].tolist(), new[same].tolist(), strict=True):
        low = max(int(before.maps.start[one]), int(after.maps.start[other]))
        high = min(int(before.maps.end[one]), int(after.maps.end[other]))
        perms = before[one].perms, after[other].perms
        key = int(matching.of_before[one]), *perms
        found[key] = found.get(key, 0) + high - low
    return [(*key, nbytes) for key, nbytes in found.items()]


def _overlaps(before: Vmas, after: Vmas) -> tuple[Indices, Indices]:
    """All pairs of VMAs that share an address, in order."""
    first = np.searchsorted(after.maps.end, before.maps.start, side="right")
    last = np.searchsorted(after.maps.start, before.maps.end, side="left")
    many = np.maximum(last - first, 0)
    old = np.repeat(np.arange(len(before)), many)
    within = np.arange(len(old)) - np.repeat(np.cumsum(many) - many, many)
    return old, np.repeat(first, many) + within


def _alike(before: Vmas, after: Vmas, old: Indices, new: Indices) -> NDArray[np.bool_]:
    """Which pairs map the same: the same file, or private memory, whatever it is called."""
    known: dict[bytes, int] = {}
    for name in (*before.maps.names, *after.maps.names):
        known.setdefault(name, len(known))
    named_before = np.fromiter(map(known.__getitem__, before.maps.names), np.intp, len(before))
    named_after = np.fromiter(map(known.__getitem__, after.maps.names), np.intp, len(after))
    one, other = before.maps, after.maps
    same = (one.inode[old] == other.inode[new]) & (one.device[old] == other.device[new])
    same &= before.kind_codes[old] == after.kind_codes[new]
    nameless = (one.inode[old] == 0) & (before.kind_codes[old] == _ANON)
    filed = one.inode[old] != 0
    same &= nameless | filed | (named_before[old] == named_after[new])
    alike: NDArray[np.bool_] = same
    return alike


def _by_rising_address(
    before: Vmas, after: Vmas, of_before: Indices, of_after: Indices, groups: int
) -> Matching:
    lowest = np.full(groups, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(lowest, of_before, before.maps.start)
    np.minimum.at(lowest, of_after, after.maps.start)
    place = np.empty(groups, np.intp)
    place[np.argsort(lowest, kind="stable")] = np.arange(groups)
    return Matching(groups, place[of_before], place[of_after], by_address=True)


Label = tuple[str, bytes]
"""Kind and name; of private memory without a name, its role."""


def _labels(vmas: Vmas) -> list[Label]:
    looks = roles(vmas)
    found: list[Label] = []
    for code, name, look in zip(vmas.kind_codes.tolist(), vmas.maps.names, looks, strict=True):
        kind = KINDS[code]
        if kind is VmaKind.ANON and not name:
            alike = "reserved" if look in ("guard", "rest") else look
            found.append((kind, alike.encode()))
        else:
            found.append((kind, name.removesuffix(b" (deleted)")))
    return found


def _rank(label: Label) -> tuple[int, bytes]:
    return [str(kind) for kind in KINDS].index(label[0]), label[1]


def _renamed(old: set[Label], new: set[Label]) -> dict[Label, Label]:
    """Paths of one side that stand for a path of the other with the same file name."""

    def by_file_name(labels: set[Label]) -> dict[Label, list[Label]]:
        found: dict[Label, list[Label]] = {}
        for label in labels:
            if label[1].startswith(b"/"):
                found.setdefault((label[0], label[1].rpartition(b"/")[2]), []).append(label)
        return found

    theirs = by_file_name(new)
    return {
        ours[0]: theirs[key][0]
        for key, ours in by_file_name(old).items()
        if len(ours) == 1 and len(theirs.get(key, ())) == 1
    }
