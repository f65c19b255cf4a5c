"""Display text is printable, distinct for distinct names, and stays as it is."""

from __future__ import annotations

import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.hostile import PAYLOADS
from vmtui.text import NAME_LIMIT, display

_NEVER = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

tricky = st.lists(
    st.one_of(
        st.binary(max_size=4),
        st.characters().map(lambda char: char.encode("utf-8", "surrogatepass")),
        st.sampled_from([*PAYLOADS[:40], b"\\", b"\\x1b", b"\\u202e", b"x1b", b"\xe2\x80"]),
    ),
    max_size=6,
).map(b"".join)


def is_safe(text: str) -> bool:
    return text.isprintable() and not any(unicodedata.category(char) in _NEVER for char in text)


@given(tricky)
@settings(max_examples=500)
def test_display_text_holds_nothing_a_terminal_would_obey(raw: bytes) -> None:
    assert is_safe(display(raw, None))
    assert is_safe(display(raw))


@given(tricky, tricky)
@settings(max_examples=500)
@example(b"\x1b", b"\\x1b")
@example(b"\\x1b", b"\\\\x1b")
@example("\u202e".encode(), b"\\u202e")
@example(b"\x80", "\x80".encode())
@example("\U000e0041".encode(), "\u0e00A".encode() + b"41")
def test_two_names_never_look_the_same(one: bytes, other: bytes) -> None:
    assert (display(one, None) == display(other, None)) == (one == other)


def _read_back(text: str) -> bytes:
    """The only way to read an escaped name: what makes it injective."""
    raw, at = b"", 0
    digits = {"x": 2, "u": 4, "U": 8}
    while at < len(text):
        if text[at] != "\\":
            raw += text[at].encode()
            at += 1
        elif text[at + 1] == "\\":
            raw += b"\\"
            at += 2
        else:
            kind = text[at + 1]
            length = digits[kind]
            code = int(text[at + 2 : at + 2 + length], 16)
            raw += bytes([code]) if kind == "x" else chr(code).encode()
            at += 2 + length
    return raw


@given(tricky)
@settings(max_examples=500)
def test_the_name_can_be_read_back(raw: bytes) -> None:
    assert _read_back(display(raw, None)) == raw


@given(tricky)
def test_what_is_shown_can_be_shown_again(raw: bytes) -> None:
    once = display(raw, None)
    twice = display(once, None)
    assert is_safe(twice)
    if "\\" not in once:
        assert twice == once


@given(tricky)
def test_strings_with_surrogates_are_the_bytes_they_came_from(raw: bytes) -> None:
    assert display(raw.decode("utf-8", "surrogateescape")) == display(raw)


def test_payloads_are_safe_and_distinct() -> None:
    assert len(PAYLOADS) >= 40
    shown = [display(raw, None) for raw in PAYLOADS]
    assert all(map(is_safe, shown))
    assert len(set(shown)) == len(set(PAYLOADS))


def test_long_names_are_cut_where_they_are_long() -> None:
    assert display(b"N" * 4096) == "N" * NAME_LIMIT + "…"
    assert display(b"N" * NAME_LIMIT) == "N" * NAME_LIMIT
    assert display(b"\x1b" * 300, 2) == "\\x1b\\x1b…"


def test_a_cut_through_a_character_is_not_shown_as_broken_bytes() -> None:
    assert display("日本語".encode(), 4) == "日…"
    assert display("日本語".encode(), 1) == "…"


def test_ordinary_names_stay_as_they_are() -> None:
    assert display(b"postgres: writer [heap] 100%") == "postgres: writer [heap] 100%"
    assert display("データベース".encode()) == "データベース"
    assert cell_len(display("データ".encode())) == 6


def test_every_escape_says_what_it_stands_for() -> None:
    assert display(b"\xff") == "\\xff"
    assert display("\u202e".encode()) == "\\u202e"
    assert display("\U000e0041".encode()) == "\\U000e0041"
    assert display("\x9b".encode()) == "\\u009b"
    assert display(b"a\tb\nc\x7f") == "a\\x09b\\x0ac\\x7f"
    assert display(b"\\") == "\\\\"


def test_marks_stay_on_their_letter_and_do_not_pile_up() -> None:
    assert display("e\u0301".encode()) == "e\u0301"
    assert display("\u0301x".encode()) == "\\u0301x"
    assert display("1\u0301".encode()) == "1\\u0301"
    assert display("a\u0301\u0302\u0303".encode()) == "a\u0301\u0302\\u0303"
    assert display("นี้".encode()) == "นี้"


def test_what_the_eye_cannot_see_is_written_out() -> None:
    for char in "\u00a0\u3164\u2800\ufe0f\U000e0100\u180b\u034f":
        shown = display(f"a{char}b".encode())
        assert shown.isascii(), shown
