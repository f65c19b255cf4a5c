"""`score`: how gladly the kernel may kill a process when memory has run out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.lab.layout import Layout
from vmtui.lab.operations.operation import Done, Operation
from vmtui.lab.text import Text
from vmtui.lab.words import Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

_MOST = 1000
_FILE = b"/proc/self/oom_score_adj\0"


@dataclass(frozen=True, slots=True)
class Score(Operation):
    """A number into oom_score_adj of the process."""

    score_adj: int

    keyword: ClassVar[str] = "score"
    usage: ClassVar[str] = "score 0-1000"

    @classmethod
    def parse(cls, words: Words) -> Score:
        expected = "a number from 0 (as any process) to 1000 (the first to be killed)"
        number = 0 if words.taken("0") else words.count(expected)
        if number > _MOST:
            raise words.wrong(expected)
        words.end()
        return cls(number)

    def source(self) -> str:
        return f"{self.keyword} {self.score_adj}"

    def told(self) -> Text:
        number = self.score_adj
        return Text(f"Its oom_score_adj is {number}.", f"oom_score_adj を {number} にする．")

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f'write_file("/proc/self/oom_score_adj", "{self.score_adj}");',)

    def do(self, scene: Scene, process: str) -> Done:
        hands = scene.hands[process]
        opened = hands.call("open", _FILE, os.O_WRONLY)
        if opened.errno:
            return Done(opened.errno)
        text = str(self.score_adj).encode()
        written = hands.call("write", opened.value, text, len(text))
        hands.call("close", opened.value)
        return Done(written.errno)

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.score(process, self.score_adj)
