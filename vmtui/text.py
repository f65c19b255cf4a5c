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

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
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
    if cut:
        raw = raw[:limit]
    if raw.isascii():
        text = raw.decode("ascii")
        if not (text.isprintable() and "\\" not in text):
            text = "".join(map(_shown, text))
    else:
        text = "".join(map(_shown, raw.decode("utf-8", "surrogateescape")))
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
    if category in _UNSAFE or category == "Zs" or 0xFE00 <= code <= 0xFE0F:
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return char
