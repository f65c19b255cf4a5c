"""`limit`: what the processes of the run may have together, or what one of them may map."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout
from vmtui.lab.operations.operation import Done, Operation
from vmtui.lab.resources import memcg
from vmtui.lab.text import Text
from vmtui.lab.words import Words, size_word

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

_RLIMIT_AS = 9
_OWN_BYTES = 4 << 20
"""Room for what the interpreter itself may want to map later."""
_NO_SWAP = "0"
_EXAMPLE = "/sys/fs/cgroup/experiment"
"""In the C that does the same: where version 2 of cgroups is."""


class Limit(Operation):
    """A line that begins with `limit`."""

    keyword: ClassVar[str] = "limit"
    usage: ClassVar[str] = "limit memory SIZE|N% of REGION [swap SIZE|0] | limit address SIZE"

    @classmethod
    def parse(cls, words: Words) -> Limit:
        if words.one_of(("memory", "address")) == "address":
            nbytes = words.size("how much more it may map, such as 64M")
            words.end()
            return LimitAddress(nbytes)
        nbytes, percent, name = 0, 0, ""
        if words.next.endswith("%") and words.next[:-1].isdigit():
            percent = int(words.take()[:-1])
            words.one_of(("of",))
            name = words.name("the name of a region")
        else:
            nbytes = words.size("a size such as 64M, or a share such as 80% of buf")
        swap = None
        if words.taken("swap"):
            swap = 0 if words.taken(_NO_SWAP) else words.size("a size such as 256M, or 0")
        words.end()
        return LimitMemory(nbytes, percent, name, swap)


@dataclass(frozen=True, slots=True)
class LimitMemory(Limit):
    """One memory cgroup for all processes of the run, and what it may have."""

    nbytes: int
    """0 where it is a share of a region."""
    percent: int = 0
    name: str = ""
    swap: int | None = None
    """Bytes of swap; None for any."""

    def source(self) -> str:
        size = f"{self.percent}% of {self.name}" if self.name else size_word(self.nbytes)
        swap = "" if self.swap is None else f" swap {size_word(self.swap) if self.swap else 0}"
        return f"limit memory {size}{swap}"

    def told(self) -> Text:
        size = f"{self.percent} % of {self.name}" if self.name else size_word(self.nbytes)
        ja = f"{self.name} の {self.percent} %" if self.name else size
        more = Text("", "")
        if self.swap is not None:
            most = size_word(self.swap) if self.swap else ""
            more = Text(" and no swap", "，スワップはなし")
            if most:
                more = Text(f" and {most} of swap", f"，スワップは {most} まで")
        return Text(
            f"All processes together may have {size} of memory{more.en}.",
            f"全プロセス合計で，メモリは {ja} まで{more.ja}とする．",
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        lines = [
            f'mkdir("{_EXAMPLE}", 0755);',
            f'write_file("{_EXAMPLE}/memory.max", "{self._bytes(layout)}");',
        ]
        if self.swap is not None:
            lines.append(f'write_file("{_EXAMPLE}/memory.swap.max", "{self.swap}");')
        return (*lines, f'write_file("{_EXAMPLE}/cgroup.procs", "0");')

    def do(self, scene: Scene, process: str) -> Done:
        scene.grouped().limit(self._bytes(scene.layout), self.swap)
        return Done()

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        swap = None if self.swap is None else self.swap // PAGE_SIZE
        return world.limit_memory(self._bytes(layout) // PAGE_SIZE, swap)

    def changes(self) -> tuple[Text, ...]:
        return (
            Text(
                "makes a memory cgroup for itself; removes it at the end",
                "専用のメモリ cgroup を作り，終わったら消す",
            ),
        )

    def refused(self) -> Text | None:
        return memcg.refusal()

    def region(self) -> str:
        return self.name

    def room(self, layout: Layout) -> int:
        """Pages of memory and swap together."""
        return (self._bytes(layout) + (self.swap or 0)) // PAGE_SIZE

    def _bytes(self, layout: Layout) -> int:
        if not self.name:
            return self.nbytes
        return layout.pages(self.name) * self.percent // 100 * PAGE_SIZE


@dataclass(frozen=True, slots=True)
class LimitAddress(Limit):
    """setrlimit(2) of the process: its address space may grow by so much and no more."""

    nbytes: int

    def source(self) -> str:
        return f"limit address {size_word(self.nbytes)}"

    def told(self) -> Text:
        size = size_word(self.nbytes)
        return Text(
            f"It may map {size} more, and nothing beyond that.",
            f"マップできるのはあと {size} まで．",
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f"limit_address({self.nbytes}UL); /* setrlimit(RLIMIT_AS) */",)

    def do(self, scene: Scene, process: str) -> Done:
        hands = scene.hands[process]
        most = hands.mapped_bytes() + self.nbytes + _OWN_BYTES
        reply = hands.call("setrlimit", _RLIMIT_AS, struct.pack("QQ", most, most))
        return Done(reply.errno)

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.limit_address(process, self.nbytes // PAGE_SIZE)
