"""`compact`: the kernel moves frames together, so that free memory becomes large blocks again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.errors import NotPermitted
from vmtui.lab.layout import Layout
from vmtui.lab.operations.operation import Done, Operation
from vmtui.lab.resources import values
from vmtui.lab.text import Text
from vmtui.lab.words import Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

_PATH = "/proc/sys/vm/compact_memory"
_NEEDS_ROOT = Text(
    "compacting memory needs root; run vmtui as root",
    "メモリのコンパクションには root 権限が要る（root で vmtui を起動する）",
)
_NO_COMPACTION = Text(
    "this kernel cannot compact memory (CONFIG_COMPACTION)",
    "このカーネルはコンパクションができない（CONFIG_COMPACTION）",
)


def refused() -> Text | None:
    """Why memory cannot be compacted here by this user."""
    if not os.path.exists(_PATH):
        return _NO_COMPACTION
    return None if os.access(_PATH, os.W_OK) else _NEEDS_ROOT


@dataclass(frozen=True, slots=True)
class Compact(Operation):
    """1 into compact_memory: all zones, now."""

    keyword: ClassVar[str] = "compact"
    usage: ClassVar[str] = "compact"

    @classmethod
    def parse(cls, words: Words) -> Compact:
        words.end()
        return cls()

    def source(self) -> str:
        return self.keyword

    def told(self) -> Text:
        return Text(
            "Compact: pages in use move together.",
            "コンパクション．使用中のページを寄せ集める．",
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f'write_file("{_PATH}", "1");',)

    def do(self, scene: Scene, process: str) -> Done:
        try:
            values.act(_PATH)
        except PermissionError as error:
            raise NotPermitted(_NEEDS_ROOT.en, "run vmtui as root") from error
        return Done()

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.touch(process, (), False)

    def changes(self) -> tuple[Text, ...]:
        return (
            Text(
                "compacts the memory of the whole machine once: pages move, nothing is lost",
                "マシン全体のメモリを 1 回コンパクションする．ページは動くが，失われるものはない",
            ),
        )

    def refused(self) -> Text | None:
        return refused()
