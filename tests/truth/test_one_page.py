"""Level 4 against the real kernel: a made child's page, down to its frame and all who map it."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.truth.specimen import BLOCK_PAGES, MADV_PAGEOUT, Area, Specimen
from tests.truth.swap_file import NoSwap, swap_available
from vmtui.errors import VmtuiError
from vmtui.kernel import flags, maps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.mappers import Mappers
from vmtui.model.page_walk import Derived
from vmtui.model.states import PageState
from vmtui.observe import frames_closer, mappers, page_view
from vmtui.observe.page_view import PageView
from vmtui.observe.symbols import Symbols

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root sees frame numbers")


@pytest.fixture
def specimen() -> Iterator[Specimen]:
    with Specimen() as made:
        yield made


def word_of(path: str, index: int) -> int:
    """One uint64 of a kernel file, read without vmtui."""
    with open(path, "rb", buffering=0) as file:
        file.seek(index * 8)
        (word,) = struct.unpack("=Q", file.read(8))
        return int(word)


def entry_of(pid: int, address: int) -> int:
    return word_of(f"/proc/{pid}/pagemap", address // PAGE_SIZE)


def frame_of(pid: int, address: int) -> int:
    return entry_of(pid, address) & (1 << 55) - 1


def searched(view: PageView) -> Mappers:
    assert not isinstance(view.wanted, Missing)
    *_, last = mappers.search(view.wanted)
    return last


@needs_root
def test_after_fork_the_frame_its_flags_and_both_who_map_it(specimen: Specimen) -> None:
    area = specimen.map("anon", 16)
    specimen.write(area)
    child = specimen.fork()
    address = area.start + 5 * PAGE_SIZE + 0x123
    view = page_view.read(specimen.pid, address)
    pfn = frame_of(specimen.pid, address)
    assert pfn and view.page.pfn == pfn == frame_of(child, address)
    assert view.state is PageState.COW
    told = word_of("/proc/kpageflags", pfn)
    wanted = flags.KPF_ANON | flags.KPF_MMAP | flags.KPF_SWAPBACKED | flags.KPF_UPTODATE
    assert isinstance(view.page.frame_flags, int)
    assert told & wanted == view.page.frame_flags & wanted == wanted
    assert view.page.map_count == word_of("/proc/kpagecount", pfn) == 2
    found = searched(view)
    assert found.complete and found.finished
    page = address // PAGE_SIZE * PAGE_SIZE
    assert [(one.pid, one.address) for one in found.found] == [(specimen.pid, page), (child, page)]

    specimen.write(area.part(5, 6), via=child)  # the child gets a copy of its own
    view = page_view.read(specimen.pid, address)
    assert (view.page.pfn, view.page.map_count) == (pfn, 1)
    assert frame_of(child, address) != pfn
    assert [one.pid for one in searched(view).found] == [specimen.pid]


@needs_root
def test_from_a_bare_frame_number_to_who_maps_it(specimen: Specimen) -> None:
    area = specimen.map("anon", 4)
    specimen.write(area)
    child = specimen.fork()
    pfn = frame_of(specimen.pid, area.start)
    one = frames_closer.one(pfn)
    assert one.is_memory and one.map_count == 2 and one.kind is not None
    *_, found = mappers.search(mappers.wanted_frame(pfn), seconds=30.0)
    assert {(who.pid, who.address) for who in found.found} == {
        (specimen.pid, area.start), (child, area.start),
    }  # fmt: skip


@needs_root
def test_the_swap_slot_after_page_out(specimen: Specimen) -> None:
    try:
        with swap_available():
            area = specimen.map("anon", 256)
            specimen.write(area)
            address = paged_out(specimen, area)
            view = page_view.read(specimen.pid, address)
            entry = entry_of(specimen.pid, address)
            assert entry >> 62 & 1 and not entry >> 63
            assert view.state is PageState.SWAPPED
            assert view.page.swap_type == entry & 31
            assert view.page.swap_offset == entry >> 5 & (1 << 50) - 1 > 0
            assert isinstance(view.page.pfn, Missing) and isinstance(view.wanted, Missing)
            specimen.read(area)
            assert page_view.read(specimen.pid, address).state is not PageState.SWAPPED
    except NoSwap as why:
        pytest.skip(str(why))


def paged_out(specimen: Specimen, area: Area) -> int:
    """The address of a page that has left for swap: some wait for a list, so it is asked again."""
    for _ in range(100):
        specimen.advise(area, MADV_PAGEOUT)
        for page in range(area.pages):
            address = area.start + page * PAGE_SIZE
            entry = entry_of(specimen.pid, address)
            if entry >> 62 & 1 and not entry >> 63:
                return address
    pytest.fail("MADV_PAGEOUT leaves all pages in memory")


def test_a_code_address_has_its_file_offset_and_function(tmp_path: Path) -> None:
    for name in ("gcc", "nm", "addr2line", "readelf"):
        if shutil.which(name) is None:
            pytest.skip(f"there is no {name}")
    source, program = tmp_path / "made.c", tmp_path / "made"
    source.write_text(
        "#include <stdio.h>\nstatic int filler[5000] = {1};\n"
        "__attribute__((noinline)) int answer(int x) { return x * 42 + filler[x & 1]; }\n"
        'int main(void) { printf("%p %d\\n", (void *)answer, answer(3)); fflush(stdout);'
        " return getchar(); }\n"
    )
    subprocess.run(["gcc", "-O1", "-pie", "-fPIE", source, "-o", program], check=True)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        address = int(child.stdout.readline().split()[0], 16) + 1
        view = page_view.read(child.pid, address)
        assert isinstance(view.file_offset, int)
        with program.open("rb") as file:  # the same bytes stand there
            file.seek(view.file_offset)
            expected = file.read(8)
        assert page_view.read_bytes(child.pid, address, 8) == expected
        with Target(child.pid) as target:
            symbols = Symbols(target)
            symbols.refresh(maps.read(target))
            place = symbols.place_of(address)
        child.kill()
    assert (place.symbol, place.symbol_offset, place.section) == ("answer", 1, ".text")
    printed = subprocess.check_output(["nm", program], text=True)
    linked = next(int(line.split()[0], 16) for line in printed.splitlines()
                  if line.endswith(" answer"))  # fmt: skip
    said = subprocess.check_output(
        ["addr2line", "-f", "-e", program, hex(linked + 1)], text=True
    ).split()
    assert said[0] == place.symbol
    assert place.offset == view.file_offset


def test_a_shared_file_is_found_in_both_without_frame_numbers(
    specimen: Specimen, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"v" * 4 * PAGE_SIZE)
    area = specimen.map_file(path, 4)
    specimen.read(area)
    child = specimen.fork()
    specimen.read(area, via=child)
    view = page_view.read(specimen.pid, area.start + 2 * PAGE_SIZE)
    assert view.file_offset == 2 * PAGE_SIZE
    found = searched(view)
    assert {one.pid for one in found.found} == {specimen.pid, child}


def test_tables_are_derived_to_the_last_one(specimen: Specimen) -> None:
    assert tables_of(specimen.pid).difference == 0
    before = tables_of(specimen.pid)
    area = specimen.map("anon", 4 * BLOCK_PAGES)
    specimen.write(area, step=BLOCK_PAGES)  # a page in each of four blocks of a table
    after = tables_of(specimen.pid)
    assert after.difference == 0
    assert after.counts[-1] == before.counts[-1] + 4
    assert after.derived_bytes == int(vm_pte(specimen.pid))


def vm_pte(pid: int) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmPTE:")[2].split()[0]) * 1024


def tables_of(pid: int) -> Derived:
    with Target(pid) as target:
        first = int(maps.read(target).start[0])
    tables = page_view.read(pid, first).tables
    if isinstance(tables, Missing):
        pytest.skip(tables.reason)
    return tables


def test_vmpte_of_every_readable_process_is_derived_or_explained() -> None:
    told: dict[int, Derived] = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                with Target(int(name)) as target:
                    vmas = maps.read(target)
                if len(vmas.start):
                    view = page_view.read(int(name), int(vmas.start[0]))
            except VmtuiError:
                continue  # gone, a kernel thread, or not ours to read
            if len(vmas.start) and isinstance(view.tables, Derived):
                told[int(name)] = view.tables
    if not told:
        pytest.skip("no process is readable, or this kernel has no PAGEMAP_SCAN")
    assert os.getpid() in told
    for pid, tables in told.items():
        assert not tables.difference or tables.why, pid
    equal = sum(not tables.difference for tables in told.values())
    # what differs has tables without a page, as a process that freed much; most have none
    assert equal >= len(told) / 2, {pid: one.why for pid, one in told.items() if one.difference}
