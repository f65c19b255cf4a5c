"""`fork`: a child with the same memory. `in NAME:` before a line has the child do it."""

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
class Fork(Operation):
    """fork(2)."""

    name: str

    keyword: ClassVar[str] = "fork"
    usage: ClassVar[str] = "fork NAME"

    @classmethod
    def parse(cls, words: Words) -> Fork:
        name = words.name("a name for the child")
        words.end()
        return cls(name)

    def source(self) -> str:
        return f"{self.keyword} {self.name}"

    def told(self) -> Text:
        return Text(f"Fork: {self.name} begins with the same memory.",
                    f"fork する．{self.name} は同じメモリで始まる．")  # fmt: skip

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f"pid_t {abi.c_name(self.name)} = fork();",)

    def do(self, scene: Scene, process: str) -> Done:
        scene.fork(process, self.name)
        return Done()

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.fork(process, self.name)
