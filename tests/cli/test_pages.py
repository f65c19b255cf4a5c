"""`vmtui pages`: exact states of a child that made them, ranges by address, runs."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.running import inside, one_sentence
from vmtui.cli.pages import addresses

PAGE = os.sysconf("SC_PAGE_SIZE")
PAGES = 64
CHILD = f"""
import ctypes, mmap, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
size = {PAGES} * {PAGE}
base = libc.mmap(None, 3 * size, 0, 0x22, -1, 0)  # nothing around it that could join its VMA
assert libc.mprotect(base + size, size, 3) == 0
for page in range(0, {PAGES}, 2):
    ctypes.c_char.from_address(base + size + page * {PAGE}).value = b"x"
print(hex(base + size), hex(base + 2 * size), flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Child:
    pid: str
    start: int
    end: int

    @property
    def range(self) -> str:
        return f"{self.start:#x}-{self.end:#x}"


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    """A process with 64 pages of which every second was written."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        start, end = process.stdout.readline().split()
        yield Child(str(process.pid), int(start, 16), int(end, 16))
        process.communicate()


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    outcome = inside(capsys, "pages", *words, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found: dict[str, Any] = json.loads(outcome.out)
    return found


def test_its_vma(child: Child, capsys: pytest.CaptureFixture[str]) -> None:
    rows = asked(capsys, child.pid)["ranges"]
    (row,) = [row for row in rows if row["start"] == f"{child.start:#x}"]
    assert (row["pages"], row["absent"], row["present"], row["anon"]) == (64, 32, 32, 32)
    assert (row["kind"], row["perms"]) == ("anon", "rw-p")
    assert row["exclusive"] == 32
    assert row["swapped"] == row["file"] == row["guard"] == 0


def test_a_range_of_addresses(child: Child, capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = asked(capsys, child.pid, child.range)["ranges"]
    assert (row["start"], row["end"]) == (f"{child.start:#x}", f"{child.end:#x}")
    assert (row["pages"], row["absent"], row["present"], row["unmapped"]) == (64, 32, 32, 0)


def test_several_ranges_and_their_totals(child: Child, capsys: pytest.CaptureFixture[str]) -> None:
    first = f"{child.start:#x}-{child.start + 3 * PAGE:#x}"
    second = f"{child.start + 10:x}-{child.start + PAGE + 1:x}"  # widened to two whole pages
    found = asked(capsys, child.pid, first, second)
    assert [row["pages"] for row in found["ranges"]] == [3, 2]
    assert [row["present"] for row in found["ranges"]] == [2, 1]
    assert found["totals"]["present"] == 3


def test_addresses_without_a_vma_are_absent_and_counted_apart(
    child: Child, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = asked(capsys, child.pid, "0x0-0x7ffffffff000")["ranges"]
    assert row["pages"] == row["absent"] + row["present"] + row["swapped"] + row["guard"]
    assert row["absent"] > row["unmapped"] > row["pages"] // 2


def test_a_range_outside_any_vma(child: Child, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, "pages", child.pid, "0x0-0x1000")
    assert outcome.code == 1
    assert one_sentence(outcome), outcome
    assert "no VMA" in outcome.err


@pytest.mark.parametrize(
    "word",
    ["0x0-0xffff800000000000", "fffffffffffff000-ffffffffffffffff", "0x1000-8000000000000000"],
)
def test_a_range_that_ends_beyond_the_addresses(
    word: str, child: Child, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = inside(capsys, "pages", child.pid, word)
    assert outcome.code == 2
    assert one_sentence(outcome), outcome
    assert "beyond the process's addresses" in outcome.err


def test_the_page_past_them_that_maps_lists(
    child: Child, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(f"/proc/{child.pid}/maps") as lines:
        listed = [line.split()[0] for line in lines if "[vsyscall]" in line]
    if not listed:
        pytest.skip("there is no [vsyscall] here")
    (row,) = asked(capsys, child.pid, listed[0])["ranges"]
    assert (row["pages"], row["absent"], row["unmapped"]) == (1, 1, 0)


def test_runs(child: Child, capsys: pytest.CaptureFixture[str]) -> None:
    runs = asked(capsys, child.pid, child.range, "--runs")["runs"]
    assert [run["pages"] for run in runs] == [1] * 64
    assert [run["state"] for run in runs] == ["anon", "absent"] * 32
    assert [int(run["start"], 16) for run in runs] == list(range(child.start, child.end, PAGE))


def test_runs_as_csv(child: Child, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, "pages", child.pid, child.range, "--runs", "--csv")
    head, *rows = csv.reader(io.StringIO(outcome.out))
    assert head == ["start", "pages", "state"]
    assert rows[0] == [f"{child.start:#x}", "1", "anon"]


def test_runs_cover_every_page_of_every_vma(
    child: Child, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asked(capsys, child.pid, "--runs")
    assert sum(run["pages"] for run in found["runs"]) == found["totals"]["pages"]
    absent = sum(run["pages"] for run in found["runs"] if run["state"] == "absent")
    assert absent == found["totals"]["absent"]


def test_the_table_ends_with_totals(
    child: Child, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    lines = inside(capsys, "pages", child.pid, child.range).out.splitlines()
    assert len(lines) == 3
    assert lines[1].split()[2:5] == lines[2].split()[:3] == ["64", "32", "32"]


@pytest.mark.parametrize(
    "word", ["", "1000", "0x2000-0x1000", "1-1", "x-y", "-1-2", "0-" + "f" * 17]
)
def test_what_is_no_range(word: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        addresses(word)


@given(st.integers(0, 2**63), st.integers(1, 2**40))
def test_a_range_is_widened_to_whole_pages(start: int, length: int) -> None:
    first, last = addresses(f"{start:#x}-{start + length:X}")
    assert first % PAGE == last % PAGE == 0
    assert start - PAGE < first <= start < start + length <= last < start + length + PAGE
