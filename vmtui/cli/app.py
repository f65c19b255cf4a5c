"""`vmtui` without a command: the full-screen app, once everything it needs is known to be there."""

from __future__ import annotations

import argparse

from vmtui.cli.arguments import WrongUsage
from vmtui.errors import ProcessGone
from vmtui.kernel import identity
from vmtui.kernel.target import Target
from vmtui.text import display
from vmtui.ui import settings, terminal

_LISTED = 8


def run(arguments: argparse.Namespace) -> int:
    """Open the app, on a process if one was named; what it returned is the exit code.

    A command after `--` is started for it, stopped until it has been seen and recorded.

    Raises:
        ProcessGone, NotPermitted: of the process that was named.
        WrongUsage: several have that name, a setting makes no sense, or there is no terminal.
    """
    try:
        chosen = settings.load(
            {
                "interval": arguments.interval,
                "theme": arguments.theme,
                "ascii": arguments.ascii or None,
                "mouse": False if arguments.no_mouse else None,
            }
        )
        pid = _pid(arguments)
        if pid is not None and arguments.started is not None:
            raise WrongUsage("a process that runs, or a command after --: one of them")
        terminal.examine()
    except (settings.SettingsError, terminal.NoTerminal) as error:
        raise WrongUsage(str(error)) from error
    from vmtui.ui.start import start, start_on_command

    if arguments.started is not None:
        return start_on_command(chosen, arguments.started, readonly=arguments.readonly)
    return start(chosen, pid=pid, readonly=arguments.readonly)


def _pid(arguments: argparse.Namespace) -> int | None:
    """The process that was asked for, which exists; None when none was."""
    pid: int | None = arguments.pid if arguments.pid is not None else arguments.pid_option
    if arguments.name is not None:
        pid = _named(arguments.name)
    if pid is not None:
        Target(pid).close()
    return pid


def _named(name: str) -> int:
    if not name:
        raise WrongUsage("--name needs a name")
    found = identity.find(name)
    if not found:
        raise ProcessGone(f"no process is called «{display(name, 40)}»")
    if len(found) > 1:
        listed = ", ".join(map(str, found[:_LISTED])) + (", …" if len(found) > _LISTED else "")
        raise WrongUsage(
            f"{len(found)} processes are called «{display(name, 40)}»: {listed}; name one with -p"
        )
    return found[0]
