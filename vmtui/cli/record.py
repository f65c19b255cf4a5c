"""`vmtui record`: the machine and chosen processes into a file, until told to stop."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

from vmtui.cli.arguments import WrongUsage, pid, seconds
from vmtui.cli.output import write
from vmtui.errors import VmtuiError
from vmtui.kernel import host

if TYPE_CHECKING:
    pass

_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
LEAST_INTERVAL = 0.1

_ON_A_COMMAND = """\
vmtui record [options] -- CMD… starts the command stopped, records it from its
first page until it ends, and exits with its exit code. It has the terminal;
what vmtui says goes to stderr. Ctrl-C reaches the command alone; SIGTERM ends
the recording and is passed on.
"""


def span(word: str) -> float:
    """A time span such as 90, 30s, 10m, 1h or 2d, in seconds."""
    match = _SPAN.fullmatch(word)
    length = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not 0 < length < 1e9:
        raise argparse.ArgumentTypeError(f"{word!r} is no time span: 30s, 10m, 1h, 2d")
    return length


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.epilog = _ON_A_COMMAND
    parser.add_argument(
        "pids", nargs="*", type=pid, metavar="PID", help="processes to record with all their pages"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="a new file (default: vmtui-HOST-….vmtui here)"
    )
    parser.add_argument(
        "--interval", type=seconds, default=1.0, metavar="S", help="between two ticks (default 1)"
    )
    parser.add_argument(
        "--duration", type=span, metavar="TIME", help="stop after 30s, 10m, … (default: on Ctrl-C)"
    )
    parser.add_argument(
        "--keep", type=span, metavar="TIME", help="keep only the last 10m, 1h, …: a small file"
    )
    parser.add_argument(
        "--machine-only", action="store_true", help="the machine and the process list, no process"
    )


def run(arguments: argparse.Namespace) -> int:
    """Record; one line at the end says how much."""
    if arguments.machine_only and (arguments.pids or arguments.started):
        raise WrongUsage("--machine-only records no process in depth: leave the PIDs out")
    if arguments.interval < LEAST_INTERVAL:
        raise WrongUsage(f"--interval is {LEAST_INTERVAL} seconds at least")
    from vmtui.record.place import default_name

    path = arguments.output or default_name(host.read().name)
    if arguments.started is not None:
        from vmtui.cli import record_command

        return record_command.run(arguments, path)
    from vmtui.record.recorder import Recorder

    recorder = Recorder(
        path, arguments.pids, interval=arguments.interval, keep=arguments.keep or 0.0
    )

    def finish(_number: int, _frame: FrameType | None) -> None:
        recorder.finish()

    before = {number: signal.signal(number, finish) for number in _ENDING}
    try:
        recorder.run(arguments.duration)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if recorder.progress.ticks:
        write(recorder.progress.line)
    if recorder.progress.failure:
        if sys.stdout is not None:
            sys.stdout.flush()
        raise VmtuiError(recorder.progress.failure)
    return 0


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
