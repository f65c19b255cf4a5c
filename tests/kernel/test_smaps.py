import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.maps_text import PlainVma, plain_vmas
from vmtui.errors import ParseError
from vmtui.kernel import smaps
from vmtui.kernel.smaps import Smaps, parse
from vmtui.missing import Missing

# Linux 6.18 x86-64: the order and the widths of fs/proc/task_mmu.c.
IN_KB = re.findall(
    r"\w+",
    "Size KernelPageSize MMUPageSize Rss Pss Pss_Dirty Shared_Clean Shared_Dirty Private_Clean "
    "Private_Dirty Referenced Anonymous KSM LazyFree AnonHugePages ShmemPmdMapped FilePmdMapped "
    "Shared_Hugetlb Private_Hugetlb Swap SwapPss Locked",
)
FLAG_SETS = st.lists(st.sampled_from(["rd", "wr", "ex", "sh", "lo", "ht", "gu"]), max_size=6)


@dataclass(frozen=True)
class PlainRecord:
    """One record of smaps."""

    vma: PlainVma
    kb: dict[str, int]
    eligible: int = 0
    flags: list[str] = field(default_factory=list)

    def text(self) -> bytes:
        """The record as the kernel prints it."""
        lines = [f"{name + ':':<16}{value:8d} kB" for name, value in self.kb.items()]
        lines.append(f"THPeligible:    {self.eligible:8d}")
        lines.append("VmFlags: " + "".join(flag + " " for flag in self.flags))
        return self.vma.line() + "".join(line + "\n" for line in lines).encode()


def plainly_summed(raw: bytes) -> dict[str, int]:
    """Every kB line added up, one at a time."""
    sums: dict[str, int] = {}
    for name, value in re.findall(rb"^([A-Z]\w*): *(\d+) kB$", raw, re.MULTILINE):
        sums[name.decode()] = sums.get(name.decode(), 0) + int(value) * 1024
    return sums


def matches(found: Smaps, records: list[PlainRecord]) -> None:
    for name in records[0].kb:
        column = found.bytes_of(name)
        assert not isinstance(column, Missing)
        assert column.tolist() == [record.kb[name] * 1024 for record in records]
    eligible = found.number_of("THPeligible")
    assert not isinstance(eligible, Missing)
    assert eligible.tolist() == [record.eligible for record in records]
    assert [found.vm_flags(row) for row in range(len(found))] == [
        tuple(record.flags) for record in records
    ]
    assert found.maps.names == [record.vma.name for record in records]


KB = st.one_of(st.just(0), st.integers(0, 99_999_999), st.integers(0, 10**14))


@st.composite
def plain_records(draw: st.DrawFn) -> list[PlainRecord]:
    """Records low to high; now and then with a figure of more than eight digits."""
    figures = dict(zip(IN_KB, draw(st.permutations(range(len(IN_KB)))), strict=True))
    return [
        PlainRecord(
            vma,
            figures | draw(st.dictionaries(st.sampled_from(IN_KB), KB, max_size=4)),
            draw(st.integers(0, 1)),
            draw(FLAG_SETS),
        )
        for vma in draw(plain_vmas().filter(bool))
    ]


@given(plain_records())
def test_equals_what_was_printed(records: list[PlainRecord]) -> None:
    raw = b"".join(record.text() for record in records)
    found = parse(raw)
    matches(found, records)
    sums = {name: int(column.sum()) for name, column in found.bytes_columns.items()}
    assert sums == plainly_summed(raw)


@given(plain_records(), st.integers(1, 4000))
def test_pieces_make_no_difference(records: list[PlainRecord], piece_bytes: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(smaps, "_PIECE_BYTES", piece_bytes)
        matches(parse(b"".join(record.text() for record in records)), records)


def record(at: int, **kb: int) -> PlainRecord:
    return PlainRecord(PlainVma(at, at + 0x1000), dict.fromkeys(IN_KB, 4) | kb, flags=["rd", "lo"])


def test_flags() -> None:
    found = parse(record(0x1000).text() + PlainRecord(PlainVma(0x2000, 0x3000), {"Rss": 1}).text())
    locked = found.with_flag("lo")
    assert not isinstance(locked, Missing)
    assert locked.tolist() == [True, False]
    assert found.flag_sets == (b"rd lo", b"")


def test_a_line_that_some_records_lack_is_no_column() -> None:
    whole, part = record(0x1000), PlainRecord(PlainVma(0x2000, 0x3000), {"Rss": 8})
    for raw in (whole.text() + part.text(), part.text() + whole.text()):
        found = parse(raw)
        assert list(found.bytes_columns) == ["Rss"]
        assert isinstance(found.bytes_of("Pss"), Missing)


def test_a_newer_kernel_may_print_more() -> None:
    raw = record(0x1000, Frobnicated=12).text().replace(b"VmFlags", b"ProtectionKey:  3\nVmFlags")
    found = parse(raw + raw.replace(b"00001000-00002000", b"00002000-00003000"))
    more, key = found.bytes_of("Frobnicated"), found.number_of("ProtectionKey")
    assert not isinstance(more, Missing)
    assert not isinstance(key, Missing)
    assert more.tolist() == [12288, 12288]
    assert key.tolist() == [3, 3]


def test_an_older_kernel_prints_less() -> None:
    raw = b"00001000-00002000 rw-p 00000000 00:00 0 \nRss:     8 kB\nTHPeligible:    1\n"
    found = parse(raw + raw.replace(b"00001000-00002000", b"00002000-00003000"))
    rss = found.bytes_of("Rss")
    assert not isinstance(rss, Missing)
    assert rss.tolist() == [8192, 8192]
    assert isinstance(found.vm_flags(0), Missing)
    assert isinstance(found.with_flag("lo"), Missing)
    assert isinstance(found.bytes_of("Pss"), Missing)


def test_overlapping_records_are_dropped_from_every_column() -> None:
    found = parse(record(0x1000).text() + record(0x1800, Rss=8).text() + record(0x3000).text())
    rss = found.bytes_of("Rss")
    assert not isinstance(rss, Missing)
    assert rss.tolist() == [4096, 4096]
    assert found.maps.torn == 1
    assert found.vm_flags(1) == ("rd", "lo")


def test_without_user_memory_there_is_nothing() -> None:
    found = parse(b"")
    missing = found.bytes_of("Rss")
    assert len(found) == 0
    assert isinstance(missing, Missing)
    assert "no user memory" in missing.reason


@given(plain_records(), st.data())
def test_a_damaged_text_is_told_or_read(records: list[PlainRecord], data: st.DataObject) -> None:
    raw = bytearray(b"".join(record.text() for record in records))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw)))
        raw[place : place + data.draw(st.integers(0, 90))] = data.draw(st.binary(max_size=9))
    try:
        found = parse(bytes(raw))
    except ParseError:
        return
    for column in (*found.bytes_columns.values(), *found.number_columns.values()):
        assert len(column) == len(found)
        assert (column >= 0).all()


@pytest.mark.parametrize("raw", [b"Rss: 4 kB\n", b"\n", b"Rss", record(0x1000).text()[:-1]])
def test_what_is_no_smaps_is_told(raw: bytes) -> None:
    with pytest.raises(ParseError):
        parse(raw)
