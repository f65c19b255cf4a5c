"""`put` and `get`: a word in memory, to show who sees what somebody wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout
from vmtui.lab.operations import abi
from vmtui.lab.operations.operation import Done, Operation
from vmtui.lab.text import Text
from vmtui.lab.words import Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

_WORD = re.compile(r"[A-Za-z0-9]{1,7}")


def number_of(word: str) -> int:
    """A word of up to seven letters as the number that its bytes make."""
    return int.from_bytes(word.encode(), "little")


def word_of(number: int) -> str:
    """The word again; what is no text is shown as a number."""
    raw = number.to_bytes(8, "little").rstrip(b"\0")
    return raw.decode() if raw.isalnum() and raw.isascii() else f"{number:#x}"


def _read(words: Words) -> tuple[str, str]:
    name = words.name("the name of a region")
    if not _WORD.fullmatch(words.next):
        raise words.wrong("a word of one to seven letters")
    word = words.take()
    words.end()
    return name, word


@dataclass(frozen=True, slots=True)
class Put(Operation):
    """Write a word at the start of a region."""

    name: str
    word: str

    keyword: ClassVar[str] = "put"
    usage: ClassVar[str] = "put REGION WORD"

    @classmethod
    def parse(cls, words: Words) -> Put:
        return cls(*_read(words))

    def source(self) -> str:
        return f"{self.keyword} {self.name} {self.word}"

    def told(self) -> Text:
        return Text(
            f"Write «{self.word}» into {self.name}.", f"{self.name} に「{self.word}」と書く．"
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f'strcpy({abi.c_name(self.name)}, "{self.word}");',)

    def do(self, scene: Scene, process: str) -> Done:
        hands, address = scene.hands[process], scene.layout.address(self.name)
        reply = hands.touch([(address // PAGE_SIZE, 1, 1)], write=True)
        hands.write(address, self.word.encode() + b"\0")
        return Done(0, reply.minor, reply.major, in_calls=False)

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.touch(process, [layout.places[self.name][0].first], True)

    def region(self) -> str:
        return self.name

    def touched(self, layout: Layout) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class Get(Operation):
    """Read the word at the start of a region; which one is expected stands in the line."""

    name: str
    word: str

    keyword: ClassVar[str] = "get"
    usage: ClassVar[str] = "get REGION EXPECTED-WORD"

    @classmethod
    def parse(cls, words: Words) -> Get:
        return cls(*_read(words))

    def source(self) -> str:
        return f"{self.keyword} {self.name} {self.word}"

    def told(self) -> Text:
        return Text(
            f"Read {self.name}; it should say «{self.word}».",
            f"{self.name} を読む．「{self.word}」とあるはず．",
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f'printf("%.7s (expected {self.word})\\n", {abi.c_name(self.name)});',)

    def do(self, scene: Scene, process: str) -> Done:
        hands, address = scene.hands[process], scene.layout.address(self.name)
        reply = hands.touch([(address // PAGE_SIZE, 1, 1)], write=False)
        found = hands.read(address, 8).partition(b"\0")[0][:7]
        number = int.from_bytes(found, "little")
        return Done(0, reply.minor, reply.major, in_calls=False, contents=number)

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.touch(process, [layout.places[self.name][0].first], False)

    def region(self) -> str:
        return self.name

    @property
    def expected(self) -> int:
        """What should be read, as a number."""
        return number_of(self.word)
