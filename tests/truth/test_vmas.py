"""The VMA table against the real kernel: known mappings, smaps added up plainly, pmap -X."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import PAYLOADS
from tests.truth.specimen import MADV_NOHUGEPAGE, PROT_NONE, Area, Specimen
from vmtui.errors import NotPermitted, NotSupported
from vmtui.kernel import flags, maps, memory_devices, smaps, status
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.maps import device_number
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.procmap import following
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.residency import resident_and_swapped
from vmtui.model.slices import ScannedSpace
from vmtui.model.vma_row import SMAPS_NAMES
from vmtui.model.vmas import VmaKind, VmaRow, Vmas

SPACE_END = (1 << 47) - PAGE_SIZE
IN_TREE = [b"[heap]/x", b"[/bold]", b"[@click=app.quit]Q[/]", b"a  b ", b"x (deleted)", b"\\012"]
FILE_NAMES = [
    name
    for name in PAYLOADS
    if b"\0" not in name and 0 < len(name) < 200 and not name.endswith(b"/")
]


@pytest.fixture
def specimen() -> Iterator[Specimen]:
    with Specimen() as made:
        yield made


@pytest.fixture
def target(specimen: Specimen) -> Iterator[Target]:
    with Target(specimen.pid) as held:
        yield held


def seen(target: Target) -> Vmas:
    figures = smaps.read(target)
    return Vmas.of(figures.maps, figures, devices=memory_devices.read(target))


def row_of(vmas: Vmas, area: Area) -> VmaRow:
    index = vmas.index_of(area.start)
    assert index is not None
    row = vmas[index]
    assert (row.start, row.end) == (area.start, area.end)
    return row


def figures_of(row: VmaRow) -> dict[str, int]:
    """What is not zero, in pages."""
    found: dict[str, int] = {}
    for name in SMAPS_NAMES:
        value = row.figure(name)
        assert not isinstance(value, Missing)
        if value:
            found[name] = value // PAGE_SIZE
    return found


def test_private_memory(specimen: Specimen, target: Target) -> None:
    area = specimen.map("anon", 16)
    specimen.advise(area, MADV_NOHUGEPAGE)
    specimen.write(area.part(0, 5))
    row = row_of(seen(target), area)
    touched = dict.fromkeys(("rss", "pss", "private_dirty", "referenced", "anonymous"), 5)
    assert figures_of(row) == touched | {"pss_dirty": 5}
    assert (row.kind, row.perms, row.inode, row.name) == (VmaKind.ANON, "rw-p", 0, "")
    assert row.dirty == 5 * PAGE_SIZE
    assert row.thp_eligible is False
    assert isinstance(row.vm_flags, tuple)
    assert {"rd", "wr", "nh"} <= set(row.vm_flags)


def test_shared_memory(specimen: Specimen, target: Target) -> None:
    anonymous, memfd = specimen.map("shared", 8), specimen.map_file(None, 8)
    specimen.write(anonymous.part(0, 3))
    specimen.write(memfd.part(0, 2))
    vmas = seen(target)
    for area, pages, name in (
        (anonymous, 3, b"/dev/zero (deleted)"),
        (memfd, 2, b"/memfd:specimen (deleted)"),
    ):
        row = row_of(vmas, area)
        assert (row.kind, row.perms, row.name_bytes) == (VmaKind.SHMEM, "rw-s", name)
        assert row.rss == row.pss == row.dirty == pages * PAGE_SIZE
        assert row.anonymous == 0


def test_a_file(specimen: Specimen, target: Target, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 8 * PAGE_SIZE)
    private, shared = specimen.map_file(path, 8, private=True), specimen.map_file(path, 8)
    specimen.write(private.part(0, 2))
    specimen.write(shared.part(0, 1))
    vmas = seen(target)
    one, two = row_of(vmas, private), row_of(vmas, shared)
    assert (one.anonymous, one.private_dirty) == (2 * PAGE_SIZE, 2 * PAGE_SIZE)
    assert two.anonymous == 0
    device = os.stat(path).st_dev
    number = device_number(os.major(device), os.minor(device))
    on_disk = number not in memory_devices.read(target).tmpfs
    for row, perms in ((one, "rw-p"), (two, "rw-s")):
        assert row.kind == (VmaKind.FILE if on_disk else VmaKind.SHMEM)
        assert (row.perms, row.inode, row.name_bytes) == (
            perms, path.stat().st_ino, os.fsencode(path),
        )  # fmt: skip


def test_a_fork_shares_until_written(specimen: Specimen, target: Target) -> None:
    area = specimen.map("anon", 16)
    specimen.advise(area, MADV_NOHUGEPAGE)
    specimen.write(area)
    child = specimen.fork()
    specimen.write(area.part(0, 4), via=child)
    with Target(child) as second:
        for row in (row_of(seen(target), area), row_of(seen(second), area)):
            assert row.rss == row.dirty == 16 * PAGE_SIZE
            assert (row.private_dirty, row.shared_dirty) == (4 * PAGE_SIZE, 12 * PAGE_SIZE)
            assert row.pss == 10 * PAGE_SIZE


def test_no_access_and_locked(specimen: Specimen, target: Target) -> None:
    barred, locked = specimen.map("anon", 4), specimen.map("anon", 4)
    specimen.protect(barred, PROT_NONE)
    vmas = seen(target)
    index = vmas.index_of(barred.start)
    assert index is not None
    assert vmas[index].no_access
    assert vmas[index].perms == "---p"
    assert row_of(vmas, locked).is_locked is False
    try:
        specimen.lock(locked)
    except OSError:
        pytest.skip("RLIMIT_MEMLOCK leaves no room")
    row = row_of(seen(target), locked)
    assert row.is_locked is True
    assert row.locked == row.rss == 4 * PAGE_SIZE


def test_hostile_names_come_back_byte_for_byte(
    specimen: Specimen, target: Target, tmp_path: Path
) -> None:
    names: list[bytes] = []
    areas = []
    for number, name in enumerate([*FILE_NAMES, *IN_TREE]):
        path = os.fsencode(tmp_path) + b"/%d/" % number + name
        os.makedirs(os.path.dirname(path))
        Path(os.fsdecode(path)).write_bytes(bytes(PAGE_SIZE))
        areas.append(specimen.map_file(Path(os.fsdecode(path)), 1))
        names.append(os.path.normpath(path))
    os.unlink(names[0])
    names[0] += b" (deleted)"
    vmas = seen(target)
    for area, name in zip(areas, names, strict=True):
        row = row_of(vmas, area)
        assert row.name_bytes == name.replace(b"\n", b"\\012")
        assert row.kind in (VmaKind.FILE, VmaKind.SHMEM)
        assert row.name.isprintable()
    fd = target.open("maps")
    try:
        raw = {vma.start: vma.name for vma in following(fd, 0, 10_000)}
    except NotSupported:
        pytest.skip("this kernel has no PROCMAP_QUERY")
    finally:
        os.close(fd)
    assert [raw[area.start] for area in areas] == names


def plainly_added(raw: bytes) -> dict[str, int]:
    sums: dict[str, int] = {}
    for line in raw.split(b"\n"):
        if match := re.fullmatch(rb"([A-Z]\w+): *(\d+) kB", line):
            name = match[1].decode()
            sums[name] = sums.get(name, 0) + int(match[2]) * 1024
    return sums


def test_every_figure_adds_up_to_the_file(specimen: Specimen, target: Target) -> None:
    specimen.write(specimen.map("anon", 100), step=3)
    raw = target.read("smaps")
    figures = smaps.parse(raw)
    totals = Vmas.of(figures.maps, figures).totals()
    sums = plainly_added(raw)
    found = {name: int(column.sum()) for name, column in figures.bytes_columns.items()}
    assert found == sums
    known = {ours: sums[kernels] for ours, kernels in SMAPS_NAMES.items() if kernels in sums}
    assert known == {name: getattr(totals, name) for name in known}
    assert totals.size == sums["Size"]
    codes = re.findall(rb"^VmFlags: (.*) $", raw, re.MULTILINE)
    assert not isinstance(figures.flag_rows, Missing)
    assert [figures.flag_sets[row] for row in figures.flag_rows.tolist()] == codes


def test_the_stream_says_what_the_whole_text_says(target: Target) -> None:
    streamed, whole = smaps.read(target), smaps.parse(target.read("smaps"))
    assert streamed.maps.names == whole.maps.names == maps.read(target).names
    for name in ("Size", "Rss", "Anonymous", "Swap", "KernelPageSize"):
        one, other = streamed.bytes_of(name), whole.bytes_of(name)
        assert not isinstance(one, Missing)
        assert not isinstance(other, Missing)
        assert one.tolist() == other.tolist()


def test_against_pmap(specimen: Specimen, target: Target) -> None:
    if shutil.which("pmap") is None:
        pytest.skip("there is no pmap")
    specimen.write(specimen.map("anon", 64), step=2)
    vmas = seen(target)
    printed = subprocess.run(
        ["pmap", "-X", str(target.pid)], capture_output=True, check=True
    ).stdout.splitlines()
    titles = printed[1].decode().split()
    columns = {title: place for place, title in enumerate(titles)}
    lines = [line.decode(errors="replace").split() for line in printed[2:]]
    by_start = {int(line[0], 16): line for line in lines if len(line) > columns["Swap"]}
    for row in vmas:
        line = by_start[row.start]
        assert line[columns["Perm"]] == row.perms
        assert line[columns["Device"]] == row.device
        assert int(line[columns["Inode"]]) == row.inode
        assert int(line[columns["Offset"]], 16) == row.offset
        for title, value in (
            ("Size", row.size), ("Rss", row.rss), ("Anonymous", row.anonymous),
            ("Swap", row.swap), ("Locked", row.locked), ("LazyFree", row.lazyfree),
        ):  # fmt: skip
            assert int(line[columns[title]]) * 1024 == value, (title, row.name)


def test_a_page_scan_says_the_same_rss(specimen: Specimen, target: Target) -> None:
    for kind in ("anon", "shared"):
        area = specimen.map(kind, 64)
        specimen.write(area.part(0, 32), step=2)
        specimen.read(area.part(32, 64))
    vmas = seen(target)
    mask = flags.PAGE_IS_PRESENT | flags.PAGE_IS_SWAPPED
    with Pagemap(target) as pagemap:
        if not pagemap.can_scan:
            pytest.skip("this kernel has no PAGEMAP_SCAN")
        regions = pagemap.scan(0, SPACE_END, return_mask=mask | flags.PAGE_IS_PFNZERO, any_of=mask)
    space = ScannedSpace(regions.start, regions.end, regions.categories, knows_files=False)
    resident, swapped = resident_and_swapped(vmas.maps, space)
    scanned = Vmas.of(vmas.maps, resident_pages=resident, swapped_pages=swapped)
    assert [row.rss for row in scanned] == [row.rss for row in vmas]
    assert scanned.totals().rss == vmas.totals().rss


CHURN = """
import ctypes, random, sys, threading
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
PAGE, PAGES, PRIVATE_ANONYMOUS, FIXED = {page}, 2000, 0x22, 0x10
def churn(start):
    while True:
        at, size = start + random.randrange(PAGES - 8) * PAGE, random.randrange(1, 8) * PAGE
        libc.mprotect(at, size, random.choice((0, 1, 3)))
        libc.munmap(at + PAGE, PAGE)
        libc.mmap(at + PAGE, PAGE, 3, PRIVATE_ANONYMOUS | FIXED, -1, 0)
areas = [libc.mmap(None, PAGES * PAGE, 3, PRIVATE_ANONYMOUS, -1, 0) for _ in range(2)]
for area in areas:
    threading.Thread(target=churn, args=(area,), daemon=True).start()
print("!", flush=True)
sys.stdin.read()
"""


def test_a_process_that_changes_all_the_time() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHURN.format(page=PAGE_SIZE)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"!\n"
        with Target(child.pid) as target:
            for sweep in range(60):
                found = smaps.read(target) if sweep % 3 == 0 else maps.read(target)
                vmas = (
                    Vmas.of(found) if isinstance(found, maps.Maps) else Vmas.of(found.maps, found)
                )
                table = vmas.maps
                assert (table.start < table.end).all()
                assert (table.start[1:] >= table.end[:-1]).all()
                assert table.torn >= 0
                mapped = sum(row.size for row in vmas if row.name != "[vsyscall]")
                peak = status.read(target).vm_peak_bytes
                assert not isinstance(peak, Missing)
                assert 0 < mapped <= peak
                totals = vmas.totals()
                assert isinstance(totals.rss, Missing) or 0 <= totals.rss <= totals.size
    finally:
        child.kill()
        child.communicate()


def test_a_zombie_has_no_vmas(specimen: Specimen) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with Target(child.pid) as target:
        assert child.stdin is not None
        child.stdin.close()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert len(maps.read(target)) == len(smaps.read(target)) == 0
        assert not target.alive()
    child.wait()


def test_a_kernel_thread_has_no_vmas() -> None:
    with Target(2) as target:
        if target.read("comm") != b"kthreadd\n":
            pytest.skip("PID 2 is no kernel thread here")
        assert len(maps.read(target)) == len(smaps.read(target)) == 0


def test_another_users_process_is_refused() -> None:
    if os.geteuid() == 0:
        pytest.skip("needs an ordinary user")
    with Target(1) as target:
        for read in (maps.read, smaps.read):
            with pytest.raises(NotPermitted):
                read(target)
