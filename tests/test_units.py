"""Sizes fit their five columns, signs are true, nothing rounds into the next unit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmtui import units


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [
        (0, "0"),
        (1, "1B"),
        (999, "999B"),
        (1000, "0.98K"),
        (1024, "1.00K"),
        (4096, "4.00K"),
        (12.4 * 1024**2, "12.4M"),
        (398 * 1024**2, "398M"),
        (999.4 * 1024**2, "999M"),
        (999.9 * 1024**2, "0.98G"),
        (1.24 * 1024**3, "1.24G"),
        (128 * 1024**4, "128T"),
        (-4096, "−4.00K"),
    ],
)
def test_size(nbytes: float, text: str) -> None:
    assert units.size(nbytes) == text


@given(st.integers(0, 2**63))
def test_a_size_takes_five_columns_and_is_right_to_half_a_percent(nbytes: int) -> None:
    text = units.size(nbytes)
    assert len(text) <= 5
    if nbytes:
        value = float(text[:-1]) * 1024 ** "BKMGTPE".index(text[-1])
        assert value == pytest.approx(nbytes, rel=0.006)


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_sizes_keep_their_order(one: int, other: int) -> None:
    def read(text: str) -> float:
        return float(text[:-1]) * 1024 ** "BKMGTPE".index(text[-1]) if text != "0" else 0

    small, large = sorted((one, other))
    assert read(units.size(small)) <= read(units.size(large))


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [(0, "0"), (31 * 1024**2, "+31M"), (-2 * 1024**2, "−2.0M"), (100, "+100B")],
)
def test_change(nbytes: float, text: str) -> None:
    assert units.change(nbytes) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-0.2, "0"),
        (1204, "1,204"),
        (9999, "9,999"),
        (12_400, "12.4k"),
        (999_600, "1.00M"),
        (3_100_000, "3.10M"),
        (-1204, "−1,204"),
    ],
)
def test_count(number: float, text: str) -> None:
    assert units.count(number) == text


@given(st.integers(0, 10**18))
def test_a_count_takes_six_columns(number: int) -> None:
    assert len(units.count(number)) <= 6


@pytest.mark.parametrize(
    ("per_second", "text"),
    [(0, "0"), (0.3, "0.3"), (2.0, "2"), (9.96, "10"), (1204, "1,204"), (12_400, "12.4k")],
)
def test_rate(per_second: float, text: str) -> None:
    assert units.rate(per_second) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0.4 s"),
        (12, "12 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7800, "2 h 10 min"),
        (4 * 86_400 + 3 * 3600, "4 d 3 h"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert units.duration(seconds) == text


def test_the_plain_ones() -> None:
    assert units.pages(105_472) == "105,472"
    assert units.percent(0.4) == "0.4%"
    assert units.percent(99.6) == "100%"
    assert units.address(0x7F1A20000000) == "7f1a20000000"
    assert units.address(0x1000) == "000000001000"
