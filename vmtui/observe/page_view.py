"""Level 4 in one reading: the VMA, the entry, the frame, the walk and its tables, swap, file.

Some ms for an ordinary process; most of it is the scan of its whole address space for the tables.
Who else maps the frame is a search of its own (`mappers`), and bytes are read only on request.
"""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.draw import walk as drawn_walk
from vmtui.errors import VmtuiError
from vmtui.kernel import flags, maps, memory_devices, process_memory, swaps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.page_walk import Derived, Walk
from vmtui.model.states import PageState
from vmtui.model.vma_kinds import VmaKind
from vmtui.model.vma_row import VmaRow
from vmtui.model.vmas import Vmas
from vmtui.observe import frames_closer, one_page, page_walk
from vmtui.observe.mappers import FilePlace, Wanted
from vmtui.observe.one_page import OnePage

NO_FILE = Missing("it is no page of a file")
NOT_ASKED = Missing("bytes are shown only when asked for")


@dataclass(frozen=True, slots=True, eq=False)
class PageView:
    """One page of a process, now."""

    pid: int
    address: int
    """As asked for: any address within the page."""
    vma: VmaRow
    page: OnePage
    """The entry and what the frame says of itself."""
    cgroup: bytes | Missing
    """Path of the memory cgroup the frame is charged to; raw: untrusted."""
    cgroup_inode: int | Missing
    walk: Walk | Missing
    tables: Derived | Missing
    """All tables of the process, against VmPTE."""
    swap_path: bytes | Missing
    """The swap device or file; raw: untrusted."""
    file_offset: int | Missing
    """Where in its file the address lies, bytes."""
    wanted: Wanted | Missing
    """The question for `mappers.search`; Missing where no frame is behind the page."""

    @property
    def start(self) -> int:
        """The page's first address."""
        return self.address // PAGE_SIZE * PAGE_SIZE

    @property
    def state(self) -> PageState:
        """What the page is drawn as; by its entry alone where the walk is not known."""
        if not isinstance(self.walk, Missing):
            return drawn_walk.state_of(self.walk)
        entry = self.page.entry
        if entry & flags.PM_GUARD:
            return PageState.GUARD
        if not entry & flags.PM_PRESENT:
            return PageState.SWAPPED if entry & flags.PM_SWAPPED else PageState.ABSENT
        if entry & flags.PM_FILE:
            return PageState.FILE
        return PageState.ANON if entry & flags.PM_EXCLUSIVE else PageState.COW


def read(pid: int, address: int) -> PageView:
    """Everything but bytes and mappers.

    Raises:
        ProcessGone, NotPermitted: it cannot be attached or read.
        VmtuiError: no VMA is at the address.
    """
    with Target(pid) as target:
        return read_of(target, address)


def read_of(target: Target, address: int, vmas: Vmas | None = None) -> PageView:
    """The same of an open target; with its VMAs where they were read a moment ago."""
    if vmas is None:
        vmas = Vmas.of(maps.read(target), devices=memory_devices.read(target))
    row = vmas.index_of(address)
    if row is None:
        raise VmtuiError(
            f"no VMA of process {target.pid} is at {address:#x}; `vmtui maps {target.pid}` "
            "lists them"
        )
    vma, start = vmas[row], address // PAGE_SIZE * PAGE_SIZE
    walk: Walk | Missing
    tables: Derived | Missing
    with Pagemap(target) as pagemap:
        page = one_page.read_of(pagemap, start)
        try:
            space = page_walk.Space(target, pagemap, vmas)
            walk = page_walk.walk(space, pagemap, vmas, address)
            tables = page_walk.derived(target, pagemap, vmas, space)
        except VmtuiError as error:
            if not target.alive():
                raise
            walk = tables = Missing.because(error)
    inode, group = _cgroup(page)
    offset = _file_offset(vma, address)
    return PageView(
        target.pid, address, vma, page, group, inode, walk, tables, _swap_path(page), offset,
        _wanted(target.pid, start, page, vma, offset),
    )  # fmt: skip


def read_bytes(pid: int, address: int, size: int = PAGE_SIZE) -> bytes:
    """The bytes from an address on, at most to the end of its page. A read faults the page in.

    Raises:
        NotPermitted, ProcessGone: as `process_memory.read`.
    """
    with Target(pid) as target:
        room = PAGE_SIZE - address % PAGE_SIZE
        return process_memory.read(target, address, min(size, room))


def _cgroup(page: OnePage) -> tuple[int | Missing, bytes | Missing]:
    """Inode and path of the group that the frame is charged to."""
    pfn = page.pfn
    if isinstance(pfn, Missing):
        return pfn, pfn
    told = frames_closer.one(pfn)
    return told.cgroup_inode, told.cgroup


def _swap_path(page: OnePage) -> bytes | Missing:
    """The device of the entry's slot, where the kernel's number leaves no doubt."""
    if isinstance(page.swap_type, Missing):
        return page.swap_type
    try:
        devices = swaps.read()
    except VmtuiError as error:
        return Missing.because(error)
    if len(devices) == 1:
        return devices[0].path
    return Missing("several swap devices are on, and the kernel does not tell their numbers")


def _file_offset(vma: VmaRow, address: int) -> int | Missing:
    if not vma.inode or vma.kind is VmaKind.SPECIAL:
        return NO_FILE
    return vma.offset + address - vma.start


def _wanted(
    pid: int, start: int, page: OnePage, vma: VmaRow, offset: int | Missing
) -> Wanted | Missing:
    pfn, place = page.pfn, None
    if not page.entry & flags.PM_PRESENT:
        return Missing("there is no frame behind it")
    if page.entry & flags.PM_FILE and not isinstance(offset, Missing):
        device = int(vma.vmas.maps.device[vma.index])
        place = FilePlace(device, vma.inode, offset // PAGE_SIZE * PAGE_SIZE)
    return Wanted(None if isinstance(pfn, Missing) else pfn, page.map_count, pid, start, place)
