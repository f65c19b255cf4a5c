"""The series of resident pages, whatever way they are kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import reading
from vmtui.model.processes import ProcessReading
from vmtui.observe.series import ResidentSeries

PIDS = (1, 2, 3)
ticks = st.lists(
    st.dictionaries(st.sampled_from(PIDS), st.integers(0, 3), max_size=3), min_size=1, max_size=20
)


def fed(pages: list[dict[int, int]]) -> ResidentSeries:
    series, last = ResidentSeries(600), dict[int, ProcessReading]()
    for tick, sizes in enumerate(pages):
        for pid, size in sizes.items():
            if pid not in last or last[pid].resident_pages != size:
                last[pid] = reading(pid, size)
        series.append(tick, float(tick), [last[pid] for pid in sorted(sizes)])
    return series


@given(ticks, st.integers(1, 25))
def test_a_window_holds_what_was_seen_at_each_tick(pages: list[dict[int, int]], most: int) -> None:
    series = fed(pages)
    end = len(pages) - 1
    for pid in pages[end]:
        begun = end
        while begun and pid in pages[begun - 1]:
            begun -= 1
        seen = [sizes[pid] for sizes in pages[begun:]]
        kept = list(series.window(reading(pid).key, end, most))
        assert kept[-len(seen) :] == seen[-most:]
        assert len(kept) <= most


@given(ticks, st.integers(1, 25))
def test_an_earlier_value_is_the_first_of_the_window(
    pages: list[dict[int, int]], back: int
) -> None:
    series, end = fed(pages), len(pages) - 1
    for pid in pages[end]:
        key = reading(pid).key
        window = series.window(key, end, back + 1)
        assert series.earlier(key, end, back) == (window[0] if len(window) > 1 else None)


def test_a_process_that_stands_still_costs_nothing() -> None:
    series, same = ResidentSeries(600), [reading(5, 7)]
    for tick in range(500):
        series.append(tick, float(tick), same)
    assert len(series._lines[same[0].key].ticks) == 1
    assert list(series.window(same[0].key, 499, 300)) == [7] * 300
