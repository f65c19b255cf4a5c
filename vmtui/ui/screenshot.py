"""The screen as a picture: Textual's SVG, with Japanese at its full width."""

from __future__ import annotations

import os
import re
import time
from html import unescape
from pathlib import Path

from rich.cells import cell_len
from textual.app import App

from vmtui.ui.places import new_file, state_directory

_TEXT = re.compile(r'textLength="([\d.]+)"([^>]*)>([^<]*)<')


def save(app: App[int], directory: Path | None = None) -> Path:
    """Write what is on screen into a new file of the state directory.

    Raises:
        OSError: the file cannot be made.
    """
    name = f"vmtui-{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns() % 1000:03d}.svg"
    picture = wide_text(app.export_screenshot(title="vmtui", simplify=True))
    fd, path = new_file(directory or state_directory() / "screenshots", name)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(picture)
    return path


def wide_text(svg: str) -> str:
    """Rich measures text in characters; a Japanese one takes two cells."""

    def widened(match: re.Match[str]) -> str:
        length, rest, text = match.groups()
        plain = unescape(text)
        cells = float(length) / max(1, len(plain)) * cell_len(plain)
        return f'textLength="{cells:g}"{rest}>{text}<'

    return _TEXT.sub(widened, svg)
