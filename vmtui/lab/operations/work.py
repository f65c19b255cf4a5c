"""`work`: a working set that is touched again and again, as fast as it goes.

Where no memory cgroup can make memory short, `within` plays it: the program pages out, itself,
what it touched longest ago, whenever it has more than that in memory (MADV_PAGEOUT).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, ClassVar, cast

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.evidence import Order
from vmtui.lab.layout import Layout
from vmtui.lab.operations.abi import c_name
from vmtui.lab.operations.operation import Doable, Done, Operation, Worked
from vmtui.lab.text import Text
from vmtui.lab.words import Words, size_word

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

_SLICE_SECONDS = 0.2
"""Between two looks: there are four and more a second."""
_MOST_SECONDS = 60.0
_SECONDS = re.compile(r"[0-9]{1,2}(\.[0-9]{1,3})?")
_ORDERS: tuple[Order, ...] = ("random", "cyclic")


@dataclass(frozen=True, slots=True)
class Work(Operation):
    """A program at work."""

    name: str
    order: Order
    write: bool
    seconds_long: float
    nbytes: int = 0
    percent: int = 0
    """What it leaves in memory, in bytes or of the region; 0 and 0 for all."""

    keyword: ClassVar[str] = "work"
    usage: ClassVar[str] = "work REGION random|cyclic [read|write] [within SIZE|N%] for SECONDS"

    @classmethod
    def parse(cls, words: Words) -> Work:
        name = words.name("the name of a region")
        order = cast(Order, words.one_of(_ORDERS))
        write = words.taken("read", "write") != "read"
        nbytes = percent = 0
        if words.taken("within"):
            if words.next.endswith("%") and words.next[:-1].isdigit():
                percent = int(words.take()[:-1])
            if not percent:
                nbytes = words.size("a size such as 48M, or a share such as 75%")
        words.one_of(("for",))
        seconds = _seconds(words)
        words.end()
        return cls(name, order, write, seconds, nbytes, percent)

    def source(self) -> str:
        within = f" within {self.percent}%" if self.percent else ""
        within = f" within {size_word(self.nbytes)}" if self.nbytes else within
        how = f"{self.order} {'write' if self.write else 'read'}{within}"
        return f"{self.keyword} {self.name} {how} for {self.seconds_long:g}"

    def told(self) -> Text:
        order = _TOLD[self.order]
        verb = Text("Write to", "書く") if self.write else Text("Read", "読む")
        place = "に" if self.write else "を"
        share = f"{self.percent} %" if self.percent else size_word(self.nbytes or PAGE_SIZE)
        few = Text("", "")
        if self.percent or self.nbytes:
            few = Text(f", with {share} of it in memory", f"．メモリに置くのは {share} まで")
        time = f"{self.seconds_long:g}"
        return Text(
            f"{verb.en} pages of {self.name} {order.en} for {time} s{few.en}.",
            f"{self.name} のページ{place}{order.ja} {time} 秒間{verb.ja}{few.ja}．",
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        name, pages = c_name(self.name), layout.pages(self.name)
        page = f"{'random' if self.order == 'random' else 'next'}_page({pages})"
        within = f", keeping {size_word(self.keep(layout) * PAGE_SIZE)} in memory"
        note = (f"/* touch pages{within} (MADV_PAGEOUT) */",) if self.keep(layout) else ()
        return (
            *note,
            f"for (double end = now() + {self.seconds_long:g}; now() < end;)",
            f"    *(volatile char *)({name} + {page} * {PAGE_SIZE}UL)"
            f"{' = 1' if self.write else ''};",
        )

    def do(self, scene: Scene, process: str) -> Done:
        return WorkSlice(self, self.seconds_long).do(scene, process)

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        (region,) = layout.places[self.name]
        return world.work(
            process, region.first, region.pages, self.order,
            write=self.write, keep=self.keep(layout),
        )  # fmt: skip

    def chunks(self, layout: Layout, most: int) -> Sequence[Doable]:
        slices = max(1, ceil(self.seconds_long / _SLICE_SECONDS))
        return (WorkSlice(self, self.seconds_long / slices),) * slices

    def seconds(self, layout: Layout) -> float:
        return self.seconds_long

    def region(self) -> str:
        return self.name

    def touched(self, layout: Layout) -> int:
        return layout.pages(self.name)

    def keep(self, layout: Layout) -> int:
        """Pages that it leaves in memory; 0 for all."""
        if self.nbytes:
            return self.nbytes // PAGE_SIZE
        return max(1, layout.pages(self.name) * self.percent // 100) if self.percent else 0


@dataclass(frozen=True, slots=True)
class WorkSlice:
    """A short stretch of it."""

    whole: Work
    seconds: float

    def do(self, scene: Scene, process: str) -> Done:
        """Have the worker do it."""
        work, (region,) = self.whole, scene.layout.places[self.whole.name]
        keep = work.keep(scene.layout)
        reply, seconds = scene.hands[process].work(
            region.first, region.pages, work.order,
            write=work.write, seconds=self.seconds, keep=keep,
            account="" if scene.group is None else f"{scene.group.path}/memory.stat",
        )  # fmt: skip
        worked = Worked(
            reply.value, seconds, reply.minor, reply.major,
            order=work.order, nbytes=region.pages * PAGE_SIZE, kept=keep * PAGE_SIZE,
        )  # fmt: skip
        return Done(0, reply.minor, reply.major, in_calls=False, work=worked)

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        """Have the theory do it."""
        return self.whole.predict(world, layout, process)


def _seconds(words: Words) -> float:
    if not _SECONDS.fullmatch(words.next) or not 0 < float(words.next) <= _MOST_SECONDS:
        raise words.wrong("seconds, such as 1.5")
    return float(words.take())


_TOLD = {
    "random": Text("at random", "ランダムに"),
    "cyclic": Text("in turn, round and round", "順に何周も"),
}
