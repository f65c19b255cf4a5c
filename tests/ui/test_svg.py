"""Pictures of screens: every cell in its place, wide ones twice as wide, nothing but text in it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from rich.segment import Segment
from rich.style import Style

from tests.hostile import PAYLOADS
from vmtui.draw.shapes import HEIGHT, WIDTH
from vmtui.text import display
from vmtui.ui import svg

BLUE, RED = Style.parse("#0000ff on #101010"), Style.parse("bold #ff0000 on #101010")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(*lines: list[Segment]) -> ElementTree.Element:
    return ElementTree.fromstring(svg.picture(lines, ink="#ffffff", ground="#101010"))


def pieces(picture: ElementTree.Element) -> dict[str, tuple[int, int, int]]:
    """By what is written: cell, line, cells. What is anchored in its middle has two."""
    found = {}
    for text in picture.iter(f"{SVG}text"):
        x, y = int(text.get("x", "")) // WIDTH, int(text.get("y", "")) // HEIGHT
        if text.get("text-anchor") == "middle":
            found[text.text or ""] = (x - 1, y, 2)
        else:
            found[text.text or ""] = (x, y, int(text.get("textLength", "")) // WIDTH)
    return found


def test_words_stand_in_their_cells() -> None:
    picture = drawn([Segment("  one two   three", BLUE)], [Segment("x", BLUE), Segment(" y", RED)])
    found = pieces(picture)
    assert found == {
        "one two": (2, 0, 7), "three": (12, 0, 5), "x": (0, 1, 1), "y": (2, 1, 1),
    }  # fmt: skip
    assert picture.get("viewBox") == f"0 0 {17 * WIDTH} {2 * HEIGHT}"
    groups = {group.get("fill"): group.get("font-weight") for group in picture.iter(f"{SVG}g")}
    assert groups["#0000ff"] is None and groups["#ff0000"] == "bold"


def test_japanese_is_two_cells_wide_and_what_follows_stays_in_place() -> None:
    found = pieces(drawn([Segment("a日本語b – c", BLUE)]))
    assert [found[char] for char in "日本語"] == [(1, 0, 2), (3, 0, 2), (5, 0, 2)]
    assert found["b"] == (7, 0, 1)
    assert found["–"] == (9, 0, 1) and found["c"] == (11, 0, 1)


def test_rows_of_blocks_meet() -> None:
    picture = drawn([Segment("██▄", BLUE)], [Segment("███", BLUE)])
    (path,) = [one for one in picture.iter(f"{SVG}path") if one.get("fill") == "#0000ff"]
    assert path.get("d") == (
        f"M0 0h{2 * WIDTH}v{HEIGHT}h{-2 * WIDTH}z"
        f"M{2 * WIDTH} {HEIGHT // 2}h{WIDTH}v{HEIGHT // 2}h{-WIDTH}z"
        f"M0 {HEIGHT}h{3 * WIDTH}v{HEIGHT}h{-3 * WIDTH}z"
    )
    (group,) = [one for one in picture.iter(f"{SVG}g") if path in list(one)]
    assert group.get("shape-rendering") == "crispEdges"
    assert not list(picture.iter(f"{SVG}text"))


def test_reversed_text_swaps_its_colours() -> None:
    picture = drawn([Segment("on", Style.parse("reverse #00ff00 on #101010"))])
    assert "#00ff00" in {path.get("fill") for path in picture.iter(f"{SVG}path")}
    assert "#101010" in {group.get("fill") for group in picture.iter(f"{SVG}g")}


@pytest.mark.parametrize("raw", PAYLOADS, ids=range(len(PAYLOADS)))
def test_hostile_names_are_text(raw: bytes) -> None:
    name = display(raw)
    picture = drawn([Segment(name, BLUE)])
    assert {one.tag.removeprefix(SVG) for one in picture.iter()} <= {
        "svg", "title", "rect", "g", "path", "text",
    }  # fmt: skip
    written = "".join(text.text or "" for text in picture.iter(f"{SVG}text"))
    assert written.replace(" ", "") == name.replace(" ", "")
