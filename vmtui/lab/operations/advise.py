"""`advise`: what the program tells the kernel about its pages, down to giving them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout
from vmtui.lab.operations import abi
from vmtui.lab.operations.calls import c_call, told_pages
from vmtui.lab.operations.operation import Done, Operation, joined, pages_done
from vmtui.lab.text import Text
from vmtui.lab.words import WHOLE, Slice, Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

_TOLD = {
    "normal": Text("Expect the usual of", "に普通の使い方を予告する"),
    "random": Text("Announce random use of", "にランダムな使い方を予告する"),
    "willneed": Text("Ask for early reading of", "の先読みを頼む"),
    "dontneed": Text("Give back", "を返す"),
    "free": Text("Let the kernel take, when it likes,", "を，いつ回収してもよいと告げる"),
    "dontfork": Text("Keep from children", "を子に渡さないことにする"),
    "dofork": Text("Let children have", "を子に渡すことにする"),
    "hugepage": Text("Allow 2 MiB pages in", "に 2 MiB のページを許す"),
    "nohugepage": Text("Forbid 2 MiB pages in", "に 2 MiB のページを禁じる"),
    "wipeonfork": Text("Have children find empty", "を子には空で渡すことにする"),
    "keeponfork": Text("Let children see the content of", "の中身を子にも見せることにする"),
    "cold": Text("Mark as not used lately", "を最近使っていないことにする"),
    "pageout": Text("Page out", "をページアウトする"),
    "populate_read": Text("Have the kernel read, in one call,", "を 1 回の呼び出しで読ませる"),
    "populate_write": Text("Have the kernel write, in one call,", "を 1 回の呼び出しで書かせる"),
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
        return Text(f"{verb.en} {which.en}.", f"{which.ja}{verb.ja}．")

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        advice = f"MADV_{self.advice.upper()}"
        return c_call(layout, self.name, self.pages, "madvise", advice)

    def do(self, scene: Scene, process: str) -> Done:
        hands, number = scene.hands[process], abi.ADVICE[self.advice]
        return pages_done(
            hands.call("madvise", run.first * PAGE_SIZE, run.count * PAGE_SIZE, number)
            for run in scene.layout.stretches(self.name, self.pages)
        )

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return joined(
            [
                world.advise(process, run.first, run.count, self.advice)
                for run in layout.stretches(self.name, self.pages)
            ]
        )

    def region(self) -> str:
        return self.name

    def touched(self, layout: Layout) -> int:
        if self.advice not in ("populate_read", "populate_write", "collapse"):
            return 0
        return len(self.pages.of(layout.pages(self.name)))
