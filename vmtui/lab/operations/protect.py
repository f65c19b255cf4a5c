"""`protect`: what may be done with the pages of a region from now on."""

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

_MAY = {
    "---": Text("nothing", "何もできない"),
    "r--": Text("reading only", "読むだけ"),
    "rw-": Text("reading and writing", "読み書きできる"),
    "r-x": Text("reading and executing", "読みと実行ができる"),
    "rwx": Text("everything", "何でもできる"),
    "-w-": Text("writing", "書ける"),
    "--x": Text("executing", "実行できる"),
    "-wx": Text("writing and executing", "書き込みと実行ができる"),
}


@dataclass(frozen=True, slots=True)
class Protect(Operation):
    """mprotect(2)."""

    name: str
    prot: str
    pages: Slice = WHOLE

    keyword: ClassVar[str] = "protect"
    usage: ClassVar[str] = "protect REGION ---|r--|rw-|r-x|rwx [START:STOP:STRIDE]"

    @classmethod
    def parse(cls, words: Words) -> Protect:
        name = words.name("the name of a region")
        prot = words.one_of(tuple(_MAY))
        pages = words.slice()
        words.end()
        return cls(name, prot, pages)

    def source(self) -> str:
        pages = "" if self.pages.whole else f" {self.pages}"
        return f"{self.keyword} {self.name} {self.prot}{pages}"

    def told(self) -> Text:
        may, which = _MAY[self.prot], told_pages(self.name, self.pages)
        return Text(f"Allow {may.en} in {which.en}.", f"{which.ja}を「{may.ja}」にする．")

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return c_call(layout, self.name, self.pages, "mprotect", abi.prot_in_c(self.prot))

    def do(self, scene: Scene, process: str) -> Done:
        hands, bits = scene.hands[process], abi.prot_bits(self.prot)
        return pages_done(
            hands.call("mprotect", run.first * PAGE_SIZE, run.count * PAGE_SIZE, bits)
            for run in scene.layout.stretches(self.name, self.pages)
        )

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return joined(
            [
                world.protect(process, run.first, run.count, self.prot)
                for run in layout.stretches(self.name, self.pages)
            ]
        )

    def region(self) -> str:
        return self.name
