"""`touch`: one byte of each page read or written: what makes memory real."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout, Run
from vmtui.lab.operations import abi
from vmtui.lab.operations.calls import told_pages
from vmtui.lab.operations.operation import Doable, Done, Operation
from vmtui.lab.text import Text
from vmtui.lab.words import WHOLE, Slice, Words, size_word

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World


@dataclass(frozen=True, slots=True)
class Touch(Operation):
    """A load or a store per page."""

    name: str
    write: bool
    pages: Slice = WHOLE
    seed: int | None = None
    """Order: of the addresses; with a seed, shuffled by it."""
    rate: int = 0
    """Bytes a second; 0 for as fast as it goes."""

    keyword: ClassVar[str] = "touch"
    usage: ClassVar[str] = "touch REGION [START:STOP:STRIDE] read|write [random SEED] [rate SIZE]"

    @classmethod
    def parse(cls, words: Words) -> Touch:
        name = words.name("the name of a region")
        pages = words.slice()
        write = words.one_of(("read", "write")) == "write"
        seed = words.count("a number to shuffle by") if words.taken("random") else None
        rate = words.size("memory a second, such as 10M") if words.taken("rate") else 0
        words.end()
        return cls(name, write, pages, seed, rate)

    def source(self) -> str:
        words = [self.keyword, self.name, "" if self.pages.whole else str(self.pages)]
        words.append("write" if self.write else "read")
        words.append("" if self.seed is None else f"random {self.seed}")
        words.append(f"rate {size_word(self.rate)}" if self.rate else "")
        return " ".join(word for word in words if word)

    def told(self) -> Text:
        verb = Text("Write one byte to", "書く") if self.write else Text("Read one byte of", "読む")
        which = told_pages(self.name, self.pages)
        how = Text("", "")
        if self.rate:
            rate = size_word(self.rate)
            how = Text(f", {rate} a second", f"，毎秒 {rate} の速さで")
        elif self.seed is not None:
            how = Text(", in random order", "，ばらばらの順に")
        each = Text("each page of ", "の各ページ") if self.pages.stride == 1 else Text("", "")
        alone, place = which.en.startswith("page "), "に" if self.write else "から"
        if alone:
            each = Text("", "")
        return Text(
            f"{verb.en} {each.en}{which.en}{how.en}.",
            f"{which.ja}{each.ja}{place} 1 バイト{'' if alone else 'ずつ'}{how.ja}{verb.ja}．",
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        name, pages = abi.c_name(self.name), self.pages.of(layout.pages(self.name))
        if len(layout.places[self.name]) > 1:
            return (
                f"for (unsigned long k = {pages.start}; k < {pages.stop}; k += {pages.step})",
                f"    {self._access(f'{name}[k]')};",
            )
        if len(pages) == 1:
            return (f"{self._access(f'({name} + {pages.start * PAGE_SIZE}UL)')};",)
        if self.seed is not None:
            chosen = f"shuffled(i, {len(pages)}UL, {self.seed})"
            start = f"{pages.start} + " if pages.start else ""
            stride = f" * {pages.step}" if pages.step > 1 else ""
            at = f"({name} + ({start}{chosen}{stride}) * {PAGE_SIZE})"
            return (
                f"for (unsigned long i = 0; i < {len(pages)}; i++)",
                f"    {self._access(at)};",
            )
        step = "i++" if pages.step == 1 else f"i += {pages.step}"
        return (
            f"for (unsigned long i = {pages.start}; i < {pages.stop}; {step})",
            f"    {self._access(f'({name} + i * {PAGE_SIZE})')};",
        )

    def _access(self, pointer: str) -> str:
        return f"*(volatile char *){pointer}{' = 1' if self.write else ''}"

    def do(self, scene: Scene, process: str) -> Done:
        return self._chunk(scene.layout).do(scene, process)

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return self._chunk(layout).predict(world, layout, process)

    def chunks(self, layout: Layout, most: int) -> Sequence[Doable]:
        return tuple(self._split(self._order(layout), most))

    def seconds(self, layout: Layout) -> float:
        pages = len(self.pages.of(layout.pages(self.name)))
        return pages * PAGE_SIZE / self.rate if self.rate else 0.0

    def region(self) -> str:
        return self.name

    def touched(self, layout: Layout) -> int:
        return len(self.pages.of(layout.pages(self.name)))

    def _chunk(self, layout: Layout) -> TouchChunk:
        return TouchChunk(tuple(self._order(layout)), self.write)

    def _order(self, layout: Layout) -> list[Run]:
        runs = layout.runs(self.name, self.pages)
        if self.seed is None:
            return runs
        pages = [page for run in runs for page in run.pages()]
        random.Random(self.seed).shuffle(pages)
        return [Run(page, 1) for page in pages]

    def _split(self, runs: list[Run], most: int) -> Iterator[TouchChunk]:
        """Chunks of about as many pages each, in order."""
        total = sum(run.count for run in runs)
        each = max(1, -(-total // max(1, most)))
        chunk, room = list[Run](), each
        for run in runs:
            done = 0
            while done < run.count:
                some = min(room, run.count - done)
                chunk.append(Run(run.first + done * run.stride, some, run.stride))
                done, room = done + some, room - some
                if not room:
                    yield TouchChunk(tuple(chunk), self.write)
                    chunk, room = [], each
        if chunk:
            yield TouchChunk(tuple(chunk), self.write)


@dataclass(frozen=True, slots=True)
class TouchChunk:
    """Some of the pages, in order."""

    runs: tuple[Run, ...]
    write: bool

    def do(self, scene: Scene, process: str) -> Done:
        """Have the worker touch them."""
        runs = [(run.first, run.count, run.stride) for run in self.runs]
        reply = scene.hands[process].touch(runs, write=self.write)
        return Done(0, reply.minor, reply.major, in_calls=False)

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        """Have the theory touch them."""
        return world.touch(process, (p for r in self.runs for p in r.pages()), self.write)
