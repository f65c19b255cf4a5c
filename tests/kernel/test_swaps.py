import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmtui.errors import ParseError
from vmtui.kernel.swaps import SwapDevice, parse

HEADER = b"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
paths = st.binary(min_size=1, max_size=60).filter(lambda path: b"\0" not in path)


def line_of(device: SwapDevice) -> bytes:
    """As swap_show of mm/swapfile.c prints it: seq_file_path with " \\t\\n\\\\" escaped."""
    path = device.path
    for char in b"\\ \t\n":
        path = path.replace(bytes((char,)), b"\\%03o" % char)
    kib = device.size_bytes >> 10, device.used_bytes >> 10
    padding = b" " * max(1, 40 - len(path))
    return b"%s%s%s\t%d\t%s%d\t%s%d\n" % (
        path, padding, device.kind.encode(), kib[0], b"\t" * (kib[0] < 10_000_000),
        kib[1], b"\t" * (kib[1] < 10_000_000), device.priority,
    )  # fmt: skip


def test_no_swap_is_an_ordinary_answer() -> None:
    assert parse(HEADER) == ()


def test_escapes_and_units() -> None:
    text = HEADER + b"/my\\040swap\\134040                      file\t\t1024\t\t12\t\t-2\n"
    assert parse(text) == (SwapDevice(b"/my swap\\040", "file", 1 << 20, 12 << 10, -2),)


@given(
    st.lists(
        st.builds(
            SwapDevice,
            path=paths,
            kind=st.sampled_from(["file", "partition"]),
            size_bytes=st.integers(0, 1 << 40).map(lambda kib: kib << 10),
            used_bytes=st.integers(0, 1 << 40).map(lambda kib: kib << 10),
            priority=st.integers(-32768, 32767),
        ),
        max_size=4,
    )
)
def test_any_path(devices: list[SwapDevice]) -> None:
    assert list(parse(HEADER + b"".join(map(line_of, devices)))) == devices


def test_a_line_that_is_not_as_documented() -> None:
    with pytest.raises(ParseError):
        parse(HEADER + b"/swap file many few -2\n")
    with pytest.raises(ParseError):
        parse(b"")
