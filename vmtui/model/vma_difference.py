"""What is different about the VMAs of a process between two moments, or of two processes.

A row is a group of VMAs that are the same memory: mostly one before and one after; several where
it was split or merged. Its figures are sums over them, so they are exact at both moments.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import overload

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel.smaps import Figures
from vmtui.missing import Missing
from vmtui.model import vma_match
from vmtui.model.cause import Cause
from vmtui.model.causes import HUGETLB, causes_of, sentence
from vmtui.model.growth import LEAST_MOMENTS, NO_PAST, TOO_FEW, Growth, Leak, Room, room_of
from vmtui.model.page_moves import MOVES, page_moves
from vmtui.model.process_moment import ProcessMoment
from vmtui.model.vma_kinds import VmaKind
from vmtui.model.vma_match import Matching
from vmtui.model.vma_row import TOO_NEW, VmaRow
from vmtui.model.vmas import UNKNOWN, Vmas
from vmtui.text import DisplayText, display, plain

ABSENT = Missing("it is not there at that moment")
UNKNOWN_AT_ONE = Missing("not known at both moments")
CHANGES = ("same", "grew", "shrank", "added", "removed")
"""What a row can be, as documents call it."""


_LOOKS = {
    "stack": "[thread stack]", "guard": "[guard]", "arena": "[malloc arena]",
    "rest": "[arena's rest]", "reserved": "[reserved]",
}  # fmt: skip
"""Names of what has none, by its role."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """A figure per group at one moment."""

    of: NDArray[np.int64]
    """Bytes; 0 where the group is not there, `UNKNOWN` where a VMA of it has no figure."""
    why: Missing
    """Why figures are not known."""


class Difference(Sequence["VmaDifference"]):
    """All groups, the largest change of Rss first; rows are made as they are looked at."""

    def __init__(
        self,
        before: ProcessMoment,
        after: ProcessMoment,
        between: Iterable[ProcessMoment] = (),
        *,
        same_process: bool = True,
    ) -> None:
        """Compare two moments.

        Args:
            before: the earlier one, or the first of two processes.
            after: the later one.
            between: moments in between, oldest first: they tell leaks, and for how long a VMA has
                been as it is. Gone through once, when `growth` is first asked for.
            same_process: whether both are of one process, so that addresses can be compared.
        """
        self.before, self.after = before, after
        match = vma_match.by_address if same_process else vma_match.by_name
        self.matching: Matching = match(before.vmas, after.vmas)
        self._between = between
        self._had, self._has = self.matching.has_before(), self.matching.has_after()
        self._sums: dict[tuple[str, bool], _Sums] = {}
        self._order = self._largest_first()

    @property
    def same_process(self) -> bool:
        """Whether both moments are of one process."""
        return self.matching.by_address

    @property
    def seconds(self) -> float:
        """From the one moment to the other."""
        return self.after.at - self.before.at

    def __len__(self) -> int:
        return self.matching.groups

    @overload
    def __getitem__(self, at: int) -> VmaDifference: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[VmaDifference]: ...

    def __getitem__(self, at: int | slice) -> VmaDifference | Sequence[VmaDifference]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        return VmaDifference(self, int(self._order[at]))

    def changed(self) -> list[VmaDifference]:
        """The rows that are not as they were, largest change first."""
        still = (self._had == self._has) & (self.delta("rss") == 0) & (self.delta("size") == 0)
        rows = (self.row(int(group)) for group in self._order if self._differs[group])
        return [row for row in rows if not still[row.group] or row.causes]

    def row(self, group: int) -> VmaDifference:
        """The row of a group."""
        return VmaDifference(self, group)

    def at(self, address: int) -> VmaDifference | None:
        """The row of what covers an address, now or else then; None for nothing."""
        for vmas, of in (
            (self.after.vmas, self.matching.of_after), (self.before.vmas, self.matching.of_before)
        ):  # fmt: skip
            index = vmas.index_of(address)
            if index is not None:
                return self.row(int(of[index]))
        return None

    @cached_property
    def moves(self) -> NDArray[np.int64] | Missing:
        """Pages by group and `PageMove`."""
        return page_moves(self.before, self.after, self.matching)

    @cached_property
    def growth(self) -> Growth | Missing:
        """What happened between the two moments; Missing where nothing is known of that."""
        if not self.same_process:
            return NO_PAST
        moments = chain((self.before,), self._between, (self.after,))
        return Growth(moments, self.before.vmas, self.after.vmas, self.matching)

    def leaks(self) -> list[tuple[VmaDifference, Leak]] | Missing:
        """The rows that only ever grew, the fastest first; Missing with too few moments."""
        growth = self.growth
        if isinstance(growth, Missing):
            return growth
        if len(growth.times) < LEAST_MOMENTS:
            return TOO_FEW
        return [(self.row(group), leak) for group, leak in growth.leaks()]

    @property
    def room(self) -> Room | Missing:
        """What it may still grow into."""
        return room_of(self.after)

    def vmas_of(self, group: int, *, earlier: bool) -> list[VmaRow]:
        """The VMAs of a group at one of the moments, by address."""
        vmas = self.before.vmas if earlier else self.after.vmas
        rows = self._earlier_rows if earlier else self._later_rows
        return [vmas[index] for index in rows.get(group, ())]

    def sum_of(self, name: str, *, earlier: bool) -> _Sums:
        """A figure of every group at one moment: `size` or a key of `SMAPS_NAMES`."""
        key = name, earlier
        if key not in self._sums:
            vmas = self.before.vmas if earlier else self.after.vmas
            of = self.matching.of_before if earlier else self.matching.of_after
            self._sums[key] = _summed(vmas, name, of, self.matching.groups)
        return self._sums[key]

    def total(self, name: str, *, earlier: bool) -> int | Missing:
        """A figure of all VMAs at one moment; Missing where it is not known of every one."""
        sums = self.sum_of(name, earlier=earlier)
        return sums.why if (sums.of == UNKNOWN).any() else int(sums.of.sum())

    def figure(self, group: int, name: str, *, earlier: bool) -> int | Missing:
        """The same of one group; Missing where it is not there."""
        if not (self._had if earlier else self._has)[group]:
            return ABSENT
        sums = self.sum_of(name, earlier=earlier)
        value = int(sums.of[group])
        return sums.why if value == UNKNOWN else value

    def delta(self, name: str) -> NDArray[np.int64]:
        """Its change in every group; 0 where it is not known at both moments."""
        then, now = self.sum_of(name, earlier=True).of, self.sum_of(name, earlier=False).of
        return np.where((then == UNKNOWN) | (now == UNKNOWN), 0, now - then)

    @cached_property
    def looks(self) -> tuple[Sequence[str], Sequence[str]]:
        """What nameless private memory looks like, per VMA, at both moments."""
        return vma_match.roles(self.before.vmas), vma_match.roles(self.after.vmas)

    @cached_property
    def _earlier_rows(self) -> dict[int, list[int]]:
        return _rows_by_group(self.matching.of_before)

    @cached_property
    def _later_rows(self) -> dict[int, list[int]]:
        return _rows_by_group(self.matching.of_after)

    @cached_property
    def _differs(self) -> NDArray[np.bool_]:
        """Which groups have anything to tell."""
        differs: NDArray[np.bool_] = self._had != self._has
        for name in ("size", "rss", "swap", "anon_huge_pages", "locked", *HUGETLB):
            differs = differs | (self.delta(name) != 0)
        if not self.same_process:
            return differs
        moves = self.moves
        if not isinstance(moves, Missing):
            differs |= moves[:, 1:MOVES].any(axis=1)
        for name in ("shared_dirty", "private_dirty", "ksm"):
            differs |= self.delta(name) != 0
        return differs | self._protected()

    def _protected(self) -> NDArray[np.bool_]:
        """Groups whose permissions are other ones, in any of their parts."""
        found = np.zeros(self.matching.groups, bool)
        found[list(self.protections)] = True
        return found

    @cached_property
    def protections(self) -> dict[int, list[tuple[str, str, int]]]:
        """By group, which permissions became which, and of how many bytes."""
        found: dict[int, list[tuple[str, str, int]]] = {}
        for group, old, new, nbytes in vma_match.reprotected(
            self.before.vmas, self.after.vmas, self.matching
        ):
            found.setdefault(group, []).append((old, new, nbytes))
        return found

    def _largest_first(self) -> NDArray[np.intp]:
        keys = [np.abs(self.delta(name)) for name in ("size", "swap", "rss")]
        keys.insert(0, (self._had == self._has).astype(np.int64))
        order: NDArray[np.intp] = np.lexsort([-key if at else key for at, key in enumerate(keys)])
        return order


class VmaDifference:
    """One row; every figure is looked up when it is asked for. Sizes are bytes."""

    __slots__ = ("_causes", "difference", "group")

    def __init__(self, difference: Difference, group: int) -> None:
        self.difference = difference
        self.group = group
        self._causes: tuple[Cause, ...] | None = None

    @property
    def was(self) -> list[VmaRow]:
        """Its VMAs at the earlier moment."""
        return self.difference.vmas_of(self.group, earlier=True)

    @property
    def now(self) -> list[VmaRow]:
        """Its VMAs at the later moment."""
        return self.difference.vmas_of(self.group, earlier=False)

    @property
    def shown(self) -> VmaRow:
        """The VMA it is named after: the largest of the later moment, or else of the earlier."""
        return max(self.now or self.was, key=lambda vma: (not vma.no_access, vma.size))

    @property
    def change(self) -> str:
        """One of `CHANGES`: by what is resident, and where that is the same by its size."""
        if not self.was:
            return "added"
        if not self.now:
            return "removed"
        for name in ("rss", "size"):
            delta = self.delta(name)
            if not isinstance(delta, Missing) and delta:
                return "grew" if delta > 0 else "shrank"
        return "same"

    @property
    def start(self) -> int:
        """Its lowest address, at the later moment where it is there."""
        return (self.now or self.was)[0].start

    @property
    def end(self) -> int:
        """The first address after it."""
        return (self.now or self.was)[-1].end

    @property
    def kind(self) -> VmaKind:
        """What it is for."""
        return self.shown.kind

    @property
    def perms(self) -> str:
        """What the process may do there; `…` after it where not all of it is alike."""
        found = dict.fromkeys(vma.perms for vma in self.now or self.was)
        return self.shown.perms + ("…" if len(found) > 1 else "")

    @property
    def name_bytes(self) -> bytes:
        """The raw name."""
        return self.shown.name_bytes

    @property
    def name(self) -> DisplayText:
        """What it is called: its name, or in brackets what it looks like, or its kind."""
        shown = self.shown
        if shown.name:
            return display(shown.name_bytes)
        if shown.kind is VmaKind.ANON:
            return plain(_LOOKS.get(self.look, "[anon]"))
        return plain(f"[{shown.kind}]")

    @property
    def look(self) -> str:
        """What nameless private memory looks like; see `vma_match.roles`."""
        shown = self.shown
        looks = self.difference.looks[shown.vmas is not self.difference.before.vmas]
        return looks[shown.index]

    @property
    def count(self) -> tuple[int, int]:
        """VMAs before and after."""
        return len(self.was), len(self.now)

    def before(self, name: str) -> int | Missing:
        """A figure at the earlier moment."""
        return self.difference.figure(self.group, name, earlier=True)

    def after(self, name: str) -> int | Missing:
        """The same at the later one."""
        return self.difference.figure(self.group, name, earlier=False)

    def delta(self, name: str) -> int | Missing:
        """Its change; where the VMA is not there it counts 0."""
        then, now = self.before(name), self.after(name)
        then = 0 if then is ABSENT else then
        now = 0 if now is ABSENT else now
        if isinstance(then, Missing) or isinstance(now, Missing):
            return then if isinstance(then, Missing) else now
        return now - then

    def pages(self, move: int) -> int | Missing:
        """How many pages moved like that."""
        moves = self.difference.moves
        return moves if isinstance(moves, Missing) else int(moves[self.group, move])

    @property
    def protections(self) -> list[tuple[str, str, int]]:
        """Which permissions became which, and of how many bytes."""
        return self.difference.protections.get(self.group, [])

    @property
    def leak(self) -> Leak | None:
        """What it leaks, as far as the moments between tell."""
        growth = self.difference.growth
        return None if isinstance(growth, Missing) else growth.leak(self.group)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What made the difference, the most telling first; empty where there is none."""
        if self._causes is None:
            self._causes = causes_of(self)
        return self._causes

    @property
    def words(self) -> str:
        """The causes, for a line that has name and amount already."""
        return ", ".join(cause.text for cause in self.causes)

    @property
    def cause(self) -> str:
        """The whole sentence: `+312M in [heap], break raised by 312M, touched, private dirty`."""
        return sentence(self)


def _summed(vmas: Vmas, name: str, of: NDArray[np.intp], groups: int) -> _Sums:
    figures: Figures | Missing
    if name == "size":
        figures = (vmas.maps.end - vmas.maps.start).astype(np.int64)
    else:
        figures = vmas.figures(name)
    if isinstance(figures, Missing):
        return _Sums(np.full(groups, UNKNOWN, np.int64), figures)
    unknown = figures < 0
    sums = np.bincount(of, np.where(unknown, 0, figures), groups).astype(np.int64)
    sums[np.bincount(of[unknown], minlength=groups) > 0] = UNKNOWN
    return _Sums(sums, TOO_NEW)


def _rows_by_group(of: NDArray[np.intp]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row, group in enumerate(of.tolist()):
        found.setdefault(group, []).append(row)
    return found
