"""`measure` and `pause`: nothing happens; what there is now is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from vmtui.lab.layout import Layout
from vmtui.lab.operations.operation import Done, Operation
from vmtui.lab.text import Text
from vmtui.lab.words import Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

LookT = TypeVar("LookT", bound="_Look")


@dataclass(frozen=True, slots=True)
class _Look(Operation):
    label: str

    @classmethod
    def parse(cls: type[LookT], words: Words) -> LookT:
        if not words.next:
            raise words.wrong("a label")
        label = [words.take()]
        while words.next:
            label.append(words.take())
        return cls(" ".join(label))

    def source(self) -> str:
        return f"{self.keyword} {self.label}"

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f'puts("{"".join(c for c in self.label if c.isalnum() or c in " -.,")}");',)

    def do(self, scene: Scene, process: str) -> Done:
        return Done()

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.touch(process, (), False)


class Measure(_Look):
    """A labelled moment."""

    keyword: ClassVar[str] = "measure"
    usage: ClassVar[str] = "measure LABEL"

    def told(self) -> Text:
        return Text(f"Look: {self.label}.", f"測る（{self.label}）．")


class Pause(_Look):
    """A labelled moment at which the stage waits for a key."""

    keyword: ClassVar[str] = "pause"
    usage: ClassVar[str] = "pause LABEL"

    def told(self) -> Text:
        return Text(f"Wait: {self.label}.", f"待つ（{self.label}）．")
