"""What an operation works with when it is done for real: the processes, their files, the places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vmtui.errors import NotSupported
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout
from vmtui.lab.operations import abi

if TYPE_CHECKING:
    from vmtui.lab.hands import Access, Hands, Poked
    from vmtui.lab.measure import Meter
    from vmtui.lab.resources.keeper import Keeper
    from vmtui.lab.resources.memcg import MemoryGroup


@dataclass(slots=True)
class Scene:
    """The live processes of a run."""

    layout: Layout
    hands: dict[str, Hands]
    """By their names in the script."""
    keeper: Keeper
    """Of what is changed outside of them."""
    files: dict[str, dict[str, int]] = field(default_factory=dict)
    """Descriptor numbers by process and name of the file."""
    meters: dict[str, Meter] = field(default_factory=dict)
    everyone: list[Hands] = field(default_factory=list)
    """Every process there ever was."""
    frozen: list[Hands] = field(default_factory=list)
    """Processes that have a copy frozen at a fault."""
    group: MemoryGroup | None = None
    """The memory cgroup that all processes are in, from the first line that asks for one on."""

    def lay_gaps(self) -> None:
        """Put the gaps beside the regions into the first process.

        Raises:
            NotSupported: the kernel refused.
        """
        flags = abi.MAP_PRIVATE | abi.MAP_ANONYMOUS | abi.MAP_NORESERVE | abi.MAP_FIXED_NOREPLACE
        (hands,) = self.hands.values()
        for gap in self.layout.gaps():
            size = gap.pages * PAGE_SIZE
            if hands.call("mmap", gap.address, size, 0, flags, -1, 0).errno:
                raise NotSupported(f"the worker's address space has no room at {gap.address:#x}")

    def descriptor(self, process: str, name: str) -> int:
        """The open file of that name in the process."""
        return self.files[process][name]

    def opened(self, process: str, name: str, kind: str, pages: int, together: int) -> int:
        """The same, made first when nobody has mapped it yet; `kind` is memfd or file."""
        files = self.files.setdefault(process, {})
        if name not in files:
            hands = self.hands[process]
            if kind == "file":
                files[name] = hands.file(name, pages, together)
            else:
                files[name] = hands.memfd(name, pages)
        return files[name]

    def fork(self, process: str, name: str) -> None:
        """A child with the parent's descriptors."""
        self.hands[name] = self.hands[process].fork(name)
        self.everyone.append(self.hands[name])
        self.files[name] = dict(self.files.get(process, {}))

    def grouped(self) -> MemoryGroup:
        """The group of the run, made and joined by everybody when there is none yet.

        Raises:
            VmtuiError: it cannot be made, or nobody can be put into it.
        """
        if self.group is None:
            self.group = self.keeper.group()
            for hands in self.hands.values():
                self.group.add(hands.pid)
        return self.group

    def exit(self, name: str) -> None:
        """The process ends."""
        self.hands.pop(name).exit()
        self.files.pop(name, None)

    def poke(self, process: str, address: int, kind: Access) -> Poked:
        """One access by a copy of the process, which stays frozen if it fails."""
        self.frozen.append(self.hands[process])
        return self.hands[process].poke(address, kind)

    def release(self) -> None:
        """End the copies that are frozen."""
        while self.frozen:
            hands = self.frozen.pop()
            if hands.open:
                hands.release()
