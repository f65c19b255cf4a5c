"""What is sent is less than Textual would send, and the terminal shows the same."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from vmtui.ui.frugal import Sent

WIDTH, HEIGHT, CUT = 24, 3, 10
CONSOLE = Console(color_system="truecolor", force_terminal=True, width=WIDTH)
STYLES = (Style.parse("red"), Style.parse("bold on blue"), Style())

Text = list[tuple[str, int]]


def strip_of(runs: Text, cells: int) -> Strip:
    """The runs, cut or filled to that many cells."""
    strip = Strip([Segment(text, STYLES[style]) for text, style in runs if text])
    return strip.adjust_cell_length(cells, STYLES[2])


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    return screen, pyte.Stream(screen)


def cells(screen: pyte.Screen) -> list[list[object]]:
    return [[screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


runs = st.lists(st.tuples(st.text("ab 漢█", max_size=6), st.integers(0, 2)), max_size=8)
halves = st.tuples(runs, runs)
frames = st.lists(st.tuples(st.integers(0, HEIGHT - 1), halves), max_size=8)


def whole(lines: list[list[Strip]]) -> LayoutUpdate:
    return LayoutUpdate([list(line) for line in lines], Region(0, 0, WIDTH, HEIGHT))


def partial(lines: list[list[Strip]], y: int) -> ChopsUpdate:
    chops = [dict(zip((0, CUT), line, strict=True)) for line in lines]
    return ChopsUpdate(chops, [(y, 0, WIDTH)], [[CUT, WIDTH]] * HEIGHT)


@given(st.lists(halves, min_size=HEIGHT, max_size=HEIGHT), frames)
def test_the_terminal_shows_what_a_full_repaint_would(
    first: list[tuple[Text, Text]], changes: list[tuple[int, tuple[Text, Text]]]
) -> None:
    lines = [[strip_of(left, CUT), strip_of(right, WIDTH - CUT)] for left, right in first]
    sent, (screen, stream) = Sent(), terminal()
    stream.feed(sent.reduced(whole(lines)).render_segments(CONSOLE))
    for y, (left, right) in changes:
        lines[y] = [strip_of(left, CUT), strip_of(right, WIDTH - CUT)]
        stream.feed(sent.reduced(partial(lines, y)).render_segments(CONSOLE))
    painted, painter = terminal()
    for y, (left_strip, right_strip) in enumerate(lines):
        painter.feed(f"\x1b[{y + 1};1H" + Strip.join([left_strip, right_strip]).render(CONSOLE))
    assert screen.display == painted.display
    assert cells(screen) == cells(painted)


def test_only_what_differs_is_sent() -> None:
    before = [[strip_of([("same", 0)], CUT), strip_of([("12345", 1), ("67890", 2)], WIDTH - CUT)]]
    lines = before * HEIGHT
    sent = Sent()
    sent.reduced(whole(lines)).render_segments(CONSOLE)
    assert sent.reduced(partial(lines, 1)).render_segments(CONSOLE) == ""
    lines = [*lines]
    lines[1] = [lines[1][0], strip_of([("12345", 1), ("67899", 2)], WIDTH - CUT)]
    text = sent.reduced(partial(lines, 1)).render_segments(CONSOLE)
    assert text.startswith(f"\x1b[2;{CUT + 6}H")
    assert "same" not in text and "12345" not in text and "67899" in text


def test_after_something_else_was_printed_lines_are_sent_whole() -> None:
    lines = [[strip_of([("left", 0)], CUT), strip_of([("right", 1)], WIDTH - CUT)]] * HEIGHT
    sent = Sent()
    sent.reduced(whole(lines)).render_segments(CONSOLE)
    other = "not an update of the compositor"
    assert sent.reduced(other) is other
    text = sent.reduced(partial(lines, 0)).render_segments(CONSOLE)
    assert "left" in text and "right" in text


def test_a_line_whose_widgets_have_moved_is_sent_whole() -> None:
    lines = [[strip_of([("left", 0)], CUT), strip_of([("right", 1)], WIDTH - CUT)]] * HEIGHT
    sent = Sent()
    sent.reduced(whole(lines)).render_segments(CONSOLE)
    chops = [{0: strip_of([("left", 0)], WIDTH)}] * HEIGHT
    moved = ChopsUpdate(chops, [(0, 0, WIDTH)], [[WIDTH]] * HEIGHT)
    assert "left" in sent.reduced(moved).render_segments(CONSOLE)
