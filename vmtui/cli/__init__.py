"""The command line: one file per command; a command imports what it needs itself.

`main` starts in a few milliseconds: the command's own module is imported only once it is named,
and the interface only when it is opened. Every error becomes one sentence and an exit code here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from vmtui.cli.arguments import COMMANDS, STARTING, Parser, WrongUsage, app_parser
from vmtui.errors import NotPermitted, NotSupported, ProcessGone, VmtuiError
from vmtui.text import display

DONE, FAILED, USAGE, GONE, REFUSED, UNSUPPORTED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
"""Exit codes. A process ended by SIGTERM reports 143, as the shell does for every program."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and say how it went.

    Args:
        argv: the arguments after the program's name; None takes those of the process.

    Returns:
        The exit code: 0 done, 1 failed, 2 wrong usage, 3 no such process, 4 not permitted, 5 not
        supported here, 130 interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    words, started = _without_command(words)
    command = words[0] if words and words[0] in COMMANDS else ""
    try:
        code = _run(command, words, started)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except SystemExit as leaving:  # --help and --version, which have printed already
        return leaving.code if isinstance(leaving.code, int) else DONE
    except WrongUsage as error:
        return _fail(USAGE, command, str(error))
    except BrokenPipeError:
        _abandon_stdout()
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except VmtuiError as error:
        return _fail(_code(error), command, _sentence(error))
    except OSError as error:
        _abandon_stdout()
        return _fail(FAILED, command, f"{error.strerror or error}")
    except Exception as error:
        if os.environ.get("VMTUI_TRACEBACK"):
            raise
        return _fail(
            FAILED,
            command,
            f"unexpected {type(error).__name__}: {error}; VMTUI_TRACEBACK=1 shows where",
        )


def _run(command: str, words: list[str], started: list[str] | None) -> int:
    if started == []:
        raise WrongUsage("a command follows --, as in: vmtui -- sleep 60")
    if not command:
        arguments = app_parser().parse_args(words)
        arguments.started = started
        return int(import_module("vmtui.cli.app").run(arguments))
    module = import_module(f"vmtui.cli.{command}")
    parser = Parser(prog=f"vmtui {command}", description=COMMANDS[command])
    module.arguments(parser)
    arguments = parser.parse_args(words[1:])
    arguments.started = started
    return int(module.run(arguments))


def _without_command(words: list[str]) -> tuple[list[str], list[str] | None]:
    """What stands before `--`, and the command after it where vmtui starts one."""
    if "--" not in words or (words[0] in COMMANDS and words[0] not in STARTING):
        return words, None
    at = words.index("--")
    return words[:at], words[at + 1 :]


def _code(error: VmtuiError) -> int:
    match error:
        case ProcessGone():
            return GONE
        case NotPermitted():
            return REFUSED
        case NotSupported():
            return UNSUPPORTED
        case _:
            return FAILED


def _sentence(error: VmtuiError) -> str:
    if isinstance(error, NotPermitted):
        return f"{error}; {error.unlock}" if error.unlock else str(error)
    return str(error)


def _fail(code: int, command: str, sentence: str) -> int:
    if sys.stderr is not None:
        name = f"vmtui {command}".rstrip()
        print(f"{name}: {_safe(sentence)}", file=sys.stderr)  # noqa: T201
    return code


def _safe(sentence: str) -> str:
    """The sentence with nothing in it that a terminal obeys.

    Names in it are display text already; their backslashes are not doubled once more.
    """
    shown = display(sentence, limit=None)
    return sentence if shown.replace("\\\\", "\\") == sentence else shown


def _abandon_stdout() -> None:
    """Nobody reads any more: what is still buffered must not complain while Python exits."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
    except OSError:
        return
