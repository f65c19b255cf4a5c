"""Blocks and dots meet without gaps, on whole units."""

from __future__ import annotations

import pytest

from vmtui.draw.shapes import HEIGHT, WIDTH, dots, is_shape, rectangles


@pytest.mark.parametrize("eighths", range(1, 9))
def test_a_bar_stands_on_the_ground(eighths: int) -> None:
    ((left, top, width, height),) = rectangles("▁▂▃▄▅▆▇█"[eighths - 1])
    assert (left, width, height * 8) == (0, WIDTH, HEIGHT * eighths)
    assert top + height == HEIGHT


def test_halves_are_a_whole() -> None:
    for one, other in ("▀▄", "▌▐"):
        (first,), (second,) = rectangles(one), rectangles(other)
        assert first[2] * first[3] + second[2] * second[3] == WIDTH * HEIGHT


def test_lines_reach_both_edges() -> None:
    for char in "─━":
        ((left, _, width, _),) = rectangles(char)
        assert (left, width) == (0, WIDTH)
    ((_, top, _, height),) = rectangles("│")
    assert (top, height) == (0, HEIGHT)


def test_every_dot_of_braille_is_at_its_place() -> None:
    every = [dots(chr(0x2800 | 1 << bit)) for bit in range(8)]
    assert sorted(sum(every, ())) == sorted(dots("⣿"))
    assert len(set(dots("⣿"))) == 8
    assert list(dots("⠇")) == [(3, 3), (3, 9), (3, 15)]
    assert dots("a") == () and dots("⠀") == ()


def test_letters_are_not_drawn() -> None:
    assert not any(map(is_shape, "aé日–×»(•◆"))
    assert all(map(is_shape, "▁█▀▔▌▐■─━│╌╎⠀⣿"))
