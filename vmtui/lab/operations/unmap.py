"""`unmap`: the address space is given back, and every page in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout
from vmtui.lab.operations.calls import c_call, told_pages
from vmtui.lab.operations.operation import Done, Operation, joined, pages_done
from vmtui.lab.text import Text
from vmtui.lab.words import WHOLE, Slice, Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World


@dataclass(frozen=True, slots=True)
class Unmap(Operation):
    """munmap(2)."""

    name: str
    pages: Slice = WHOLE

    keyword: ClassVar[str] = "unmap"
    usage: ClassVar[str] = "unmap REGION [START:STOP:STRIDE]"

    @classmethod
    def parse(cls, words: Words) -> Unmap:
        name = words.name("the name of a region")
        pages = words.slice()
        words.end()
        return cls(name, pages)

    def source(self) -> str:
        return f"{self.keyword} {self.name}{'' if self.pages.whole else f' {self.pages}'}"

    def told(self) -> Text:
        which = told_pages(self.name, self.pages)
        return Text(f"Unmap {which.en}.", f"{which.ja}のマップを解除する．")

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return c_call(layout, self.name, self.pages, "munmap")

    def do(self, scene: Scene, process: str) -> Done:
        return pages_done(
            scene.hands[process].call("munmap", run.first * PAGE_SIZE, run.count * PAGE_SIZE)
            for run in scene.layout.stretches(self.name, self.pages)
        )

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return joined(
            [
                world.unmap(process, run.first, run.count)
                for run in layout.stretches(self.name, self.pages)
            ]
        )

    def region(self) -> str:
        return self.name
