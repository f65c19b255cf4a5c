"""What the terminal can show: colours, glyphs, size; and when there is none at all.

Textual draws on stderr and reads stdin; without a terminal there it hangs, and it colours even
`TERM=dumb`. So both are looked at before it is imported. Knows no Textual.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from vmtui.errors import VmtuiError
from vmtui.text import display

SMALLEST = (60, 15)
"""Columns and lines below which a card is shown instead of a screen."""

_TRUE_COLOR = ("direct", "kitty", "ghostty", "alacritty", "foot", "wezterm", "contour")
_NO_COLOR = ("vt52", "vt100", "vt102", "vt220", "vt320", "vt420", "xterm-mono")
_REMOTE = ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")


class NoTerminal(VmtuiError):
    """There is nothing a full-screen app could draw on: wrong usage, exit code 2."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What was found out."""

    depth: str
    """truecolor, 256, 16 or mono."""
    ascii: bool
    """Whether only ASCII can be relied on."""


def examine(environ: Mapping[str, str] = os.environ, fds: tuple[int, int] = (0, 2)) -> Terminal:
    """What the terminal of this process can show.

    Args:
        environ: TERM, COLORTERM, NO_COLOR, the SSH and the locale variables.
        fds: where keys come from and where the screen goes.

    Raises:
        NoTerminal: one of the two is no terminal, or TERM cannot move a cursor.
    """
    if not all(map(os.isatty, fds)):
        raise NoTerminal(
            "the full-screen app needs a terminal on stdin and stderr; "
            "`vmtui ps` and `vmtui maps PID` print the same numbers without one"
        )
    term = environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        raise NoTerminal(
            f"TERM is «{display(term)}», which cannot show a full screen; "
            "`vmtui ps` and `vmtui maps PID` print the same numbers as text"
        )
    return Terminal(depth_of(environ), only_ascii(environ))


def depth_of(environ: Mapping[str, str]) -> str:
    """The colours to use: what NO_COLOR, COLORTERM, TERM and SSH say, in this order."""
    term = environ.get("TERM", "")
    if environ.get("NO_COLOR") or term.startswith(_NO_COLOR) or term.endswith("-m"):
        return "mono"
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "truecolor"
    if any(name in term for name in _TRUE_COLOR):
        # a full repaint is 40 % larger in true colour: on a line, 256 unless it was asked for
        return "256" if any(environ.get(name) for name in _REMOTE) else "truecolor"
    return "256" if "256color" in term else "16"


def only_ascii(environ: Mapping[str, str]) -> bool:
    """Whether the locale is not UTF-8, or the font is the console's, which has no braille."""
    if environ.get("TERM") == "linux":
        return True
    chosen = (environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next((value for value in chosen if value), "C")
    return "utf8" not in locale.lower().replace("-", "")


def is_too_small(columns: int, lines: int) -> bool:
    """Whether a screen would have to leave out what it is about."""
    return columns < SMALLEST[0] or lines < SMALLEST[1]


def too_small_words(columns: int, lines: int) -> str:
    """The card shown then."""
    return (
        f"vmtui needs {SMALLEST[0]} columns and {SMALLEST[1]} lines.\n"
        f"This terminal has {columns} × {lines}."
    )
