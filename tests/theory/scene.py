"""One region in an otherwise empty world, with short names for what tests ask."""

from __future__ import annotations

from typing import Any, Literal

from vmtui.theory import Kernel, Outcome, World, views

B = 0x100_0000_0000 >> 12
"""The first page of the region: 512 GiB-aligned."""
P, S, F, X, G, Z, H = 1, 2, 4, 8, 16, 32, 64
"""PRESENT, SWAPPED, FILE, EXCLUSIVE, GUARD, ZERO, HUGE of a word."""


class Scene:
    """A region of `pages` pages between two gaps."""

    def __init__(self, pages: int = 8, kernel: Kernel | None = None, **how: Any) -> None:
        self.world = World(kernel)
        self.pages = pages
        self.backing = how.get("backing")
        if self.backing == "memfd":
            self.world.memfd("memfd", pages)
        elif self.backing == "file":
            self.world.file("file", pages, cached=how.pop("cached", True))
        self.world.gap("parent", B - 512, 512)
        self.mapped = self.world.map("parent", B, pages, **how)
        self.world.gap("parent", B + pages, 512)

    def read(self, *pages: int, by: str = "parent") -> Outcome:
        return self.world.touch(by, [B + page for page in pages or range(self.pages)], False)

    def write(self, *pages: int, by: str = "parent") -> Outcome:
        return self.world.touch(by, [B + page for page in pages or range(self.pages)], True)

    def advise(
        self, advice: str, first: int = 0, pages: int | None = None, by: str = "parent"
    ) -> Outcome:
        return self.world.advise(by, B + first, self.pages if pages is None else pages, advice)

    def protect(
        self, prot: str, first: int = 0, pages: int | None = None, by: str = "parent"
    ) -> Outcome:
        return self.world.protect(by, B + first, self.pages if pages is None else pages, prot)

    def fork(self, name: str = "child", by: str = "parent") -> None:
        self.world.fork(by, name)

    def words(self, by: str = "parent") -> list[int]:
        return list(views.words(self.world, by, B, self.pages))

    def frames(self, by: str = "parent") -> list[int]:
        return views.frames(self.world, by, B, self.pages)

    def counts(self, by: str = "parent") -> list[int]:
        return views.map_counts(self.world, by, B, self.pages)

    def smaps(self, by: str = "parent") -> views.Smaps:
        return views.smaps(self.world, by, B, self.pages)

    def tables(self, by: str = "parent") -> tuple[int, int, int]:
        found = views.tables(self.world, by)
        return found.pte, found.pmd, found.pud

    def vmas(self, by: str = "parent") -> list[tuple[int, int, str]]:
        return [
            (start - B, pages, prot)
            for start, pages, prot, _, _ in views.vmas(self.world, by, B, self.pages)
        ]

    def poke(self, byte: int, kind: Literal["read", "write", "exec"]) -> Outcome:
        return self.world.poke("parent", (B << 12) + byte, kind)


def faults(outcome: Outcome) -> int:
    """The one number of faults that is right."""
    assert outcome.faults.exact, outcome
    assert outcome.faults.low is not None
    return outcome.faults.low
