import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.maps_text import PlainVma
from vmtui.kernel import flags, maps, smaps
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.maps import Maps
from vmtui.kernel.memory_devices import MemoryDevices
from vmtui.kernel.smaps import Smaps
from vmtui.missing import Missing
from vmtui.model.fields.vma import VMA_FIELDS, VMA_FIELDS_BY_ID
from vmtui.model.residency import residency, resident_and_swapped
from vmtui.model.slices import ScannedSpace
from vmtui.model.vma_row import SMAPS_NAMES
from vmtui.model.vmas import UNKNOWN, VmaKind, Vmas, VmaTotals

PAGE = PAGE_SIZE
DEVICES = MemoryDevices(tmpfs=frozenset({0x01, 0x17}), hugetlbfs=frozenset({0x11}))
DOCUMENT = (
    "start end perms offset device inode name kind size rss pss pss_dirty shared_clean "
    "shared_dirty private_clean private_dirty referenced anonymous ksm lazyfree anon_huge_pages "
    "shmem_pmd_mapped file_pmd_mapped shared_hugetlb private_hugetlb swap swap_pss locked "
    "thp_eligible vm_flags"
)


def vma(first: int, pages: int = 1, name: bytes = b"", **rest: Any) -> PlainVma:
    return PlainVma(first * PAGE, (first + pages) * PAGE, name=name, **rest)


def maps_of(*vmas: PlainVma) -> Maps:
    return maps.parse(b"".join(one.line() for one in vmas))


def smaps_of(*records: tuple[PlainVma, dict[str, int], bytes]) -> Smaps:
    """Records with figures in kB and flags."""
    text = b""
    for one, figures, codes in records:
        every = dict.fromkeys(SMAPS_NAMES.values(), 0) | {"KernelPageSize": 4} | figures
        lines = [f"{name + ':':<16}{value:8d} kB\n" for name, value in every.items()]
        text += one.line() + "".join(lines).encode() + b"THPeligible:           1\n"
        text += b"VmFlags: " + codes + b" \n"
    return smaps.parse(text)


@pytest.mark.parametrize(
    ("name", "major", "minor", "inode", "kind"),
    [
        (b"", 0, 0, 0, "anon"),
        (b"[heap]", 0, 0, 0, "heap"),
        (b"[stack]", 0, 0, 0, "stack"),
        (b"[stack:1234]", 0, 0, 0, "stack"),
        (b"[vdso]", 0, 0, 0, "vdso"),
        (b"[vvar]", 0, 0, 0, "vdso"),
        (b"[vvar_vclock]", 0, 0, 0, "vdso"),
        (b"[vsyscall]", 0, 0, 0, "vdso"),
        (b"[anon:work]", 0, 0, 0, "anon"),
        (b"[uprobes]", 0, 0, 0, "special"),
        (b"[anon_shmem:work]", 0, 1, 9, "shmem"),
        (b"/dev/zero (deleted)", 0, 1, 9, "shmem"),
        (b"/memfd:[heap] (deleted)", 0, 1, 9, "shmem"),
        (b"/SYSV00000000 (deleted)", 0, 1, 9, "shmem"),
        (b"/memfd:elsewhere (deleted)", 0, 0x99, 9, "shmem"),
        (b"/run/file", 0, 0x17, 9, "shmem"),
        (b"/dev/shm/x", 0, 0x99, 9, "shmem"),
        (b"/memfd:x (deleted)", 0xFE, 0, 9, "file"),
        (b"/dev/zero (deleted)", 0xFE, 0, 9, "file"),
        (b"/dev/zero", 0, 6, 4, "anon"),
        (b"/tmp/[heap]", 0xFE, 0, 9, "file"),
        (b"[heap]", 0xFE, 0, 9, "special"),
        (b"/anon_hugepage (deleted)", 0, 0x99, 9, "hugetlb"),
        (b"/huge/pool", 0, 0x11, 9, "hugetlb"),
        (b"/memfd:x (deleted)", 0, 0x11, 9, "hugetlb"),
        (b"anon_inode:[perf_event]", 0, 0xE, 9, "special"),
    ],
)
def test_kinds(name: bytes, major: int, minor: int, inode: int, kind: str) -> None:
    one = vma(1, name=name, major=major, minor=minor, inode=inode)
    row = Vmas.of(maps_of(one), devices=DEVICES)[0]
    assert row.kind == kind
    assert row.kind.meaning
    assert row.name_bytes == name


def test_smaps_tells_hugetlb_whatever_the_name() -> None:
    one, two, three = vma(1), vma(3, name=b"/memfd:x (deleted)", inode=1), vma(5)
    figures = smaps_of(
        (one, {}, b"rd ht"), (two, {"KernelPageSize": 2048}, b"rd"), (three, {}, b"")
    )
    vmas = Vmas.of(figures.maps, figures)
    assert [row.kind for row in vmas] == ["hugetlb", "hugetlb", "anon"]
    assert vmas[1].page_size_bytes == 2 << 20
    assert vmas[0].is_hugetlb


def test_a_row() -> None:
    one = vma(16, 4, b"/tmp/\x1b[2J", offset=8192, major=0xFE, minor=1, inode=77)
    figures = smaps_of((one, {"Rss": 12, "Private_Dirty": 8, "Shared_Dirty": 4}, b"rd wr lo"))
    row = Vmas.of(figures.maps, figures)[0]
    assert (row.start, row.end, row.size) == (16 * PAGE, 20 * PAGE, 4 * PAGE)
    assert (row.perms, row.offset, row.device, row.inode) == ("rw-p", 8192, "fe:01", 77)
    assert (row.rss, row.private_dirty, row.dirty, row.pss) == (12288, 8192, 12288, 0)
    assert row.name == "/tmp/\\x1b[2J"
    assert row.vm_flags == ("rd", "wr", "lo")
    assert row.is_locked is True
    assert row.thp_eligible is True
    assert not row.no_access
    assert isinstance(row.residency, Missing)
    with pytest.raises(IndexError):
        Vmas.of(figures.maps, figures)[1]


def test_without_smaps_every_figure_is_missing_with_its_reason() -> None:
    refused = Missing("smaps: refused")
    vmas = Vmas.of(maps_of(vma(1)), refused)
    for field in VMA_FIELDS:
        value = field.value(vmas[0])
        if field.source.startswith("/proc/PID/smaps"):
            assert value is refused
    assert vmas.column("pss") is None
    assert vmas.totals().pss is refused
    assert vmas.totals().size == PAGE


def test_an_older_smaps_is_joined_by_address_and_file() -> None:
    same, gone, grown = vma(1), vma(3), vma(5)
    replaced = vma(9, name=b"/old", inode=5)
    figures = smaps_of(*((one, {"Pss": 4}, b"rd") for one in (same, gone, grown, replaced)))
    now = maps_of(
        same, vma(4), vma(5, 2), dataclasses.replace(replaced, name=b"/new", inode=6), vma(11)
    )
    vmas = Vmas.of(now, figures, smaps_at=1.0, at=5.0)
    assert vmas.unread == 4
    assert vmas[0].pss == 4096
    assert all(isinstance(vmas[row].pss, Missing) for row in range(1, 5))
    assert isinstance(vmas[4].vm_flags, Missing)
    assert isinstance(vmas[4].thp_eligible, Missing)
    column = vmas.column("pss")
    assert column is not None
    assert column.tolist() == [4096, *[UNKNOWN] * 4]
    assert vmas.totals().pss == 4096
    assert vmas.totals().unread == 4


def test_what_is_still_true_of_an_earlier_table_is_taken_over() -> None:
    figures = smaps_of(
        (vma(1), {"KernelPageSize": 2048}, b"rd"), (vma(3), {"KernelPageSize": 4}, b"")
    )
    before = Vmas.of(figures.maps, figures)
    after = Vmas.of(figures.maps, figures, at=5.0, like=before)
    assert after.at == 5.0
    assert after.kind_codes is before.kind_codes
    assert after.name_ids is before.name_ids
    plain = smaps_of((vma(1), {"KernelPageSize": 4}, b"rd"), (vma(3), {"KernelPageSize": 4}, b""))
    other = Vmas.of(figures.maps, plain, like=before)
    assert other.kind_codes.tolist() == Vmas.of(figures.maps, plain).kind_codes.tolist()
    assert other.kind_codes.tolist() != before.kind_codes.tolist()


def test_totals_of_nothing_known_are_missing() -> None:
    vmas = Vmas.of(maps_of(vma(7)), smaps_of((vma(1), {"Pss": 4}, b"rd")))
    totals = vmas.totals()
    assert isinstance(totals.pss, Missing)
    assert totals.count == totals.unread == 1


def test_totals_by_kind_add_up_to_the_totals() -> None:
    figures = smaps_of(
        (vma(1, 2, b"[heap]"), {"Rss": 8, "Pss": 8}, b"rd"),
        (vma(4), {"Rss": 4, "Pss": 2}, b"rd"),
        (vma(6, 3), {"Rss": 12, "Pss": 3}, b"rd"),
        (vma(10, name=b"/bin/x", inode=3, major=8), {"Rss": 4, "Pss": 1}, b"rd"),
    )
    vmas = Vmas.of(figures.maps, figures, devices=DEVICES)
    totals, kinds = vmas.totals(), vmas.totals_by_kind()
    assert list(kinds) == [VmaKind.HEAP, VmaKind.ANON, VmaKind.FILE]
    assert kinds[VmaKind.ANON].rss == 16 << 10
    assert (totals.count, totals.size, totals.pss) == (4, 7 * PAGE, 14 << 10)
    for name in VmaTotals.__slots__:
        assert getattr(totals, name) == sum(getattr(kind, name) for kind in kinds.values())


def test_an_empty_table() -> None:
    vmas = Vmas.of(maps.parse(b""), smaps.parse(b""))
    assert len(vmas) == 0
    assert vmas.totals_by_kind() == {}
    assert vmas.totals().count == vmas.totals().size == 0
    assert isinstance(vmas.totals().rss, Missing)
    assert vmas.gaps() == ()
    assert vmas.index_of(0) is None


def test_addresses_and_gaps() -> None:
    top = PlainVma(0xFFFF_FFFF_FF60_0000, 0xFFFF_FFFF_FF60_1000, name=b"[vsyscall]")
    vmas = Vmas.of(maps_of(vma(4, 2), vma(6), vma(9), top))
    assert [vmas.index_of(page * PAGE) for page in (3, 4, 5, 6, 7, 9, 10)] == [
        None, 0, 0, 1, None, 2, None,
    ]  # fmt: skip
    assert vmas.index_of(top.start + 1) == 3
    assert vmas.index_of(top.end) is None
    assert [(gap.before, gap.start, gap.size) for gap in vmas.gaps(2 * PAGE)] == [
        (2, 7 * PAGE, 2 * PAGE), (3, 10 * PAGE, top.start - 10 * PAGE),
    ]  # fmt: skip


def test_the_newest_reading_tells_what_is_resident() -> None:
    one, shared = vma(1, 8), vma(20, name=b"/memfd:x (deleted)", inode=4, minor=1)
    pool = vma(30, 2, b"/anon_hugepage (deleted)", inode=4, minor=0x11)
    figures = smaps_of(
        (one, {"Rss": 4, "Swap": 4}, b""), (shared, {"Rss": 4, "Swap": 8}, b""), (pool, {}, b"ht")
    )
    resident, swapped = np.array([3, 1, 2]), np.array([2, 0, 0])
    readings = {"resident_pages": resident, "swapped_pages": swapped}
    older = Vmas.of(figures.maps, figures, **readings, scanned_at=1.0, smaps_at=2.0)  # type: ignore[arg-type]
    newer = Vmas.of(figures.maps, figures, **readings, scanned_at=3.0, smaps_at=2.0)  # type: ignore[arg-type]
    alone = Vmas.of(figures.maps, **readings, devices=DEVICES)  # type: ignore[arg-type]
    assert [row.rss for row in older] == [4096, 4096, 0]
    assert [row.rss for row in newer] == [row.rss for row in alone] == [3 * PAGE, PAGE, 0]
    assert [row.swap for row in newer] == [4096, 8192, 0]
    assert alone[0].swap == 2 * PAGE
    assert isinstance(alone[1].swap, Missing)
    assert newer[0].residency == (3, 2, 3)
    for vmas in (older, newer, alone):
        for name in ("rss", "swap"):
            column = vmas.column(name)
            assert column is not None
            values = [getattr(row, name) for row in vmas]
            assert column.tolist() == [
                UNKNOWN if isinstance(value, Missing) else value for value in values
            ]


def test_every_key_of_the_document_has_a_field() -> None:
    assert set(DOCUMENT.split()) <= set(VMA_FIELDS_BY_ID)
    assert all(field.help.endswith(".") and field.shell and field.source for field in VMA_FIELDS)


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (152, "ADDRESS SIZE PERM KIND RSS PSS DIRTY SWAP THP REF PAGES NAME"),
        (151, "ADDRESS SIZE PERM RSS PSS DIRTY SWAP THP PAGES NAME"),
        (119, "ADDRESS SIZE PERM RSS PSS SWAP PAGES NAME"),
        (79, "ADDRESS SIZE RSS SWAP PAGES NAME"),
    ],
)
def test_columns_leave_a_narrow_table(width: int, titles: str) -> None:
    shown = [field for field in VMA_FIELDS if field.default and field.leaves_below <= width]
    assert " ".join(field.title for field in shown) == titles


def test_columns_sort_as_the_values_do() -> None:
    figures = smaps_of(
        (vma(1, 2, b"/b", inode=3), {"Rss": 8, "Private_Dirty": 4}, b"rd"),
        (vma(4, 1, b"[heap]"), {"Rss": 4, "Shared_Dirty": 8}, b"ex"),
        (vma(6, 3, b"/a", inode=2), {"Rss": 12}, b"ab"),
        (vma(10, 5), {}, b"rd"),
    )
    resident = np.array([2, 1, 3, 0])
    vmas = Vmas.of(figures.maps, figures, resident_pages=resident, swapped_pages=resident * 0)
    for field in VMA_FIELDS:
        column = vmas.column(field.id)
        assert column is not None, field.id
        values: dict[int, Any] = {row.index: field.value(row) for row in vmas}
        by_value = sorted(values, key=lambda row: values[row])
        assert column.argsort(kind="stable").tolist() == by_value, field.id
    assert vmas.column("no such field") is None


def test_nbytes_counts_each_table_once() -> None:
    figures = smaps_of((vma(1), {}, b""), (vma(3), {}, b""))
    assert Vmas.of(figures.maps, figures).nbytes < Vmas.of(maps_of(vma(1), vma(3)), figures).nbytes
    assert Vmas.of(figures.maps).nbytes < Vmas.of(figures.maps, figures).nbytes


RANGES = st.lists(st.integers(0, 200), unique=True, max_size=20).map(sorted)


def pairs(edges: list[int]) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    even = edges[: len(edges) // 2 * 2]
    return np.array(even, np.uint64).reshape(-1, 2) * np.uint64(PAGE)


@given(RANGES, RANGES)
def test_residency_is_exact(vma_edges: list[int], region_edges: list[int]) -> None:
    vmas, regions = pairs(vma_edges), pairs(region_edges)
    covered = {page for a, b in regions.tolist() for page in range(a // PAGE, b // PAGE)}
    found = residency(vmas[:, 0], vmas[:, 1], regions[:, 0], regions[:, 1])
    assert found.tolist() == [
        len(covered & set(range(a // PAGE, b // PAGE))) for a, b in vmas.tolist()
    ]


def test_zero_pages_and_guard_markers_are_neither_resident_nor_swapped() -> None:
    present, swapped = flags.PAGE_IS_PRESENT, flags.PAGE_IS_SWAPPED
    categories = [present, present | flags.PAGE_IS_PFNZERO, swapped, swapped | flags.PAGE_IS_GUARD]
    starts = np.array([1, 2, 4, 6], np.uint64) * np.uint64(PAGE)
    space = ScannedSpace(
        starts, starts + np.uint64(2 * PAGE), np.array(categories, np.uint64), knows_files=False
    )
    space = dataclasses.replace(space, ends=np.array([2, 4, 6, 8], np.uint64) * np.uint64(PAGE))
    resident, away = resident_and_swapped(maps_of(vma(0, 3), vma(3, 3), vma(6, 4)), space)
    assert resident.tolist() == [1, 0, 0]
    assert away.tolist() == [0, 2, 0]
