"""`poke`: one access that should fail, in a copy of the process, which is frozen where it did."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.lab.hands import Access
from vmtui.lab.layout import Layout
from vmtui.lab.operations import abi
from vmtui.lab.operations.operation import Done, Operation
from vmtui.lab.text import Text
from vmtui.lab.words import Words

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

FAMOUS = {"null": 0, "kernel": 0xFFFF_8880_0000_0000, "non-canonical": 0x9000_0000_0000_0000}
"""Addresses with a name of their own."""
STACK = "stack"
"""The first address the stack may not grow to; only the running process knows it."""
_PLACE = re.compile(r"0x[0-9a-f]{1,16}|[a-z][a-z0-9_-]*?(?:[+-][0-9]{1,15}[KMGT]?)?")
_OFFSET = re.compile(r"(.*?)([+-])([0-9]+)([KMGT]?)")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_DOES: dict[Access, Text] = {
    "read": Text("Read from", "から読む"),
    "write": Text("Write to", "に書く"),
    "exec": Text("Jump to", "へ飛ぶ"),
}
_CALLED = {
    "null": Text("address 0", "0 番地"),
    "kernel": Text("an address of the kernel", "カーネルのアドレス"),
    "non-canonical": Text("an address no x86-64 can have", "x86-64 にありえないアドレス"),
    STACK: Text("the page below the deepest stack", "スタックの限界の 1 ページ下"),
}


@dataclass(frozen=True, slots=True)
class Poke(Operation):
    """A stray pointer used once."""

    place: str
    """null, kernel, non-canonical, stack, 0x…, a region, or a region ± bytes."""
    kind: Access

    keyword: ClassVar[str] = "poke"
    usage: ClassVar[str] = (
        "poke null|kernel|non-canonical|stack|0xADDRESS|REGION|REGION+SIZE|REGION-SIZE "
        "read|write|exec"
    )

    @classmethod
    def parse(cls, words: Words) -> Poke:
        if not _PLACE.fullmatch(words.next):
            raise words.wrong("an address: null, kernel, stack, 0x…, REGION or REGION+SIZE")
        place = words.take()
        found = words.one_of(tuple(_DOES))
        kind = next(kind for kind in _DOES if kind == found)
        words.end()
        return cls(place, kind)

    def source(self) -> str:
        return f"{self.keyword} {self.place} {self.kind}"

    def told(self) -> Text:
        does, called = _DOES[self.kind], _CALLED.get(self.place, Text(*[self.place] * 2))
        space = " " if called.ja.isascii() else ""
        return Text(f"{does.en} {called.en}.", f"{called.ja}{space}{does.ja}．")

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        name, offset = self._parts()
        if self.place == STACK:
            return ("if (fork() == 0) exhaust_stack();", "wait(NULL);")
        if name in layout.places:
            start = f"{abi.c_name(name)}[0]" if len(layout.places[name]) > 1 else abi.c_name(name)
            pointer = f"{start} {'-' if offset < 0 else '+'} {abs(offset)}" if offset else start
        else:
            pointer = f"(char *){self.address(layout):#x}UL"
        does = {
            "read": "(void)*(volatile char *)p;",
            "write": "*(volatile char *)p = 1;",
            "exec": "((void (*)(void))p)();",
        }
        return (f"p = {pointer};", f"if (fork() == 0) {does[self.kind]}", "wait(NULL);")

    def do(self, scene: Scene, process: str) -> Done:
        return Done(poked=scene.poke(process, self.address(scene.layout), self.kind))

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.poke(process, self.address(layout), self.kind)

    def address(self, layout: Layout) -> int:
        """The address."""
        name, offset = self._parts()
        if name in layout.places:
            return layout.address(name) + offset
        if name == STACK:
            return layout.stack
        return FAMOUS[name] if name in FAMOUS else int(name, 16)

    def region(self) -> str:
        name, _ = self._parts()
        return "" if name in FAMOUS or name == STACK or name.startswith("0x") else name

    def _parts(self) -> tuple[str, int]:
        """The name, and the bytes after it."""
        match = None if self.place in FAMOUS else _OFFSET.fullmatch(self.place)
        if match is None:
            return self.place, 0
        number = int(match[3]) * _UNITS[match[4]]
        return match[1], -number if match[2] == "-" else number
