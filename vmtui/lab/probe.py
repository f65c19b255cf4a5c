"""What this kernel does where kernels differ, found out by doing it once: 50 ms, before predicting.

Settings that can be read are read; what depends on how the kernel was built is tried on a specimen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.kernel import meminfo, memory_settings, statm, swaps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.hands import Hands
from vmtui.lab.layout import Region
from vmtui.lab.measure import Meter
from vmtui.lab.operations import abi
from vmtui.lab.spawner import SLOT, Bench
from vmtui.missing import Missing
from vmtui.theory.kernel import Kernel

__all__ = ["Findings", "probe"]

_TABLE_PAGES = PAGE_SIZE // 8
_WRITTEN_PAGES = 64
"""Written to a file at once, to see whether its pages then stick together."""
_FIRST = SLOT // PAGE_SIZE
_READ_WRITE = abi.PROT_READ | abi.PROT_WRITE
_SHARED = abi.MAP_SHARED | abi.MAP_FIXED
_ANONYMOUS = abi.MAP_PRIVATE | abi.MAP_ANONYMOUS | abi.MAP_FIXED
_UNSURE_PAGES = 128
"""About what else is charged with a process: its stack in the kernel, its tables."""
_HUGETLB_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found: the theory's parameters, and what else experiments want to know."""

    kernel: Kernel
    huge_page_bytes: int | Missing
    """Of a transparent huge page."""
    swap_cluster_pages: int | Missing
    """Read from swap together at most."""
    large_folios: bool | Missing
    """Whether files written in large pieces have pages that are mapped together."""
    cpu: int
    """Where specimens run."""
    directory: str | Missing
    """Where files of experiments are."""


def probe(bench: Bench) -> Findings:
    """Find out, with a specimen of its own.

    Raises:
        VmtuiError: no specimen can be started, or it cannot be looked at.
    """
    kernel = refreshed(Kernel(page_bytes=PAGE_SIZE, huge_mode=_huge_mode()))
    cluster = _or_missing(memory_settings.swap_cluster_pages)
    if not isinstance(cluster, Missing):
        kernel = replace(kernel, swap_cluster_pages=cluster)
    if isinstance(bench.directory, str):
        try:
            around = memory_settings.readahead_pages(bench.directory)
            kernel = replace(kernel, readahead_pages=around)
        except (NotSupported, NotPermitted):
            pass  # the theory's own guess stands: it only widens a range
    hands = bench.start("probe")
    try:
        with Meter(hands) as meter:
            window = _fault_around_pages(hands, meter)
            kernel = replace(
                kernel,
                fault_around_pages=window,
                reclaims_tables=_reclaims_tables(hands, meter),
            )
            sizes = statm.read(hands.target)
            anon = sizes.resident_pages - sizes.shared_pages
            kernel = replace(
                kernel,
                own_pages=sizes.resident_pages,
                own_charged_pages=(anon - _UNSURE_PAGES, anon + _UNSURE_PAGES),
            )
            large = _large_folios(hands, meter, window)
            kernel = replace(kernel, large_folios=large is True)
    finally:
        hands.exit()
    return Findings(
        kernel=kernel,
        huge_page_bytes=_or_missing(memory_settings.huge_page_bytes),
        swap_cluster_pages=cluster,
        large_folios=large,
        cpu=bench.cpu,
        directory=bench.directory,
    )


def refreshed(kernel: Kernel) -> Kernel:
    """The same with what others may have changed since: swaps come and go, huge pages are taken."""
    room = [device for device in _swap_devices() if device.used_bytes < device.size_bytes]
    return replace(
        kernel,
        swap=bool(room),
        swap_is_memory=bool(room) and all(d.path.startswith(b"/dev/zram") for d in room),
        hugetlb_pages=free_huge_pages(),
    )


def _fault_around_pages(hands: Hands, meter: Meter) -> int:
    """Map memory that is there already a second time, read one page, count those that came."""
    fd = hands.memfd("probe", _TABLE_PAGES)
    _map(hands, _FIRST, _TABLE_PAGES, _SHARED, fd)
    hands.touch([(_FIRST, _TABLE_PAGES, 1)], write=True)
    second = Region("second", _FIRST + 2 * _TABLE_PAGES, _TABLE_PAGES)
    _map(hands, second.first, second.pages, _SHARED, fd)
    hands.touch([(second.first + second.pages // 2, 1, 1)], write=False)
    came = _present(meter, second)
    hands.reset()
    return came


def _reclaims_tables(hands: Hands, meter: Meter) -> bool:
    """Populate one page of a table's span, give the whole span back, and see what VmPTE says."""
    region = Region("span", _FIRST, _TABLE_PAGES)
    address, size = region.address, region.pages * PAGE_SIZE
    _map(hands, region.first, region.pages, _ANONYMOUS)
    hands.call("madvise", address, size, abi.ADVICE["nohugepage"])
    hands.touch([(region.first, 1, 1)], write=True)
    before = meter.look([region], whole=False).vm_pte_bytes
    hands.call("madvise", address, size, abi.ADVICE["dontneed"])
    after = meter.look([region], whole=False).vm_pte_bytes
    hands.reset()
    if isinstance(before, Missing) or isinstance(after, Missing):
        raise VmtuiError("status of this kernel has no line VmPTE:")
    return after < before


def _large_folios(hands: Hands, meter: Meter, window: int) -> bool | Missing:
    """Write a file in pieces larger than the fault-around window; does one read map a piece?"""
    if isinstance(hands.bench.directory, Missing):
        return hands.bench.directory
    if window >= _WRITTEN_PAGES:
        return Missing("one read fault maps more than could be told apart")
    piece = _WRITTEN_PAGES * PAGE_SIZE
    fd = hands.file("probe", 1)
    source = Region("source", _FIRST + 2 * _TABLE_PAGES, _WRITTEN_PAGES)
    _map(hands, source.first, source.pages, _ANONYMOUS)
    hands.touch([(source.first, source.pages, 1)], write=True)
    hands.call("ftruncate", fd, 0)
    for number in range(2):  # the last folio of a file is never mapped as one
        if hands.call("pwrite", fd, source.address, piece, number * piece).errno:
            return Missing("there is no room for a file")
    target = Region("file", _FIRST, _WRITTEN_PAGES)
    _map(hands, target.first, 2 * target.pages, _SHARED, fd)
    hands.touch([(target.first, 1, 1)], write=False)
    came = _present(meter, target)
    hands.reset()
    return came > window


def _map(hands: Hands, first: int, pages: int, how: int, fd: int = -1) -> None:
    reply = hands.call("mmap", first * PAGE_SIZE, pages * PAGE_SIZE, _READ_WRITE, how, fd, 0)
    if reply.errno:
        raise VmtuiError("the laboratory's specimen could not map memory")


def _present(meter: Meter, region: Region) -> int:
    return sum(word & 1 for word in meter.look([region], whole=False).words[0])


def _huge_mode() -> memory_settings.HugeMode:
    try:
        return memory_settings.huge_mode()
    except (NotSupported, NotPermitted):
        return "never"


def free_huge_pages() -> int:
    """Those that nobody was promised: a mapping reserves its pages before it has them."""
    figures = meminfo.read()
    free, promised = figures["HugePages_Free"], figures["HugePages_Rsvd"]
    if not isinstance(free, int) or figures["Hugepagesize"] != _HUGETLB_BYTES:
        return 0
    return free - promised if isinstance(promised, int) else free


def _swap_devices() -> tuple[swaps.SwapDevice, ...]:
    try:
        return swaps.read()
    except (NotSupported, NotPermitted):
        return ()


def _or_missing(read: Callable[[], int]) -> int | Missing:
    try:
        return read()
    except (NotSupported, NotPermitted) as error:
        return Missing.because(error)
