"""Which commands there are, and the arguments they share."""

from __future__ import annotations

import argparse
import math
from typing import NoReturn

from vmtui import __version__

COMMANDS = {
    "ps": "Processes: who has how much memory, and who faults.",
    "maps": "The VMAs of a process with every figure of smaps.",
    "pages": "The states of a process's pages, per VMA or per range of addresses.",
    "symbols": "What of each program and library is in memory: sections, functions, by name.",
    "page": "One page: its walk, entry and frame, who shares it, its swap slot, file and symbol.",
    "machine": "Memory of the whole machine: a sum that adds up, rates, pressure, swap.",
    "lab": "Experiments: predicted, run on this kernel, compared page by page.",
    "record": "A recording of the machine, and of processes with all their pages, in one file.",
    "replay": "A recording on every screen, as it was: without rights, on any machine.",
    "export": "A recording for other programs: tables, pictures, films, traces, metrics.",
    "diff": "What two moments differ in, of one recording or two, each VMA with its cause.",
    "cleanup": "Put back what an experiment left that was cut off together with its janitor.",
    "doctor": "What can be seen here, what cannot, and the step that would unlock it.",
    "fields": "Every metric: what it means, where it comes from, the shell line that agrees.",
}
"""Commands by name, each with its summary; `vmtui/cli/NAME.py` holds one."""

STARTING = ("record",)
"""Those that start a command of the user's, which follows `--`; the app does so too."""


class WrongUsage(Exception):
    """The command line makes no sense; the message says what would."""


class Parser(argparse.ArgumentParser):
    """Argparse with its errors as one sentence, and no guessed abbreviations."""

    def __init__(
        self, *, prog: str, description: str, epilog: str = "", usage: str | None = None
    ) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Raise WrongUsage instead of printing the usage and leaving."""
        raise WrongUsage(f"{message}; `{self.prog} --help` shows how to use it")


_ON_A_COMMAND = """\
vmtui -- CMD… starts the command stopped, opens the app on it, and records it
from its first page until it ends. It runs in a session of its own, with nothing
to read; its output goes to a new file, which is told. Quitting asks: it goes on
without vmtui, or is ended. When vmtui itself is killed, it goes on.
"""


def app_parser() -> Parser:
    """The arguments of the full-screen app."""
    parser = Parser(
        prog="vmtui",
        usage="vmtui [options] [PID | -p PID | --name NAME | -- CMD…]",
        description="A memory observatory for Linux: processes, VMAs and every page of them, live.",
        epilog=_ON_A_COMMAND
        + "\ncommands (each prints and ends; `vmtui COMMAND --help`):\n"
        + "\n".join(f"  {name:9}{summary}" for name, summary in COMMANDS.items()),
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "pid", nargs="?", type=_pid_or_command, metavar="PID", help="open this process"
    )
    which.add_argument(
        "-p",
        "--pid",
        dest="pid_option",
        type=pid,
        metavar="PID",
        help="open this process; PID alone does the same",
    )
    which.add_argument("--name", metavar="NAME", help="open the process of this name")
    parser.add_argument("--readonly", action="store_true", help="offer nothing that changes others")
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    parser.add_argument("--theme", metavar="NAME", help="dark, light, projector or projector-light")
    parser.add_argument(
        "--interval", type=seconds, metavar="S", help="seconds between two readings (default 1)"
    )
    parser.add_argument("--version", action="version", version=f"vmtui {__version__}")
    return parser


def add_output(parser: argparse.ArgumentParser) -> None:
    """The choice of output that every command offers."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON document")
    form.add_argument("--jsonl", action="store_true", help="one JSON document a line, every tick")
    form.add_argument("--csv", action="store_true", help="comma-separated values")
    parser.add_argument(
        "--interval", type=seconds, metavar="S", help="seconds between ticks (with --jsonl)"
    )
    parser.add_argument("--count", type=positive, metavar="N", help="ticks (with --jsonl)")


def pid(word: str) -> int:
    """A process id."""
    if not (word.isascii() and word.isdigit() and 0 < int(word) < 1 << 31):
        raise argparse.ArgumentTypeError(f"{word!r} is not a process id")
    return int(word)


def _pid_or_command(word: str) -> int:
    try:
        return pid(word)
    except argparse.ArgumentTypeError as error:
        if word in COMMANDS:
            raise argparse.ArgumentTypeError(f"a command comes first: vmtui {word} …") from error
        commands = ", ".join(COMMANDS)
        raise argparse.ArgumentTypeError(
            f"{word!r} is neither a process id nor a command ({commands})"
        ) from error


def seconds(word: str) -> float:
    """A time span above zero, in seconds."""
    try:
        span = float(word)
    except ValueError:
        span = math.nan
    if not 0 < span < 1e6:
        raise argparse.ArgumentTypeError(f"{word!r} is not a number of seconds above 0")
    return span


def above_zero(word: str) -> float:
    """A number above zero."""
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{word!r} is not a number above 0")
    return number


def positive(word: str) -> int:
    """A count above zero."""
    if not (word.isascii() and word.isdigit() and int(word) > 0):
        raise argparse.ArgumentTypeError(f"{word!r} is not a count above 0")
    return int(word)
