"""What is sent of a changed line, put over what the terminal held, is the line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from vmtui.ui.frugal import differing

COLUMN = 7
STYLES = (Style(), Style(bold=True), Style(color="red"))
TEXTS = ("a", "bb", "   ", "日本", "e\u0301", "figure 12", "▁▂▃")

pairs = st.tuples(st.sampled_from(TEXTS), st.sampled_from(STYLES))
segments = st.lists(pairs.map(lambda pair: Segment(*pair)), max_size=12)

Cell = tuple[str, Style | None]


def cells(strip: Strip) -> list[Cell]:
    """A cell each; the second half of a wide character is empty."""
    found: list[Cell] = []
    for segment in strip:
        text = Strip([segment])
        for at in range(text.cell_length):
            found.append((f"{segment.text}:{at}", segment.style))
    return found


def painted(before: Strip, now: Strip) -> list[Cell]:
    screen = cells(before)
    screen += [("", None)] * (now.cell_length - len(screen))
    for start, changed in differing(before, now, COLUMN):
        new = cells(Strip(changed))
        screen[start - COLUMN : start - COLUMN + len(new)] = new
    return screen[: now.cell_length]


@given(segments, segments)
def test_the_terminal_holds_the_line(before: list[Segment], now: list[Segment]) -> None:
    assert painted(Strip(before), Strip(now)) == cells(Strip(now))


@given(segments)
def test_nothing_is_sent_of_an_equal_line(line: list[Segment]) -> None:
    assert differing(Strip(line), Strip(list(line)), COLUMN) == []


def test_an_unknown_line_is_sent_whole() -> None:
    line = Strip([Segment("ab"), Segment("cd")])
    assert differing(None, line, COLUMN) == [(COLUMN, list(line))]


def test_one_figure_of_a_long_line_is_sent_alone() -> None:
    before = Strip([Segment("x" * 30), Segment("17"), Segment("y" * 30)])
    now = Strip([Segment("x" * 30), Segment("18"), Segment("y" * 30)])
    assert differing(before, now, COLUMN) == [(COLUMN + 30, [Segment("18")])]
