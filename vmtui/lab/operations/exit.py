"""`exit`: a process ends, and its share of every page with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.lab.layout import Layout
from vmtui.lab.operations import abi
from vmtui.lab.operations.operation import Done, Operation
from vmtui.lab.text import Text
from vmtui.lab.words import Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World


@dataclass(frozen=True, slots=True)
class Exit(Operation):
    """_exit(2) in that process."""

    name: str

    keyword: ClassVar[str] = "exit"
    usage: ClassVar[str] = "exit NAME"

    @classmethod
    def parse(cls, words: Words) -> Exit:
        name = words.name("the name of a process")
        words.end()
        return cls(name)

    @property
    def ends(self) -> str:
        """Who must be alive for it."""
        return self.name

    def source(self) -> str:
        return f"{self.keyword} {self.name}"

    def told(self) -> Text:
        return Text(f"{self.name} ends.", f"{self.name} が終わる．")

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f"if ({abi.c_name(self.name)} == 0) _exit(0);",)

    def do(self, scene: Scene, process: str) -> Done:
        scene.exit(self.name)
        return Done()

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.exit(self.name)
