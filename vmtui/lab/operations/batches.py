"""`batches`: whether pages that wait for the kernel's lists wait on, as in any program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.lab.layout import Layout
from vmtui.lab.operations.operation import Done, Operation
from vmtui.lab.text import Text
from vmtui.lab.words import Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World


@dataclass(frozen=True, slots=True)
class Batches(Operation):
    """What the laboratory does by itself after every operation, done or left undone.

    A page on its way to the LRU lists waits in a batch of its CPU, which counts as one more user.
    """

    kept: bool

    keyword: ClassVar[str] = "batches"
    usage: ClassVar[str] = "batches keep|empty"

    @classmethod
    def parse(cls, words: Words) -> Batches:
        kept = words.one_of(("keep", "empty")) == "keep"
        words.end()
        return cls(kept)

    def source(self) -> str:
        return f"{self.keyword} {'keep' if self.kept else 'empty'}"

    def told(self) -> Text:
        if self.kept:
            return Text(
                "From now on pages wait in the CPU's batches, as in any program.",
                "ここからはページを CPU の待ち列に残す．ふつうのプログラムと同じである．",
            )
        return Text(
            "From now on the CPU's batches are emptied after every operation.",
            "ここからは操作のたびに CPU の待ち列を空にする．",
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        if self.kept:
            return ("/* nothing to do: this is how programs run */",)
        return ("/* after every call: madvise(any_page, 4096, MADV_COLD) */",)

    def do(self, scene: Scene, process: str) -> Done:
        for hands in scene.hands.values():
            hands.keep_batches(self.kept)
        return Done()

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.batches(kept=self.kept)
