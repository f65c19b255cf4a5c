"""A film of the app as an asciicast v2: of each moment only the lines that changed.

The format of asciinema: a header, then `[seconds, "o", what the terminal is sent]`, a line each,
and `[seconds, "m", label]` for a mark.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

_CLEAR = "\x1b[?25l\x1b[?7l\x1b[0m\x1b[2J"
"""No cursor, no wrapping at the right edge, an empty screen."""
_END = "\x1b[0m\x1b[?7h\x1b[?25h"

Line = tuple[tuple[str, Style], ...]


class Asciicast:
    """Writes one film."""

    def __init__(
        self, write: Callable[[bytes], Any], size: tuple[int, int], began: float, title: str
    ) -> None:
        """Write the header.

        Args:
            write: takes the parts, whole lines each.
            size: columns and lines.
            began: wall clock of the first moment.
            title: display text.
        """
        self._write = write
        self._shown: list[Line] = []
        self._styles: dict[Style, str] = {}
        columns, lines = size
        head = {
            "version": 2, "width": columns, "height": lines, "timestamp": int(began),
            "title": title, "env": {"TERM": "xterm-256color", "SHELL": "/bin/sh"},
        }  # fmt: skip
        self._say(head)

    def add(self, seconds: float, lines: Iterable[Sequence[Segment]]) -> int:
        """A moment; nothing is written where nothing changed.

        Args:
            seconds: since the beginning of the film.
            lines: the screen, one sequence of segments a line.

        Returns:
            How many lines were sent.
        """
        now = [_line(segments) for segments in lines]
        sent, out = 0, "" if self._shown else _CLEAR
        for y, line in enumerate(now):
            if self._shown[y : y + 1] != [line]:
                out += f"\x1b[{y + 1};1H" + "".join(self._painted(*part) for part in line)
                sent += 1
        self._shown = now
        if out:
            self._say([round(seconds, 3), "o", out])
        return sent

    def mark(self, seconds: float, label: str) -> None:
        """A point that players show on their bar; `label` is display text."""
        self._say([round(seconds, 3), "m", label])

    def end(self, seconds: float) -> None:
        """The terminal as it was found; the last moment stays that long."""
        self._say([round(seconds, 3), "o", _END])

    def _painted(self, text: str, style: Style) -> str:
        codes = self._styles.get(style)
        if codes is None:
            whole = style.render("x", color_system=ColorSystem.TRUECOLOR)
            codes = self._styles[style] = whole.partition("x")[0]
        return f"\x1b[0m{codes}{text}"

    def _say(self, value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False)
        self._write(text.encode("utf-8", "surrogateescape") + b"\n")


def _line(segments: Sequence[Segment]) -> Line:
    """A line with equal neighbours joined: links and other meta data of the app left out."""
    joined: list[tuple[str, Style]] = []
    for text, style, control in segments:
        if control or not text:
            continue
        plain = _plain(style)
        if joined and joined[-1][1] == plain:
            joined[-1] = joined[-1][0] + text, plain
        else:
            joined.append((text, plain))
    return tuple(joined)


def _plain(style: Style | None) -> Style:
    if style is None:
        return Style()
    return Style(
        color=style.color, bgcolor=style.bgcolor, bold=style.bold, dim=style.dim,
        underline=style.underline, reverse=style.reverse, italic=style.italic,
    )  # fmt: skip
