"""Bytes in hex: every byte once, at its place, and only printable text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmtui.draw import hexdump
from vmtui.draw.paint import text_of


@given(st.binary(max_size=100), st.integers(0, 5000), st.sampled_from([30, 50, 100]))
def test_every_byte_once(raw: bytes, address: int, cells: int) -> None:
    text = text_of(hexdump.rows(raw, address, cells, 1000))
    assert text.replace("\n", "").isprintable()
    found = "".join(re.sub(r"^...(.*)  .*$", r"\1", line) for line in text.split("\n") if line)
    each = 16 if cells >= 72 else 8 if cells >= 44 else 4
    groups = sum(len(line) for line in text.split("\n"))
    assert groups >= len(raw) * 3
    hexes = re.findall(r"[0-9a-f]{2}", found)
    assert "".join(hexes).startswith(raw.hex()[: 2 * each]) or address % each


@pytest.mark.parametrize(("cells", "start"), [(100, "2c0 "), (50, "2c8 ")])
def test_places(cells: int, start: str) -> None:
    rows = hexdump.rows(b"Q\2" + bytes(14), 0x55D3AE71E2C8, cells, 9, cursor=0x55D3AE71E2C8)
    text = text_of(rows)
    assert text.startswith(start)
    assert "Q·" in text
    marked = [run.text for line in rows for run in line if run.paint.ground == "cursor"]
    assert marked == ["51", "Q"]


def test_at_most_so_many_lines() -> None:
    assert len(hexdump.rows(bytes(4096), 0, 80, 7)) == 7
    assert hexdump.rows(b"", 0, 80, 7) == []
