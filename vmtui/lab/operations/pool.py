"""`pool`: huge pages for MAP_HUGETLB, added to those of the machine; given back after the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.errors import NotSupported
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout
from vmtui.lab.operations.operation import Done, Operation
from vmtui.lab.resources import hugepool
from vmtui.lab.text import Text
from vmtui.lab.words import Words, size_word
from vmtui.units import size

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

_HUGE_BYTES = 512 * PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Pool(Operation):
    """More in nr_hugepages."""

    nbytes: int

    keyword: ClassVar[str] = "pool"
    usage: ClassVar[str] = "pool SIZE"

    @classmethod
    def parse(cls, words: Words) -> Pool:
        nbytes = words.size("a size such as 64M")
        words.end()
        return cls(nbytes)

    @property
    def blocks(self) -> int:
        """Pages of 2 MiB."""
        return -(-self.nbytes // _HUGE_BYTES)

    def source(self) -> str:
        return f"{self.keyword} {size_word(self.nbytes)}"

    def told(self) -> Text:
        return Text(
            f"Set {self._pages} of 2 MiB aside for hugetlb.",
            f"hugetlb のために 2 MiB のページを {self.blocks:,} 枚確保する．",
        )

    @property
    def _pages(self) -> str:
        return f"{self.blocks:,} page{'' if self.blocks == 1 else 's'}"

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f"add_huge_pages({self.blocks});",)

    def do(self, scene: Scene, process: str) -> Done:
        pool = scene.keeper.pool(self.blocks * _HUGE_BYTES)
        if pool.granted < pool.asked:
            raise NotSupported(
                f"the kernel found only {pool.granted:,} of {pool.asked:,} pieces of "
                f"{size(pool.page_bytes)} for the pool: its memory is too fragmented"
            )
        return Done()

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.pool(self.blocks)

    def changes(self) -> tuple[Text, ...]:
        return (
            Text(
                f"adds {self._pages} of 2 MiB to vm.nr_hugepages, and takes them away again",
                f"vm.nr_hugepages に 2 MiB のページを {self.blocks:,} 枚足し，あとで元に戻す",
            ),
        )

    def refused(self) -> Text | None:
        return hugepool.refused()
