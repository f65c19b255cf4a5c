"""`vmtui replay FILE`: every screen on a recording; nothing of this machine is read."""

from __future__ import annotations

import argparse
from pathlib import Path

from vmtui.cli.arguments import WrongUsage, above_zero
from vmtui.cli.progress import Progress
from vmtui.observe import when
from vmtui.record.reader import Recording
from vmtui.ui import settings, terminal


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a recording")
    parser.add_argument(
        "--at",
        metavar="TIME",
        help="begin there: seconds from its first sample, " + when.FORMS.replace("%", "%%"),
    )
    parser.add_argument(
        "--speed", metavar="N", type=above_zero, help="play at once, N seconds of it in a second"
    )
    parser.add_argument("--theme", metavar="NAME", help="as of the app")
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")


def run(arguments: argparse.Namespace) -> int:
    """Open the app on the recording; what it returned is the exit code.

    Raises:
        VmtuiError: the file cannot be replayed.
        WrongUsage: the time is none, a setting makes no sense, or there is no terminal.
    """
    with Progress("opening the recording"):
        at = None if arguments.at is None else _moment(arguments.file, arguments.at)
        try:
            chosen = settings.load({"theme": arguments.theme, "ascii": arguments.ascii or None})
            terminal.examine()
        except (settings.SettingsError, terminal.NoTerminal) as error:
            raise WrongUsage(str(error)) from error
        from vmtui.ui.replaying import feed_of
        from vmtui.ui.start import start_replay

        feed = feed_of(arguments.file, at, arguments.speed or 1.0)
    return start_replay(chosen, arguments.file, feed, at=at, speed=arguments.speed)


def _moment(path: Path, typed: str) -> float:
    with Recording(path) as recording:
        first, last = recording.span
    found = when.moment(typed, first, last, first, bare_seconds=True)
    if found is None:
        raise WrongUsage(f"--at {typed}: a time is seconds from the first sample, {when.FORMS}")
    return found
