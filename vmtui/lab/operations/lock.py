"""`lock` and `unlock`: pages that must stay in memory, which brings them there first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout
from vmtui.lab.operations.calls import c_call, told_pages
from vmtui.lab.operations.operation import Done, Operation, joined, pages_done
from vmtui.lab.text import Text
from vmtui.lab.words import WHOLE, Slice, Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

LockT = TypeVar("LockT", bound="_OfPages")


@dataclass(frozen=True, slots=True)
class _OfPages(Operation):
    name: str
    pages: Slice = WHOLE

    function: ClassVar[str]

    @classmethod
    def parse(cls: type[LockT], words: Words) -> LockT:
        name = words.name("the name of a region")
        pages = words.slice()
        words.end()
        return cls(name, pages)

    def source(self) -> str:
        return f"{self.keyword} {self.name}{'' if self.pages.whole else f' {self.pages}'}"

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return c_call(layout, self.name, self.pages, self.function)

    def do(self, scene: Scene, process: str) -> Done:
        hands = scene.hands[process]
        return pages_done(
            hands.call(self.function, run.first * PAGE_SIZE, run.count * PAGE_SIZE)
            for run in scene.layout.stretches(self.name, self.pages)
        )

    def region(self) -> str:
        return self.name


class Lock(_OfPages):
    """mlock(2)."""

    keyword: ClassVar[str] = "lock"
    usage: ClassVar[str] = "lock REGION [START:STOP:STRIDE]"
    function: ClassVar[str] = "mlock"

    def told(self) -> Text:
        which = told_pages(self.name, self.pages)
        return Text(f"Lock {which.en} in memory.", f"{which.ja}をメモリに固定する．")

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        runs = layout.stretches(self.name, self.pages)
        return joined([world.lock(process, run.first, run.count) for run in runs])

    def touched(self, layout: Layout) -> int:
        return len(self.pages.of(layout.pages(self.name)))


class Unlock(_OfPages):
    """munlock(2)."""

    keyword: ClassVar[str] = "unlock"
    usage: ClassVar[str] = "unlock REGION [START:STOP:STRIDE]"
    function: ClassVar[str] = "munlock"

    def told(self) -> Text:
        which = told_pages(self.name, self.pages)
        return Text(f"Unlock {which.en}.", f"{which.ja}の固定を解く．")

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        runs = layout.stretches(self.name, self.pages)
        return joined([world.unlock(process, run.first, run.count) for run in runs])
