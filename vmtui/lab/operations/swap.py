"""`swap`: a swap of our own, on a disk or in compressed memory, gone after the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from vmtui.lab.layout import Layout
from vmtui.lab.operations.operation import Done, Operation
from vmtui.lab.resources import swapfile, zram
from vmtui.lab.text import Text
from vmtui.lab.words import Words, size_word

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World


@dataclass(frozen=True, slots=True)
class Swap(Operation):
    """swapon(2), before all other swaps of the machine."""

    kind: Literal["file", "zram"]
    nbytes: int

    keyword: ClassVar[str] = "swap"
    usage: ClassVar[str] = "swap file|zram SIZE"

    @classmethod
    def parse(cls, words: Words) -> Swap:
        kind = cast(Literal["file", "zram"], words.one_of(("file", "zram")))
        nbytes = words.size()
        words.end()
        return cls(kind, nbytes)

    def source(self) -> str:
        return f"{self.keyword} {self.kind} {size_word(self.nbytes)}"

    def told(self) -> Text:
        size = size_word(self.nbytes)
        if self.kind == "zram":
            return Text(
                f"Switch on {size} of swap in compressed memory.",
                f"圧縮したメモリに {size} のスワップを作り，有効にする．",
            )
        return Text(
            f"Switch on a swap file of {size}.", f"{size} のスワップファイルを作り，有効にする．"
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        name = "/dev/zram1" if self.kind == "zram" else "swapfile"
        return (f'swap_on("{name}");',)

    def do(self, scene: Scene, process: str) -> Done:
        scene.keeper.swap(self.kind, self.nbytes, preferred=True)
        return Done()

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.swap_on(in_memory=self.kind == "zram")

    def changes(self) -> tuple[Text, ...]:
        size = size_word(self.nbytes)
        if self.kind == "zram":
            return (
                Text(
                    f"makes a zram device of {size} and swaps to it; removes it at the end",
                    f"{size} の zram デバイスを作ってスワップに使い，終わったら消す",
                ),
            )
        return (
            Text(
                f"makes a swap file of {size} and switches it on; removes it at the end",
                f"{size} のスワップファイルを作って有効にし，終わったら消す",
            ),
        )

    def refused(self) -> Text | None:
        return zram.refused() if self.kind == "zram" else swapfile.refused()
