"""The screen as a picture, in a new file of the state directory."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from vmtui.draw.paint import Paint
from vmtui.ui import svg
from vmtui.ui.places import new_file, state_directory

if TYPE_CHECKING:
    from vmtui.ui.app import VmtuiApp

_INK, _GROUND = "#c8c8c8", "#000000"
"""Of a terminal whose own colours are not known."""


def save(app: VmtuiApp, directory: Path | None = None) -> Path:
    """Write what is on screen into a new file of the state directory.

    Raises:
        OSError: the file cannot be made.
    """
    fd, path = new_file(directory or state_directory() / "screenshots", new_name("svg"))
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(picture_of(app))
    return path


def new_name(suffix: str, of: str = "") -> str:
    """A name for a file made now: `vmtui-20261124-044500-123.svg`."""
    number = time.monotonic_ns() % 1000
    what = f"{of}-" if of else ""
    return f"vmtui-{what}{time.strftime('%Y%m%d-%H%M%S')}-{number:03d}.{suffix}"


def picture_of(app: VmtuiApp, title: str = "vmtui") -> str:
    """What an app has on screen, as an SVG in the colours of its theme."""
    # the compositor's strips are what the terminal would get; there is no public way to them
    strips = app.screen._compositor.render_strips()
    style = app.palette.style(Paint())
    ink, ground = style.color, style.bgcolor
    return svg.picture(
        [list(strip) for strip in strips],
        ink=_INK if ink is None or ink.is_default else ink.get_truecolor().hex,
        ground=_GROUND if ground is None or ground.is_default else ground.get_truecolor().hex,
        title=title,
    )
