"""Pictures of cells: blocks and lines meet without seams, colours are the palette's."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageFont

from tests.screenshots.raster import FONTS, rasterise_rows
from vmtui.draw.paint import Paint, Run
from vmtui.ui.palette import Palette


@pytest.fixture(autouse=True)
def _font() -> None:
    try:
        ImageFont.truetype(FONTS[0], 12)
    except OSError:
        pytest.skip(f"no {FONTS[0]} on this machine (Debian: fonts-dejavu-core)")


def test_blocks_meet_without_seams(tmp_path: Path) -> None:
    palette, path = Palette(), tmp_path / "cells.png"
    block = Paint("anon", "file")
    rasterise_rows([(Run("▀▀", block),), (Run("▄", block), Run("█", block))], palette, path)
    image = Image.open(path).convert("RGB")
    assert image.size == (20, 40)
    column = [image.getpixel((9, y)) for y in range(40)]
    anon, file = palette.rgb("anon"), palette.rgb("file")
    assert column == [anon] * 10 + [file] * 20 + [anon] * 10
    assert {image.getpixel((15, y)) for y in range(20, 40)} == {anon}


def test_braille_is_dots_and_text_is_ink(tmp_path: Path) -> None:
    palette, path = Palette("vmtui-light"), tmp_path / "text.png"
    rasterise_rows([(Run("⡀", Paint("anon-ink")), Run("M", Paint("strong")))], palette, path)
    image = Image.open(path).convert("RGB")
    assert image.getpixel((2, 17)) == palette.rgb("anon-ink")
    assert image.getpixel((7, 5)) == palette.rgb("ground")
    letter = image.convert("L").crop((10, 0, 20, 20))
    assert min(letter.tobytes()) < 60
