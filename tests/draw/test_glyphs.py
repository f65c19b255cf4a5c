"""The 7-bit stand-ins: pure ASCII, never another width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from vmtui.draw.glyphs import ASCII, EIGHTHS, UNICODE, to_ascii
from vmtui.draw.paint import Run


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Mn", "Me", "Cf")), max_size=30))
def test_ascii_is_pure_and_as_wide(text: str) -> None:
    shown = to_ascii(text)
    assert shown.isascii()
    assert len(shown) == sum(cell_len(char) for char in text)


def test_every_mark_of_the_interface_has_its_own_stand_in() -> None:
    marks = "▸▼▲◂●◆‖…─╌━│╎▔−–·×≈≠→«»Δ■▀▄" + EIGHTHS[1:]
    assert "?" not in to_ascii(marks)
    assert to_ascii("日本 é") == "???? e"
    assert len({to_ascii(char) for char in EIGHTHS}) >= 8


def test_a_line_keeps_its_height() -> None:
    assert to_ascii("⠁⠂⠄⡀⠉⣀⢸ ⠀") == "'-._'_|  "


def test_only_the_ascii_set_changes_anything() -> None:
    line = (Run("▸ x"),)
    assert UNICODE.row(line) is line
    assert ASCII.row(line)[0].text == "> x"
    assert ASCII.half_blocks is False and UNICODE.text("▸") == "▸"
