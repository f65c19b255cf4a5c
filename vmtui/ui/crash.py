"""What an unhandled exception leaves behind: a log in the state directory and one line."""

from __future__ import annotations

import os
import platform
import time
import traceback
from pathlib import Path

from vmtui import __version__
from vmtui.errors import VmtuiError
from vmtui.text import display
from vmtui.ui.places import new_file, state_directory


def one_line(error: BaseException) -> str:
    """The cause, and where it was raised; safe to print whatever the message holds."""
    words = str(display(str(error).partition("\n")[0], 200))
    if isinstance(error, VmtuiError):
        return words
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name} line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{': ' if words else ''}{words}{where}"


def write_log(error: BaseException, directory: Path | None = None) -> Path | None:
    """The traceback in a new file that only its owner can read; None where that fails."""
    name = f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    lines = "".join(traceback.format_exception(error)).splitlines()
    head = f"vmtui {__version__}, Python {platform.python_version()}, {platform.platform()}"
    try:
        fd, path = new_file(directory or state_directory(), name)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write("\n".join([head, *(display(line, None) for line in lines), ""]))
    except OSError:
        return None
    return path


def report(error: BaseException) -> str:
    """One line for the user: the cause and where the rest is."""
    path = write_log(error)
    rest = f"; details in {display(str(path))}" if path else ""
    return f"vmtui: {one_line(error)}{rest}"
