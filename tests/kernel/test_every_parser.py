"""Whatever bytes a parser gets, it answers or says ParseError: nothing else escapes."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.errors import ParseError
from vmtui.kernel import (
    buddyinfo,
    capabilities,
    cgroup,
    host,
    limits,
    meminfo,
    mounts,
    oom,
    pressure,
    smaps_rollup,
    stat,
    statm,
    status,
    swaps,
    vmstat,
    zoneinfo,
)

SWAPS = b"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/swap\\040file  file\t1024\t0\t-2\n"
PARSERS: list[tuple[Callable[[bytes], object], bytes]] = [
    (buddyinfo.parse, captured("buddyinfo")),
    (capabilities.parse, captured("process-status")),
    (cgroup.container_of, captured("process-cgroup")),
    (cgroup.parse, captured("process-cgroup")),
    (cgroup.parse_number, captured("cgroup1-memory.usage_in_bytes")),
    (host.parse_boot_time, b"cpu  1 2 3\nbtime 1795347217\nprocesses 6353\n"),
    (limits.parse, captured("process-limits")),
    (meminfo.parse, captured("meminfo")),
    (mounts.parse, captured("cgroup-mountinfo")),
    (oom.parse, captured("process-oom_score")),
    (pressure.parse, captured("pressure-memory")),
    (smaps_rollup.parse, captured("process-smaps_rollup")),
    (stat.parse, captured("process-stat")),
    (statm.parse, captured("process-statm")),
    (status.parse, captured("process-status")),
    (swaps.parse, SWAPS),
    (vmstat.parse, captured("vmstat")),
    (zoneinfo.parse, captured("zoneinfo")),
]
NAMES = [f"{parse.__module__.rpartition('.')[2]}.{parse.__name__}" for parse, _ in PARSERS]

parametrized = pytest.mark.parametrize(("parse", "text"), PARSERS, ids=NAMES)


@parametrized
def test_takes_what_was_captured(parse: Callable[[bytes], object], text: bytes) -> None:
    parse(text)


@parametrized
@given(junk=st.binary(max_size=200))
def test_any_bytes(parse: Callable[[bytes], object], text: bytes, junk: bytes) -> None:
    with suppress(ParseError):
        parse(junk)


@parametrized
@given(
    place=st.floats(0, 1),
    cut=st.integers(0, 80),
    junk=st.binary(max_size=12) | st.just(b"9" * 5000),
)
def test_damaged_text(
    parse: Callable[[bytes], object], text: bytes, place: float, cut: int, junk: bytes
) -> None:
    at = int(place * len(text))
    with suppress(ParseError):
        parse(text[:at] + junk + text[at + cut :])


@parametrized
@given(share=st.floats(0, 1))
def test_text_cut_off(parse: Callable[[bytes], object], text: bytes, share: float) -> None:
    with suppress(ParseError):
        parse(text[: int(share * len(text))])
