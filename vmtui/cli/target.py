"""Opening the process a command is about, and saying in one sentence why it has nothing to show."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from vmtui.cli.arguments import pid
from vmtui.errors import ProcessGone, VmtuiError
from vmtui.kernel import stat
from vmtui.kernel.target import Target


def add_target(parser: argparse.ArgumentParser) -> None:
    """The PID that the command takes."""
    parser.add_argument("pid", type=pid, metavar="PID", help="the process")


@contextmanager
def opened(number: int) -> Iterator[Target]:
    """A process that has memory of its own.

    Raises:
        ProcessGone: there is none of that number, or it is a zombie.
        NotPermitted: hidden from this user.
        VmtuiError: it is a kernel thread.
    """
    with Target(number) as target:
        if stat.read(target).kernel_thread:
            raise VmtuiError(f"process {number} is a kernel thread: it has no user memory")
        yield target


def nothing_there(target: Target) -> VmtuiError:
    """Why a living process's list of VMAs read as empty."""
    if not target.alive():
        return ProcessGone(f"process {target.pid} has exited")
    return VmtuiError(f"process {target.pid} has no user memory: it is just starting or ending")
