"""`sync`, `cold` and `truncate`: what is done with a file, not with a mapping of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout
from vmtui.lab.operations import abi
from vmtui.lab.operations.operation import Done, Operation, pages_done
from vmtui.lab.text import Text
from vmtui.lab.words import Words, size_word

if TYPE_CHECKING:
    from vmtui.lab.scene import Scene
    from vmtui.theory import Outcome, World

_POSIX_FADV_DONTNEED = 4


@dataclass(frozen=True, slots=True)
class Sync(Operation):
    """fsync(2): what was written through a shared mapping goes to the disk."""

    name: str

    keyword: ClassVar[str] = "sync"
    usage: ClassVar[str] = "sync FILE"

    @classmethod
    def parse(cls, words: Words) -> Sync:
        name = words.name("the name of a file")
        words.end()
        return cls(name)

    def source(self) -> str:
        return f"{self.keyword} {self.name}"

    def told(self) -> Text:
        return Text(f"Write {self.name} back to the disk.", f"{self.name} をディスクに書き戻す．")

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f"fsync(fd_{abi.c_name(self.name)});",)

    def do(self, scene: Scene, process: str) -> Done:
        descriptor = scene.descriptor(process, self.name)
        return pages_done([scene.hands[process].call("fsync", descriptor)])

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.sync(self.name)

    def file(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Cold(Operation):
    """posix_fadvise(2) after an fsync: what nobody maps leaves the page cache."""

    name: str

    keyword: ClassVar[str] = "cold"
    usage: ClassVar[str] = "cold FILE"

    @classmethod
    def parse(cls, words: Words) -> Cold:
        name = words.name("the name of a file")
        words.end()
        return cls(name)

    def source(self) -> str:
        return f"{self.keyword} {self.name}"

    def told(self) -> Text:
        return Text(
            f"Drop {self.name} from the page cache.",
            f"{self.name} をページキャッシュから追い出す．",
        )

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        descriptor = f"fd_{abi.c_name(self.name)}"
        return (
            f"fsync({descriptor});",
            f"posix_fadvise({descriptor}, 0, 0, POSIX_FADV_DONTNEED);",
        )

    def do(self, scene: Scene, process: str) -> Done:
        hands, descriptor = scene.hands[process], scene.descriptor(process, self.name)
        return pages_done(
            [
                hands.call("fsync", descriptor),
                hands.call("posix_fadvise", descriptor, 0, 0, _POSIX_FADV_DONTNEED),
            ]
        )

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.evict(self.name)

    def file(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Truncate(Operation):
    """ftruncate(2): a mapping may then reach past the end of its file."""

    name: str
    nbytes: int

    keyword: ClassVar[str] = "truncate"
    usage: ClassVar[str] = "truncate FILE SIZE"

    @classmethod
    def parse(cls, words: Words) -> Truncate:
        name = words.name("the name of a file")
        nbytes = words.size()
        words.end()
        return cls(name, nbytes)

    def source(self) -> str:
        return f"{self.keyword} {self.name} {size_word(self.nbytes)}"

    def told(self) -> Text:
        size = size_word(self.nbytes)
        return Text(f"Cut {self.name} to {size}.", f"{self.name} を {size} に切り詰める．")

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        return (f"if (ftruncate(fd_{abi.c_name(self.name)}, {self.nbytes}UL)) return 1;",)

    def do(self, scene: Scene, process: str) -> Done:
        descriptor = scene.descriptor(process, self.name)
        return pages_done([scene.hands[process].call("ftruncate", descriptor, self.nbytes)])

    def predict(self, world: World, layout: Layout, process: str) -> Outcome:
        return world.truncate(self.name, self.nbytes // PAGE_SIZE)

    def file(self) -> str:
        return self.name
