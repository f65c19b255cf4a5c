"""Operations: done and predicted alike, cut into chunks, shown as C, told in words."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.lab.scripts import OPERATIONS, SLICES
from vmtui.lab.layout import Layout, Region, Reservation
from vmtui.lab.operations import ALL, Operation
from vmtui.lab.operations.advise import Advise
from vmtui.lab.operations.contents import number_of, word_of
from vmtui.lab.operations.map import Map
from vmtui.lab.operations.operation import added
from vmtui.lab.operations.poke import Poke
from vmtui.lab.operations.touch import Touch
from vmtui.lab.script import parse, parse_line
from vmtui.lab.words import Slice
from vmtui.theory import Answer, Kernel, World, views

LAYOUT = Layout.of([Reservation("buf", 3000), Reservation("far", 1, times=8, every=5000)])


def test_every_operation_is_in_the_registry_and_explains_itself() -> None:
    for keyword, operation in ALL.items():
        assert operation.keyword == keyword
        assert operation.usage.startswith(keyword)
        assert operation.__doc__


@given(OPERATIONS)
def test_every_operation_tells_itself_in_both_languages(operation: Operation) -> None:
    told = operation.told()
    assert told.en.endswith(".") and told.ja.endswith("．")
    assert "  " not in told.en and "  " not in told.ja
    assert "None" not in told.en + told.ja


@given(SLICES, st.integers(1, 50), st.one_of(st.none(), st.integers(1, 99)), st.booleans())
def test_chunks_are_the_whole(pages: Slice, most: int, seed: int | None, write: bool) -> None:
    touch = Touch("buf", write, pages, seed)
    (whole,) = touch.chunks(LAYOUT, 1) or (None,)
    parts = touch.chunks(LAYOUT, most)
    assert len(parts) <= most
    every = [page for part in parts for run in part.runs for page in run.pages()]  # type: ignore[attr-defined]
    first = LAYOUT.places["buf"][0].first
    assert sorted(every) == [first + index for index in pages.of(3000)]
    if whole is not None:
        assert every == [page for run in whole.runs for page in run.pages()]  # type: ignore[attr-defined]


@given(SLICES, st.integers(1, 20))
def test_chunks_cost_together_what_the_whole_costs(pages: Slice, most: int) -> None:
    touch = Touch("buf", True, pages)
    assume(touch.touched(LAYOUT))
    costs = []
    for chunks in (touch.chunks(LAYOUT, 1), touch.chunks(LAYOUT, most)):
        world = World(Kernel())
        world.map("parent", LAYOUT.places["buf"][0].first, 3000)
        costs.append(added([one.predict(world, LAYOUT, "parent").faults for one in chunks]))
    assert costs[0] == costs[1]


@given(st.integers(0, 1100), st.integers(1, 3000), st.integers(1, 40))
def test_parts_of_a_collapse_are_the_whole(start: int, pages: int, most: int) -> None:
    layout = Layout({"buf": (Region("buf", (1 << 28) + start, pages),)})
    advise, (region,), ends = Advise("buf", "collapse"), layout.places["buf"], []
    for chunks in ((advise,), advise.chunks(layout, most)):
        assert len(chunks) <= most
        world = World(Kernel())
        world.map("parent", region.first, pages)
        world.touch("parent", range(region.first, region.end), True)
        errno = max(chunk.predict(world, layout, "parent").errno for chunk in chunks)
        ends.append((errno, views.page_by_page(world, "parent", region.first, pages)[0]))
    assert ends[0] == ends[1]


def test_sums_of_answers() -> None:
    some = [Answer.exactly(3), Answer.between(1, 4, "readahead")]
    assert added(some) == Answer(4, 7, "readahead")
    assert added([*some, Answer.unknown("who knows")]).low is None


@given(st.from_regex(r"[A-Za-z0-9]{1,7}", fullmatch=True))
def test_words_are_numbers_and_back(word: str) -> None:
    assert word_of(number_of(word)) == word


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("null", 0),
        ("kernel", 0xFFFF_8880_0000_0000),
        ("0x1234", 0x1234),
        ("buf", LAYOUT.address("buf")),
        ("buf+4K", LAYOUT.address("buf") + 4096),
        ("buf-1", LAYOUT.address("buf") - 1),
        ("stack", LAYOUT.stack),
    ],
)
def test_places_of_pokes(place: str, expected: int) -> None:
    poke = parse_line(f"poke {place} read").operation
    assert isinstance(poke, Poke)
    assert poke.address(LAYOUT) == expected


def test_a_promise_that_is_not_made() -> None:
    layout = Layout(LAYOUT.places, largest_bytes=1 << 20)
    world = World(Kernel())
    for line, refused in [
        ("map buf 12000K", True),
        ("map buf 12000K anon noreserve", False),
        ("map buf 12000K anon private r--", False),
    ]:
        operation = parse_line(line).operation
        assert isinstance(operation, Map)
        outcome = operation.predict(world, layout, "parent")
        assert (outcome.errno != 0) is refused
        world = World(Kernel())


C_LINES = [
    ("touch buf write", ("for (unsigned long i = 0; i < 3000; i++)",
                         "    *(volatile char *)(buf + i * 4096) = 1;")),
    ("touch buf 1:9:2 read", ("for (unsigned long i = 1; i < 9; i += 2)",
                              "    *(volatile char *)(buf + i * 4096);")),
    ("touch buf 3 write", ("*(volatile char *)(buf + 12288UL) = 1;",)),
    ("touch far write", ("for (unsigned long k = 0; k < 8; k += 1)",
                         "    *(volatile char *)far[k] = 1;")),
    ("advise buf dontneed :512", ("madvise(buf, 2097152UL, MADV_DONTNEED);",)),
    ("advise buf free ::2", ("for (unsigned long i = 0; i < 3000; i += 2)",
                             "    madvise(buf + i * 4096, 4096, MADV_FREE);")),
    ("protect buf r-- 1:3", ("mprotect(buf + 4096UL, 8192UL, PROT_READ);",)),
    ("unmap far", ("for (unsigned long k = 0; k < 8; k += 1)", "    munmap(far[k], 4096UL);")),
    ("lock buf", ("mlock(buf, 12288000UL);",)),
    ("fork child", ("pid_t child = fork();",)),
    ("sync notes", ("fsync(fd_notes);",)),
    ("swap file 64M", ('swap_on("swapfile");',)),
    ("work buf random read for 2",
     ("for (double end = now() + 2; now() < end;)",
      "    *(volatile char *)(buf + random_page(3000) * 4096UL);")),
    ("work buf cyclic write for 0.5",
     ("for (double end = now() + 0.5; now() < end;)",
      "    *(volatile char *)(buf + next_page(3000) * 4096UL) = 1;")),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), C_LINES)
def test_the_c_that_does_the_same(line: str, expected: tuple[str, ...]) -> None:
    assert parse_line(line).operation.c_lines(LAYOUT) == expected


def test_names_that_c_has_already() -> None:
    script = parse("map int 4K\nmap buf-2 4K\ntouch int write\ntouch buf-2 write")
    text = "\n".join(line for step in script.steps for line in step.c_lines(script.layout))
    assert not re.search(r"\*int\b", text)
    assert "char *int_ = mmap" in text and "char *buf_2 = mmap" in text


@pytest.mark.parametrize(
    ("line", "en", "ja"),
    [
        ("touch a 0 write", "Write one byte to page 0 of a.", "a のページ 0 に 1 バイト書く．"),
        (
            "protect a r-- :1",
            "Allow reading only in page 0 of a.",
            "a のページ 0 を「読むだけ」にする．",
        ),
        (
            "lock a 4:64",
            "Lock a from page 4 to 63 in memory.",
            "a のページ 4 から 63 までをメモリに固定する．",
        ),
        (
            "touch a 50%: read",
            "Read one byte of each page of a from 50% to the end.",
            "a の 50% から最後までの各ページから 1 バイトずつ読む．",
        ),
        ("advise a dontfork", "Hide a from children.", "a を子に渡さないことにする．"),
        ("poke null write", "Write to address 0.", "0 番地に書く．"),
    ],
)
def test_pages_are_told_by_the_last_one(line: str, en: str, ja: str) -> None:
    told = parse_line(line).told
    assert (told.en, told.ja) == (en, ja)
