"""Random scripts: short lists of actions that keep their meaning when others are taken out.

An action names processes and regions that may not be there (any more): it is done to others then,
or skipped. So a script that disagrees can be shortened blindly.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

PROCESSES = ("parent", "child", "other")
"""Every script has the first; fork makes the rest."""
REGIONS = 3
OBJECTS = 2
_FRACTIONS = 1000


@dataclass(frozen=True, slots=True)
class Action:
    """What one process does."""

    do: str
    process: str
    region: int = 0
    low: int = 0
    """Where the slice of the region begins, in thousandths of it."""
    high: int = _FRACTIONS
    word: str = ""
    """Advice, protection, kind of mapping, name of a child."""
    pages: int = 0
    at: int = 0
    """Pages from a 2 MiB border to the start of a mapping."""
    offset: int = 0
    stride: int = 1
    write: bool = False
    shared: bool = False
    populate: bool = False

    def slice(self, pages: int) -> range:
        """The pages of a region of that size, at least one of them."""
        first = min(self.low * pages // _FRACTIONS, pages - 1)
        return range(first, max(first + 1, self.high * pages // _FRACTIONS))


@dataclass(frozen=True, slots=True)
class Family:
    """What scripts of a kind are made of."""

    kinds: tuple[str, ...]
    """anon, shared (anonymous), memfd, file."""
    weights: Mapping[str, int]
    """How often each action comes; advice by the kernel's name."""
    pages: tuple[int, int] = (1, 100)
    actions: tuple[int, int] = (4, 40)
    needs_swap: bool = False
    needs_huge: bool = False


_BASE = {"touch": 40, "protect": 8, "unmap": 3, "fork": 8, "exit": 3, "map": 6}
_POPULATE = {"populate_write": 3, "populate_read": 3}
_GUARD = {"guard_install": 6, "guard_remove": 4}
_LOCK = {"lock": 8, "unlock": 5}

FAMILIES: Mapping[str, Family] = {
    "anon": Family(("anon",), {**_BASE, "dontneed": 6, **_POPULATE}),
    "shared": Family(("shared", "anon"), {**_BASE, "dontneed": 6, **_POPULATE}),
    "memfd": Family(("memfd",), {**_BASE, "dontneed": 6, "truncate": 2, **_POPULATE}),
    "file": Family(("file",), {**_BASE, "dontneed": 5, "sync": 8, **_POPULATE}),
    "free": Family(("anon",), {**_BASE, "free": 14, "dontneed": 3}),
    "guard": Family(("anon", "memfd", "file"), {**_BASE, **_GUARD, "dontneed": 4}),
    "lock": Family(("anon", "memfd", "file"), {**_BASE, **_LOCK, "dontneed": 3}),
    "fork": Family(("anon", "memfd"), {**_BASE, "fork": 20, "exit": 10, "dontneed": 4}),
    "thp": Family(
        ("huge",),
        {**_BASE, "map": 2, "dontneed": 6, "populate_write": 4, "free": 2},
        pages=(500, 1500),
        actions=(3, 12),
        needs_huge=True,
    ),
    "swap": Family(("anon",), {**_BASE, "pageout": 18, "dontneed": 3}, needs_swap=True),
    "swapshm": Family(
        ("memfd", "shared"), {**_BASE, "pageout": 14, "dontneed": 3}, needs_swap=True
    ),
    "all": Family(
        ("anon", "shared", "memfd", "file"),
        {
            **_BASE, **_POPULATE, **_GUARD, **_LOCK, "dontneed": 5, "free": 4, "sync": 4,
            "pageout": 8,
        },
        needs_swap=True,
    ),
}  # fmt: skip


def script(family: Family, seed: int) -> list[Action]:
    """The script of a seed; it begins with a mapping."""
    dice = random.Random(seed)
    names, weights = list(family.weights), list(family.weights.values())
    made = [_action("map", family, dice)]
    for name in dice.choices(names, weights, k=dice.randint(*family.actions)):
        made.append(_action(name, family, dice))
    return made


def _action(name: str, family: Family, dice: random.Random) -> Action:
    process = dice.choices(PROCESSES, (4, 3, 2))[0]
    maker = _MAKERS.get(name)
    if maker is not None:
        return maker(process, family, dice)
    low, high = _stretch(dice)
    do = name if name in ("unmap", "lock", "unlock", "exit", "sync") else "advise"
    return Action(do, process, _region(dice), low, high, word=name)


def _map(process: str, family: Family, dice: random.Random) -> Action:
    kind = dice.choice(family.kinds)
    in_file = kind in ("memfd", "file")
    shared = kind == "shared" or (in_file and dice.random() < 0.6)
    pages = dice.randint(*family.pages)
    return Action(
        "map",
        process if dice.random() < 0.4 else "parent",
        _region(dice),
        word=f"{kind}-{dice.randrange(OBJECTS)}" if in_file else kind,
        pages=pages,
        at=dice.choice((0, dice.randrange(512))),
        offset=dice.choice((0, 0, dice.randrange(20))) if in_file else 0,
        shared=shared,
        write=dice.random() < 0.8,
        populate=kind != "huge" and dice.random() < 0.1,
    )


def _touch(process: str, family: Family, dice: random.Random) -> Action:
    low, high = _stretch(dice)
    stride = dice.choice((1, 1, 1, 2, 3, 7, 16))
    return Action("touch", process, _region(dice), low, high, stride=stride,
                  write=dice.random() < 0.6)  # fmt: skip


def _protect(process: str, family: Family, dice: random.Random) -> Action:
    low, high = _stretch(dice)
    word = dice.choices(("rw-", "r--", "---"), (5, 4, 1))[0]
    return Action("protect", process, _region(dice), low, high, word=word)


def _fork(process: str, family: Family, dice: random.Random) -> Action:
    return Action("fork", process, word=dice.choice(PROCESSES[1:]))


def _truncate(process: str, family: Family, dice: random.Random) -> Action:
    return Action("truncate", process, word=f"memfd-{dice.randrange(OBJECTS)}",
                  pages=dice.randint(0, 120))  # fmt: skip


_MAKERS: Mapping[str, Callable[[str, Family, random.Random], Action]] = {
    "map": _map,
    "touch": _touch,
    "protect": _protect,
    "fork": _fork,
    "truncate": _truncate,
}


def _region(dice: random.Random) -> int:
    return dice.choices(range(REGIONS), (5, 2, 1))[0]


def _stretch(dice: random.Random) -> tuple[int, int]:
    if dice.random() < 0.3:
        return 0, _FRACTIONS
    ends = sorted(dice.randrange(_FRACTIONS + 1) for _ in range(2))
    return ends[0], ends[1]
