"""Scripts: read and written the same way, wrong ones told in a sentence with the line."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.scripts import BOUNDS, NAMES, OPERATIONS, SLICES
from vmtui.lab.layout import GAP_BYTES, Layout, Reservation
from vmtui.lab.operations import Operation
from vmtui.lab.script import ScriptError, Step, parse, parse_line
from vmtui.lab.words import Bound, Slice, Unexpected, size_of, size_word, slice_of


@given(OPERATIONS, st.one_of(st.just("parent"), NAMES))
def test_reading_what_was_written_is_the_identity(operation: Operation, process: str) -> None:
    step = Step(operation, process, 7)
    assert parse_line(step.source, 7) == step


@given(st.integers(1, 1 << 34))
def test_sizes(pages: int) -> None:
    assert size_of(size_word(pages * 4096)) == pages * 4096


@pytest.mark.parametrize("word", ["", "0", "1K", "5000", "64m", "M", "-4K", "4.5M", "200T", "٤K"])
def test_what_is_no_size(word: str) -> None:
    assert size_of(word) is None


@given(SLICES, st.integers(0, 3000))
def test_slices_choose_what_python_chooses(pages: Slice, count: int) -> None:
    assert slice_of(str(pages)) == pages
    if not any(bound and bound.percent for bound in (pages.start, pages.stop)):
        start = pages.start.number if pages.start else None
        stop = pages.stop.number if pages.stop else None
        assert list(pages.of(count)) == list(range(count))[start : stop : pages.stride]


@given(BOUNDS, st.integers(0, 10_000))
def test_bounds_stay_inside(bound: Bound | None, pages: int) -> None:
    if bound is not None:
        assert 0 <= bound.page(pages) <= pages


def test_a_page_alone() -> None:
    seven, last = slice_of("7"), slice_of("-1")
    assert seven is not None and list(seven.of(20)) == [7]
    assert last is not None and list(last.of(20)) == [19]
    bracketed = slice_of("[2:50%]")
    assert bracketed is not None and list(bracketed.of(8)) == [2, 3]


WRONG = [
    ("", 1, "an operation"),
    ("\n# nothing\n", 1, "an operation"),
    ("mop buf", 1, "map or touch"),
    ("map buf", 1, "a size such as 64M after «map buf», found the end of the line"),
    ("map buf 5000", 1, "a size such as 64M after «map buf», found «5000»"),
    ("map Buf 4K", 1, "small letters"),
    ("map buf 4K anon please", 1, "nothing more"),
    ("map buf 4K file", 1, "a name for the file"),
    ("map buf 4K times 3", 1, "every"),
    ("map buf 8K times 3 every 8K", 1, "do not touch"),
    ("map buf 4K\n\ntouch buf wriet", 3, "read or write after «touch buf», found «wriet»"),
    ("map buf 4K\ntouch buff write", 2, "a region that parent has mapped (buf), found «buff»"),
    ("touch buf write", 1, "none so far"),
    ("map buf 4K\nunmap buf\ntouch buf write", 3, "none so far"),
    ("map buf 4K\nmap buf 4K", 2, "mapped already"),
    ("map buf 4K\nunmap buf\nmap buf 8K", 3, "as large as before"),
    ("in child: measure x", 1, "a live process (parent), found «child»"),
    ("fork child\nfork child", 2, "a new name"),
    ("fork child\nexit child\nin child: measure x", 3, "a live process"),
    ("exit parent", 1, "a live child"),
    ("fork child\nin child: map buf 4K\ntouch buf read", 3, "parent has mapped"),
    ("map buf 4K\nadvise buf dontwant", 1 + 1, "dontneed"),
    ("sync notes", 1, "a file that parent has open"),
    ("map a 4K memfd box\nsync box", 2, "a file on a disk"),
    ("map a 4K memfd box\nmap b 4K file box", 2, "a memfd as before"),
    ("fork child\nmap a 4K file box\nin child: map b 4K file box", 3, "before the fork"),
    ("map buf {size}", 1, "a parameter of this experiment (none), found «{size}»"),
    ("poke nowhere read", 1, "an address or a region"),
    ("poke ??? read", 1, "an address: null"),
    ("map buf 4K\nput buf waytoolong", 2, "one to seven letters"),
    ("\n".join(f"fork c{n}" for n in range(9)), 6, "at most 6 processes"),
    ("\n".join(["measure x"] * 201), 201, "at most 200"),
    ("map buf 4K\ntouch buf read random", 2, "a number to shuffle by"),
    ("measure", 1, "a label"),
]


@pytest.mark.parametrize(("text", "line", "expected"), WRONG)
def test_a_wrong_script_gets_one_sentence(text: str, line: int, expected: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse(text)
    assert caught.value.line == line
    said = str(caught.value)
    assert said.startswith(f"line {line}: expected")
    assert expected in said
    assert "\n" not in said


@given(st.text(max_size=60))
def test_any_text_is_a_script_or_gets_a_sentence(text: str) -> None:
    try:
        parse(text)
    except ScriptError as error:
        assert "expected" in str(error)


@given(st.text(alphabet="abcmpfork tuchin:={}[]%-4KM:\n", max_size=60))
def test_nearly_scripts_too(text: str) -> None:
    try:
        assert parse(text).source
    except ScriptError as error:
        assert "expected" in str(error)


def test_parameters_are_filled_in() -> None:
    script = parse("map buf {size} anon\ntouch buf ::{stride} write", {"size": "8M", "stride": "3"})
    assert script.source == "map buf 8M anon\ntouch buf ::3 write"
    with pytest.raises(ScriptError, match=r"\(\{size\}\), found «\{sise\}»"):
        parse("map buf {sise}", {"size": "8M"})
    with pytest.raises(Unexpected):
        parse_line("map buf {size}")


def test_what_becomes_memory_is_known_before() -> None:
    text = "map a 1M\ntouch a write\nunmap a\nmap b 1M\ntouch b ::2 write\ntouch b write\nfork c"
    assert parse(text).touched_pages == 256
    assert parse("map a 4G noreserve\ntouch a :10 read").touched_pages == 10
    assert parse("map a 4M anon populate").touched_pages == 1024


@given(st.lists(st.builds(
    Reservation, NAMES, st.integers(1, 5000), st.integers(1, 4), st.integers(5001, 9000),
    st.integers(0, 600),
), max_size=6))  # fmt: skip
def test_regions_and_gaps_never_overlap(wanted: list[Reservation]) -> None:
    layout = Layout.of(wanted)
    spans = sorted((r.first, r.end) for r in (*layout.regions(), *layout.gaps()))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    edges = {edge for gap in layout.gaps() for edge in (gap.first, gap.end)}
    assert all({region.first, region.end} <= edges for region in layout.regions())
    assert all(gap.pages <= GAP_BYTES // 4096 for gap in layout.gaps())
    for one in layout.places:
        assert sum(run.count for run in layout.runs(one)) == layout.pages(one)


def test_runs_of_a_spread_region() -> None:
    layout = Layout.of([Reservation("far", 3, times=4, every=1000)])
    first = layout.places["far"][0].first
    pages = [page for run in layout.runs("far", Slice(stride=2)) for page in run.pages()]
    every = [first + part * 1000 + page for part in range(4) for page in range(3)]
    assert pages == every[::2]
    assert [run.count for run in layout.stretches("far", Slice(stride=2))] == [1] * 6
