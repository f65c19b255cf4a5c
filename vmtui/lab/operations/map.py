"""`map`: address space for a region. Nothing becomes memory by it, unless it is populated."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout, Region, Reservation
from vmtui.lab.operations import abi
from vmtui.lab.operations.operation import Done, Operation, joined, pages_done
from vmtui.lab.text import Text
from vmtui.lab.words import Words, size_word
from vmtui.theory import Answer, Outcome

if TYPE_CHECKING:
    from vmtui.lab.hands import Reply
    from vmtui.lab.scene import Scene
    from vmtui.theory import World

_PROTS = tuple(r + w + x for r in "r-" for w in "w-" for x in "x-")
_FLAGS = ("noreserve", "populate", "hugetlb", "fixed")
_PLACES = ("offset", "at", "times")


@dataclass(frozen=True, slots=True)
class Map(Operation):
    """mmap(2)."""

    name: str
    nbytes: int
    kind: str = "anon"
    """anon, memfd or file."""
    object_name: str = ""
    """Of the memfd or file: two regions may map the same one."""
    shared: bool = False
    prot: str = "rw-"
    noreserve: bool = False
    populate: bool = False
    hugetlb: bool = False
    fixed: bool = False
    """Says in C that the address is asked for; the laboratory always asks."""
    offset: int = 0
    """Bytes into the file."""
    folio: int = PAGE_SIZE
    """Bytes of the file that were written at a time."""
    at: int = 0
    """Bytes after a 2 MiB border."""
    times: int = 1
    every: int = 0
    """Bytes from part to part when there are several."""

    keyword: ClassVar[str] = "map"
    usage: ClassVar[str] = (
        "map REGION SIZE [anon|memfd NAME|file NAME] [private|shared] [rw-] [noreserve] [populate]"
        " [hugetlb] [fixed] [offset SIZE] [folio SIZE] [at SIZE] [times N every SIZE]"
    )

    @classmethod
    def parse(cls, words: Words) -> Map:
        name = words.name("a name for the region")
        nbytes = words.size()
        kind = words.taken("anon", "memfd", "file") or "anon"
        object_name = words.name("a name for the file") if kind != "anon" else ""
        shared = words.taken("private", "shared") == "shared"
        prot = words.taken(*_PROTS) or "rw-"
        flags = {flag: bool(words.taken(flag)) for flag in _FLAGS}
        offset = words.size() if kind != "anon" and words.taken("offset") else 0
        folio = words.size() if kind == "file" and words.taken("folio") else PAGE_SIZE
        at = words.size() if words.taken("at") else 0
        times, every = 1, 0
        if words.taken("times"):
            times = words.count("how many parts")
            words.one_of(("every",))
            every = words.size()
            if every <= nbytes or not 2 <= times <= 64:
                raise words.wrong("2 to 64 parts that do not touch")
        words.end()
        return cls(name, nbytes, kind, object_name, shared, prot, **flags,
                   offset=offset, folio=folio, at=at, times=times, every=every)  # fmt: skip

    def source(self) -> str:
        words = [self.keyword, self.name, size_word(self.nbytes)]
        words.append(self.kind if self.kind == "anon" else f"{self.kind} {self.object_name}")
        words.append("shared" if self.shared else "")
        words.append(self.prot if self.prot != "rw-" else "")
        words += [flag for flag in _FLAGS if getattr(self, flag)]
        words.append(f"offset {size_word(self.offset)}" if self.offset else "")
        words.append(f"folio {size_word(self.folio)}" if self.folio > PAGE_SIZE else "")
        words.append(f"at {size_word(self.at)}" if self.at else "")
        words.append(f"times {self.times} every {size_word(self.every)}" if self.every else "")
        return " ".join(word for word in words if word)

    def told(self) -> Text:
        size, name = size_word(self.nbytes), self.name
        if self.times > 1:
            every = size_word(self.every)
            return Text(
                f"Reserve {self.times} stretches of {size}, {every} apart: {name}.",
                f"{size} の領域を {every} おきに {self.times} 個予約する（{name}）．",
            )
        if self.kind == "anon":
            what = Text(" of shared memory", "の共有メモリ") if self.shared else Text("", "")
            return Text(
                f"Reserve {size}{what.en}: {name}.", f"{size} {what.ja}を予約する（{name}）．"
            )
        how = Text("shared", "共有") if self.shared else Text("private", "プライベート")
        return Text(
            f"Map {size} of the file {self.object_name}, {how.en}: {name}.",
            f"ファイル {self.object_name} の {size} を{how.ja}でマップする（{name}）．",
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        name = abi.c_name(self.name)
        made, descriptor = list[str](), "-1"
        if self.kind != "anon":
            descriptor = f"fd_{abi.c_name(self.object_name)}"
            made += [
                f'if (!{descriptor}) {descriptor} = open_{self.kind}("{self.object_name}", '
                f"{self.offset + self.nbytes});"
            ]
        call = (
            f"{self.nbytes}UL, {abi.prot_in_c(self.prot)}, {self._flags_in_c()}, {descriptor}, "
            f"{self.offset});"
        )
        if self.times > 1:
            base = f"{layout.address(self.name):#x}UL"
            return (
                f"char *{name}[{self.times}];",
                f"for (unsigned long k = 0; k < {self.times}; k++)",
                f"    {name}[k] = mmap((char *){base} + k * {self.every}UL, {call}",
            )
        where = f"(char *){layout.address(self.name):#x}UL" if self.fixed else "NULL"
        return (*made, f"char *{name} = mmap({where}, {call}")

    def _flags_in_c(self) -> str:
        flags = ["MAP_SHARED" if self.shared else "MAP_PRIVATE"]
        flags += ["MAP_ANONYMOUS"] if self.kind == "anon" else []
        flags += [f"MAP_{flag.upper()}" for flag in _FLAGS[:3] if getattr(self, flag)]
        flags += ["MAP_FIXED_NOREPLACE"] if self.fixed or self.times > 1 else []
        return " | ".join(flags)

    def do(self, scene: Scene, process: str) -> Done:
        return pages_done(self._mapped(scene, process))

    def _mapped(self, scene: Scene, process: str) -> Iterator[Reply]:
        hands, descriptor = scene.hands[process], -1
        if self.kind != "anon":
            pages = (self.offset + self.nbytes) // PAGE_SIZE
            descriptor = scene.opened(
                process, self.object_name, self.kind, pages, self.folio // PAGE_SIZE
            )
        flags = (abi.MAP_SHARED if self.shared else abi.MAP_PRIVATE) | abi.MAP_FIXED_NOREPLACE
        flags |= abi.MAP_ANONYMOUS if self.kind == "anon" else 0
        flags |= abi.MAP_NORESERVE if self.noreserve else 0
        flags |= abi.MAP_POPULATE if self.populate else 0
        flags |= abi.MAP_HUGETLB if self.hugetlb else 0
        for region in scene.layout.places[self.name]:
            yield hands.call("mmap", region.address, self.nbytes, abi.prot_bits(self.prot), flags,
                             descriptor, self.offset)  # fmt: skip

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        if self._refused(layout):
            none = Answer.exactly(0)
            return Outcome(errno.ENOMEM, none, none, none)
        if self.kind != "anon" and self.object_name not in world.objects:
            self._make(world, (self.offset + self.nbytes) // PAGE_SIZE)
        return joined([self._predicted(world, part, process) for part in layout.places[self.name]])

    def _make(self, world: World, pages: int) -> None:
        """The file, as the worker makes it."""
        if self.kind == "file":
            together = self.folio // PAGE_SIZE if world.kernel.large_folios else 1
            world.file(self.object_name, pages, folio_pages=together)
        else:
            world.memfd(self.object_name, pages)

    def _refused(self, layout: Layout) -> bool:
        """Whether it asks for a promise that the kernel does not make."""
        promised = "w" in self.prot and not (self.shared or self.noreserve or self.hugetlb)
        most = layout.largest_bytes
        return promised and most is not None and self.nbytes > most

    def _predicted(self, world: World, region: Region, process: str) -> Outcome:
        return world.map(
            process,
            region.first,
            region.pages,
            backing=self.object_name or None,
            offset=self.offset // PAGE_SIZE,
            shared=self.shared,
            prot=self.prot,
            populate=self.populate,
            noreserve=self.noreserve,
            hugetlb=self.hugetlb,
        )

    def reservation(self) -> Reservation:
        return Reservation(
            self.name,
            self.nbytes // PAGE_SIZE,
            self.times,
            self.every // PAGE_SIZE,
            self.at // PAGE_SIZE,
        )

    def touched(self, layout: Layout) -> int:
        return layout.pages(self.name) if self.populate or self.hugetlb else 0
