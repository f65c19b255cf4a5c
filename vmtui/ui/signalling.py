"""Sending a signal: choose it, confirm it, send it to exactly the process that was meant."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from vmtui.errors import VmtuiError
from vmtui.kernel import stat
from vmtui.kernel.target import Target
from vmtui.model.processes import ProcessRow
from vmtui.ui.dialogs import SIGNALS, Confirm, signal_menu
from vmtui.ui.replaying import NOT_IN_REPLAY

if TYPE_CHECKING:
    from vmtui.ui.observatory import Observatory


def send_signal(app: Observatory, process: ProcessRow) -> None:
    """Ask which signal, ask whether really, send it through a pidfd that is held from here on."""
    if app.replays:
        app.notify(NOT_IN_REPLAY.format(what="a signal"), timeout=4)
        return
    if app.readonly:
        app.notify("started with --readonly: no signals", timeout=3)
        return
    if process.kernel_thread or process.pid in (1, os.getpid(), os.getppid()):
        app.notify("init, the kernel, this program and its shell are left alone", timeout=4)
        return
    try:
        target = Target(process.pid)
    except VmtuiError as error:
        app.notify(str(error), timeout=4)
        return
    if _key(target) != process.key:
        target.close()
        app.notify("that process has exited meanwhile", timeout=3)
        return

    def confirm(index: int | None) -> None:
        if index is None:
            target.close()
            return
        chosen = SIGNALS[index][0]
        title = f"send {chosen.name.removeprefix('SIG')} to {process.pid}?"
        facts = [
            ("name", process.comm),
            ("command", process.command),
            ("user", str(process.user)),
            ("started", time.strftime("%F %T", time.localtime(process.start_time))),
        ]
        app.push_screen(Confirm(title, facts, yes=chosen.name), lambda yes: send(chosen, yes))

    def send(chosen: signal.Signals, yes: bool | None) -> None:
        with target:
            if not yes:
                return
            try:
                target.signal(chosen)
                app.notify(f"{chosen.name} sent to {process.pid}", timeout=3)
            except VmtuiError as error:
                app.notify(str(error), timeout=4)

    app.push_screen(signal_menu(f"{process.pid} {process.comm}"), confirm)


def _key(target: Target) -> tuple[int, int] | None:
    """PID and start tick of the process that is held."""
    try:
        record = stat.read(target)
    except VmtuiError:
        return None
    return record.pid, record.start_ticks
