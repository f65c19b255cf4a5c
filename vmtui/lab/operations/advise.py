"""`advise`: what the program tells the kernel about its pages, down to giving them back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout, Run
from vmtui.lab.operations import abi
from vmtui.lab.operations.calls import c_call, told_pages
from vmtui.lab.operations.operation import Doable, Done, Operation, joined, pages_done
from vmtui.lab.text import Text
from vmtui.lab.words import WHOLE, Slice, Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

_BLOCK = 512
"""Pages of 4 KiB in one of 2 MiB."""
_CALLS = 1024
"""Of madvise(2) in a chunk where every page takes one: less than 0.1 s."""
_TOLD = {  # `{}` is which pages, otherwise they come last in English
    "normal": Text("Announce ordinary use of", "を普通に使うと告げる"),
    "random": Text("Announce random use of", "をランダムに使うと告げる"),
    "willneed": Text("Ask for early reading of", "の先読みを頼む"),
    "dontneed": Text("Give back", "を返す"),
    "free": Text("Let the kernel take back {} when it likes", "を，いつ回収してもよいと告げる"),
    "dontfork": Text("Hide {} from children", "を子に渡さないことにする"),
    "dofork": Text("Let children have", "を子に渡すことにする"),
    "hugepage": Text("Allow 2 MiB pages in", "に 2 MiB のページを許す"),
    "nohugepage": Text("Forbid 2 MiB pages in", "に 2 MiB のページを禁じる"),
    "wipeonfork": Text("Give children empty pages for", "を子には空で渡すことにする"),
    "keeponfork": Text("Let children see the content of", "の中身を子にも見せることにする"),
    "cold": Text("Mark {} as not used lately", "を最近使っていないことにする"),
    "pageout": Text("Page out", "をページアウトする"),
    "populate_read": Text("Have the kernel read {} in one call", "を 1 回の呼び出しで読ませる"),
    "populate_write": Text("Have the kernel write {} in one call", "を 1 回の呼び出しで書かせる"),
    "collapse": Text("Make 2 MiB pages of", "を 2 MiB のページにまとめる"),
    "guard_install": Text("Put guards on", "にガードを置く"),
    "guard_remove": Text("Take the guards off", "のガードを外す"),
}


@dataclass(frozen=True, slots=True)
class Advise(Operation):
    """madvise(2)."""

    name: str
    advice: str
    pages: Slice = WHOLE

    keyword: ClassVar[str] = "advise"
    usage: ClassVar[str] = f"advise REGION {'|'.join(abi.ADVICE)} [START:STOP:STRIDE]"

    @classmethod
    def parse(cls, words: Words) -> Advise:
        name = words.name("the name of a region")
        advice = words.one_of(tuple(abi.ADVICE))
        pages = words.slice()
        words.end()
        return cls(name, advice, pages)

    def source(self) -> str:
        pages = "" if self.pages.whole else f" {self.pages}"
        return f"{self.keyword} {self.name} {self.advice}{pages}"

    def told(self) -> Text:
        verb, which = _TOLD[self.advice], told_pages(self.name, self.pages)
        en = verb.en if "{}" in verb.en else f"{verb.en} {{}}"
        return Text(f"{en.replace('{}', which.en)}.", f"{which.ja}{verb.ja}．")

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        advice = f"MADV_{self.advice.upper()}"
        return c_call(layout, self.name, self.pages, "madvise", advice)

    def do(self, scene: Scene, process: str) -> Done:
        return self._chunk(scene.layout).do(scene, process)

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return self._chunk(layout).predict(world, layout, process)

    def chunks(self, layout: Layout, most: int) -> Sequence[Doable]:
        stretches = layout.stretches(self.name, self.pages)
        if self.advice == "dontneed" and len(stretches) > _CALLS:
            parts = [stretches[at : at + _CALLS] for at in range(0, len(stretches), _CALLS)]
            return tuple(AdviseChunk(tuple(part), self.advice) for part in parts)
        if self.advice != "collapse" or len(stretches) != 1:
            return (self,)  # the others are quick, or end at the first error
        pages = -(-stretches[0].count // max(1, most))
        blocks = _blocks(stretches[0], -(-pages // _BLOCK))
        return tuple(AdviseChunk((part,), self.advice) for part in blocks)

    def _chunk(self, layout: Layout) -> AdviseChunk:
        return AdviseChunk(tuple(layout.stretches(self.name, self.pages)), self.advice)

    def region(self) -> str:
        return self.name

    def touched(self, layout: Layout) -> int:
        if self.advice not in ("populate_read", "populate_write", "collapse"):
            return 0
        return len(self.pages.of(layout.pages(self.name)))


@dataclass(frozen=True, slots=True)
class AdviseChunk:
    """One call for each of some stretches of pages."""

    runs: tuple[Run, ...]
    advice: str

    def do(self, scene: Scene, process: str) -> Done:
        """Have the worker call."""
        hands, number = scene.hands[process], abi.ADVICE[self.advice]
        if self.advice == "dontneed":
            every = [(run.first * PAGE_SIZE, run.count * PAGE_SIZE, number) for run in self.runs]
            return pages_done(
                hands.calls("madvise", every[at : at + _CALLS])
                for at in range(0, len(every), _CALLS)
            )
        return pages_done(
            hands.call("madvise", run.first * PAGE_SIZE, run.count * PAGE_SIZE, number)
            for run in self.runs
        )

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        """Have the theory answer."""
        return joined(
            [world.advise(process, run.first, run.count, self.advice) for run in self.runs]
        )


def _blocks(run: Run, blocks: int) -> Iterator[Run]:
    """The same pages, cut at borders of 2 MiB; every part has at least one whole block."""
    first, end = run.first, run.first + run.count
    lowest, highest = -(-first // _BLOCK), end // _BLOCK
    for block in range(lowest + blocks, highest, blocks):
        yield Run(first, block * _BLOCK - first)
        first = block * _BLOCK
    yield Run(first, end - first)
