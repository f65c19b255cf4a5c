"""A text is parsed once as long as it stays the same."""

from __future__ import annotations

import os

import pytest

from vmtui.errors import ParseError
from vmtui.kernel import maps, smaps
from vmtui.kernel.parsed import Parsed
from vmtui.kernel.target import Target


def test_equal_texts_are_parsed_once_and_others_anew() -> None:
    asked = []

    def parse(raw: bytes) -> list[bytes]:
        asked.append(raw)
        return raw.split()

    parsed = Parsed(parse)
    first = parsed(b"a b")
    assert parsed(b"a" + b" b") is first
    assert parsed(b"c") == [b"c"]
    assert parsed(b"a b") == first
    assert asked == [b"a b", b"c", b"a b"]


def test_a_text_that_cannot_be_parsed_is_not_kept() -> None:
    parsed = Parsed(maps.parse)
    for _ in range(2):
        with pytest.raises(ParseError):
            parsed(b"no map\n")
    assert not len(parsed(b""))


def test_smaps_and_maps_of_the_same_moment_share_what_is_parsed() -> None:
    lines = Parsed(maps.parse_lines)
    with Target(os.getpid()) as target:
        for _ in range(10):  # this process may map something meanwhile
            found = maps.whole(lines(target.read("maps")))
            figures = smaps.read(target, lines)
            if figures.maps is found:
                break
    assert figures.maps is found
    assert len(figures) == len(found)
