"""The cliff as text: points where they belong, the theory under them, words where there is room."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from vmtui.draw.lab.cliff import EN, JA, Cliff, Point, Sweep, picture
from vmtui.draw.paint import Row, text_of, width

RANDOM = (
    Point(1.4, 4_000_000, 0), Point(1.0, 400_000, 4), Point(0.95, 40_000, 53),
    Point(0.65, 8_000, 350),
)  # fmt: skip
CYCLIC = (Point(1.4, 5_000_000, 0), Point(0.95, 25_000, 998))


def cliff(**changes: object) -> Cliff:
    spaced = [0.3 + 1.2 * at / 100 for at in range(101)]
    missing = [max(0.0, 1 - share) for share in spaced]
    random = Sweep(
        "random", "ksm", "●", RANDOM,
        [1 / (2.5e-7 + share * 3e-4) for share in missing], [1000 * share for share in missing],
    )  # fmt: skip
    cyclic = Sweep(
        "in turn", "strong", "◆", CYCLIC,
        [5e6 if share >= 1 else 2.5e4 for share in spaced],
        [0.0 if share >= 1 else 1000.0 for share in spaced],
        remark="each page leaves just before it is needed",
    )  # fmt: skip
    return replace(Cliff((random, cyclic), 64 << 20), **changes)  # type: ignore[arg-type]


def column_of(line: str, char: str) -> list[int]:
    return [at for at, one in enumerate(line) if one == char]


@pytest.mark.parametrize("size", [(24, 6), (46, 12), (80, 14), (80, 15), (120, 40)])
@pytest.mark.parametrize("words", [EN, JA])
def test_it_is_as_large_as_it_may_be(size: tuple[int, int], words: object) -> None:
    assert words in (EN, JA)
    rows = picture(cliff(), EN if words is EN else JA, *size)
    assert len(rows) == size[1]
    assert {width(row) for row in rows} == {size[0]}


def test_too_small_is_nothing() -> None:
    assert picture(cliff(), EN, 20, 20) == []
    assert picture(cliff(), EN, 80, 5) == []


def test_nothing_measured_yet_is_an_empty_scale() -> None:
    rows = picture(Cliff((), 64 << 20), EN, 80, 24)
    text = text_of(rows)
    assert "10M" in text and "1k" in text and "100%" in text
    assert "●" not in text


def test_faster_is_higher_and_more_memory_is_further_right() -> None:
    lines = text_of(picture(cliff(), EN, 100, 14)).split("\n")[1:]
    found = [(x, y) for y, line in enumerate(lines) for x in column_of(line, "●")]
    across = sorted(found)
    assert len(across) == len(RANDOM)
    assert [y for _, y in across] == sorted((y for _, y in across), reverse=True)


def test_a_tenth_of_the_speed_is_one_tick_down() -> None:
    lines = text_of(picture(cliff(), EN, 100, 14)).split("\n")
    labels = {line[:6].strip(): y for y, line in enumerate(lines) if line[:6].strip()}
    at = next(y for y, line in enumerate(lines[1:], 1) if "●" in line)
    assert labels["10M"] < at < labels["1M"]


def test_just_enough_is_marked_and_has_its_words() -> None:
    lines = text_of(picture(cliff(), EN, 100, 14)).split("\n")
    (edge,) = {x for line in lines for x in column_of(line, "╎")}
    axis = next(line for line in lines if "100%" in line)
    assert abs(axis.index("100%") + 2 - edge) <= 1
    told = next(line for line in lines if "the work fits" in line)
    assert told.index("the work fits") > edge
    assert "each page leaves" in "\n".join(lines)


def test_the_title_has_the_latest_figures_and_gives_way_whole() -> None:
    for cells, there, gone in (
        (100, ["● random 8,000", "◆ in turn 25.0k", "╌ predicted"], []),
        (56, ["● random 8,000"], ["predicted"]),
        (40, ["● 8,000", "◆ 25.0k"], ["random"]),
    ):
        (head, *_) = text_of(picture(cliff(), EN, cells, 12)).split("\n")
        assert head.startswith("touches a second")
        assert [word for word in there if word not in head] == []
        assert [word for word in gone if word in head] == []


def test_what_is_measured_now_stands_in_brackets() -> None:
    random, cyclic = cliff().sweeps
    now = Point(0.45, 9_000, 400)
    text = text_of(picture(cliff(sweeps=(replace(random, now=now), cyclic)), EN, 100, 24))
    assert text.count("(●)") == 2
    assert "(●) now" in text
    assert "random 9,000" in text
    assert "(●) いま" in text_of(
        picture(cliff(sweeps=(replace(random, now=now), cyclic)), JA, 100, 24)
    )


def test_misses_have_a_plot_of_their_own_where_there_is_room() -> None:
    assert "misses per 1,000" not in text_of(picture(cliff(), EN, 80, 14))
    text = text_of(picture(cliff(), EN, 80, 22))
    assert "misses per 1,000  ● random 350  ◆ in turn 998" in text


def test_predictions_are_kept_secret() -> None:
    def dots(rows: list[Row]) -> int:
        return sum(0x2800 < ord(char) < 0x2900 for char in text_of(rows))

    assert dots(picture(cliff(), EN, 80, 24)) > 80
    assert dots(picture(cliff(), EN, 80, 24, hidden=True)) == 0
    assert "predicted" not in text_of(picture(cliff(), EN, 80, 24, hidden=True))


def test_hues_tell_orders_apart() -> None:
    rows = picture(cliff(), EN, 80, 14)
    inks = {
        run.text.strip(): run.paint.ink for row in rows for run in row if run.text in ("●", "◆")
    }
    assert inks == {"●": "ksm-ink", "◆": "strong"}


def test_slower_than_expected_widens_the_scale() -> None:
    slow = Sweep("random", "ksm", "●", (Point(0.5, 40, 900),))
    text = text_of(picture(cliff(sweeps=(slow,)), EN, 80, 24))
    assert "\n   10 " in text
    assert cell_len(text.split("\n")[0]) == 80
