r"""Untrusted bytes become display text here, and nowhere else.

Process names, command lines, paths and cgroup names are chosen by whoever runs the process. A
terminal obeys escape sequences in them and Textual obeys markup, so no widget, message or table
cell takes a raw name: it takes `DisplayText`, which only this module makes. The text is printable,
holds no control, format or private character, and is injective: two different names never look
the same (a backslash is doubled, so `\x1b` on screen is always an escaped byte).
"""

from __future__ import annotations

import unicodedata
from typing import NewType

DisplayText = NewType("DisplayText", str)
"""Text that is safe to paint. Made by `display`, or by `plain` from the program's own words."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Me", "Zl", "Zp"})
_INVISIBLE = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))
) | frozenset(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
"""Fillers and variation selectors: letters and marks to Unicode, nothing to the eye."""
_MARKS_PER_LETTER = 2
NAME_LIMIT = 256
"""Bytes of a name that are shown; the rest is cut with `…`."""


def display(raw: bytes | str, limit: int | None = NAME_LIMIT) -> DisplayText:
    """`raw` as printable text: bad UTF-8 as `\\xNN`, other unsafe characters as `\\uNNNN`.

    `limit` cuts after that many bytes (never inside an escape) and marks the cut with `…`; None
    keeps everything, which is what makes the text injective.
    """
    if isinstance(raw, str):
        raw = raw.encode("utf-8", "surrogateescape")
    cut = limit is not None and len(raw) > limit
    if limit is not None and cut:
        end = limit
        while max(0, limit - 3) < end and raw[end] & 0xC0 == 0x80:
            end -= 1  # not in the middle of a character
        raw = raw[:end]
    if raw.isascii():
        text = raw.decode("ascii")
        if not (text.isprintable() and "\\" not in text):
            text = "".join(map(_shown, text))
    else:
        text = _with_marks(raw.decode("utf-8", "surrogateescape"))
    return DisplayText(text + "…" if cut else text)


def plain(own_words: str) -> DisplayText:
    """The program's own words, which need no cleaning. Never call this with a name."""
    return DisplayText(own_words)


def _shown(char: str) -> str:
    code = ord(char)
    if char == "\\":
        return "\\\\"
    if 0x20 <= code < 0x7F:
        return char
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8, by surrogateescape
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    category = unicodedata.category(char)
    return _escaped(code) if category in _UNSAFE or category == "Zs" or char in _INVISIBLE else char


def _with_marks(text: str) -> str:
    """Marks stay on a letter, two at most: others would pile up or join what stands before."""
    shown, marks = [], _MARKS_PER_LETTER
    for char in text:
        if char > "\u02ff" and unicodedata.category(char) == "Mn":
            marks += 1
            shown.append(_shown(char) if marks <= _MARKS_PER_LETTER else _escaped(ord(char)))
        else:
            marks = 0 if char.isalpha() else _MARKS_PER_LETTER
            shown.append(_shown(char))
    return "".join(shown)


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
