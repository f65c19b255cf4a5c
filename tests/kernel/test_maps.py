import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.maps_text import PlainVma, plain_vmas, plainly_read
from vmtui.errors import ParseError
from vmtui.kernel.maps import Maps, device_number, parse

# Linux 6.18 x86-64, a shell; [vsyscall] is wider than all others.
CAPTURED = b"""\
55cf3f531000-55cf3f533000 r--p 00000000 fe:00 260386                     /usr/bin/head
55cf3f540000-55cf3f561000 rw-p 00000000 00:00 0                          [heap]
7fae97768000-7fae9778a000 rw-p 00000000 00:00 0 
7fae979d0000-7fae979d7000 r--s 00002000 fe:00 338846                     /tmp/a b (deleted)
7ffc6341c000-7ffc6343d000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
"""  # noqa: W291


def rows(maps: Maps) -> list[PlainVma]:
    mask = (1 << 20) - 1
    return [
        PlainVma(
            int(maps.start[row]), int(maps.end[row]), bytes(maps.perms[row]),
            int(maps.offset[row]), int(maps.device[row]) >> 20, int(maps.device[row]) & mask,
            int(maps.inode[row]), maps.names[row],
        )
        for row in range(len(maps))
    ]  # fmt: skip


def test_captured() -> None:
    maps = parse(CAPTURED)
    assert rows(maps) == plainly_read(CAPTURED)
    assert maps.torn == 0
    assert maps.device_text(0) == "fe:00"
    assert maps.names == [
        b"/usr/bin/head", b"[heap]", b"", b"/tmp/a b (deleted)", b"[stack]", b"[vsyscall]",
    ]  # fmt: skip


def test_a_kernel_thread_and_a_zombie_have_none() -> None:
    maps = parse(b"")
    assert len(maps) == len(maps.start) == maps.torn == 0


@given(plain_vmas())
def test_equals_the_plain_reader(vmas: list[PlainVma]) -> None:
    maps = parse(b"".join(vma.line() for vma in vmas))
    assert rows(maps) == vmas
    assert [maps.device_text(row) for row in range(len(maps))] == [
        f"{vma.major:02x}:{vma.minor:02x}" for vma in vmas
    ]


@given(plain_vmas(overlapping=True))
def test_lines_that_overlap_are_dropped_and_counted(vmas: list[PlainVma]) -> None:
    raw = b"".join(vma.line() for vma in vmas)
    maps = parse(raw)
    assert rows(maps) == plainly_read(raw)
    assert maps.torn == len(vmas) - len(maps)
    assert (maps.start[1:] >= maps.end[:-1]).all()


@pytest.mark.parametrize(
    "name", [b"/tail ", b"/ (deleted) (deleted)", b"/a-b:c d", b"/\x1b[2J\x00\xff", b"[heap]"]
)
def test_a_name_is_the_rest_of_the_line(name: bytes) -> None:
    vma = PlainVma(0x1000, 0x2000, inode=1 << 63, minor=0x12345, name=name)
    maps = parse(vma.line() * 2)
    assert rows(maps) == [vma]
    assert maps.torn == 1
    assert maps.device[0] == device_number(0, 0x12345)


@given(plain_vmas().filter(bool), st.data())
def test_a_damaged_text_is_told_or_read(vmas: list[PlainVma], data: st.DataObject) -> None:
    raw = bytearray(b"".join(vma.line() for vma in vmas))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw)))
        raw[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    try:
        maps = parse(bytes(raw))
    except ParseError:
        return
    assert (maps.start < maps.end).all()
    assert (maps.start[1:] >= maps.end[:-1]).all()


@pytest.mark.parametrize(
    "raw",
    [
        b"00001000-00002000 rw-p 00000000 00:00 0 ",
        b"00001000-00002000 rw-p 00000000 00:00\n",
        b"00001000 00002000 rw-p 00000000 00:00 0 \n",
        b"00002000-00001000 rw-p 00000000 00:00 0 \n",
        b"00001000-00002000 rw-pp 00000000 00:00 0 \n",
        b"00001000-00002000 rw-p 00000000 0000 0 \n",
        b"\n",
    ],
)
def test_what_is_no_maps_is_told(raw: bytes) -> None:
    with pytest.raises(ParseError):
        parse(raw)
