"""`vmtui record -- CMD…`: a command from its first page until it ends, as time(1) runs one.

The command has the terminal, input and output; Ctrl-C reaches it without our help.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from types import FrameType

from vmtui.errors import VmtuiError
from vmtui.record.command import Command


def run(arguments: argparse.Namespace, path: str) -> int:
    """Record it; returns its exit code.

    Raises:
        VmtuiError: it cannot be started or recorded; it has not run then.
    """
    command = Command.start(arguments.started)  # before anything makes threads
    try:
        return _record(arguments, path, command)
    finally:
        command.abandon()


def _record(arguments: argparse.Namespace, path: str, command: Command) -> int:
    from vmtui.record.recorder import Recorder

    def begin() -> None:
        command.release()
        threading.Thread(target=end, name="vmtui-command", daemon=True).start()

    def end() -> None:
        command.wait()
        recorder.tell("ended", f"{command.name} {command.outcome()}", command.pid)
        recorder.finish()

    recorder = Recorder(
        path, [command.pid, *arguments.pids], interval=arguments.interval,
        keep=arguments.keep or 0.0, on_first_tick=begin,
    )  # fmt: skip

    def finish(number: int, _frame: FrameType | None) -> None:
        recorder.finish()
        command.send(signal.Signals(number))

    before = {number: signal.signal(number, finish) for number in (signal.SIGTERM, signal.SIGHUP)}
    before[signal.SIGINT] = signal.signal(signal.SIGINT, _its_own_affair)
    try:
        recorder.run(arguments.duration)
        if command.held:  # not one tick could be written
            raise VmtuiError(recorder.progress.failure or "nothing was recorded")
        code = command.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    _say(f"{command.name} {command.outcome()}")
    _say(recorder.progress.line)
    if recorder.progress.failure:
        _say(recorder.progress.failure)
    return code


def _its_own_affair(_number: int, _frame: FrameType | None) -> None:
    """Ctrl-C reaches the command too: it decides. (Ignored, it would be so in the command.)"""


def _say(sentence: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"vmtui record: {sentence}\n")
        sys.stderr.flush()
