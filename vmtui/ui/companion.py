"""The command that the app was started on: held until it is seen, and what becomes of it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from vmtui.observe.sample import Sample
from vmtui.record.command import Command
from vmtui.text import DisplayText, display
from vmtui.ui.places import new_file, state_directory
from vmtui.ui.screenshot import new_name

if TYPE_CHECKING:
    from vmtui.ui.observatory import Observatory

_PATIENCE_SECONDS = 5.0
"""After this time it runs, even if it was neither recorded nor seen."""
_LEAVE, _END = 0, 1
_ODD = re.compile(r"[^A-Za-z0-9.-]+")
_NAME_CELLS = 30


class Companion:
    """Belongs to the app and its thread; made before there is one, for the fork."""

    def __init__(self, command: Command, output: Path) -> None:
        """Use `start`."""
        self._command, self._output = command, output
        self._waits_for = {"recorded", "seen"}
        self._settled = False
        self._recording = ""

    @classmethod
    def start(cls, words: list[str]) -> Companion:
        """Start the command, stopped, its output into a new file of the state directory.

        Raises:
            VmtuiError, NotPermitted, NotSupported: it cannot be started.
            OSError: the file cannot be made.
        """
        name = _ODD.sub("_", os.path.basename(words[0]))[:_NAME_CELLS]
        fd, path = new_file(state_directory() / "output", new_name("log", name))
        try:
            command = Command.start(words, output=fd, aside=True)
        except BaseException:
            os.unlink(path)
            raise
        finally:
            os.close(fd)
        return cls(command, path)

    @property
    def pid(self) -> int:
        """Of the command."""
        return self._command.pid

    @property
    def running(self) -> bool:
        """Whether it has to be asked what becomes of it."""
        return self._command.exit_code is None and not self._settled

    def join(self, app: Observatory) -> None:
        """The app is on screen: record the command, and let it run once it has been seen."""

        def recorded() -> None:
            app.call_later(self._is, "recorded")

        def wait() -> None:
            self._command.wait()
            app.call_later(self._ended, app)

        if app.deck.begin((self.pid,), on_first_tick=recorded) and app.deck.recorder:
            self._recording = app.deck.recorder.path
        else:
            self._is("recorded")
        recorded_too = ", recorded from its first page" if self._recording else ""
        app.notify(
            f"{self._command.name} is process {self.pid}{recorded_too}; "
            f"its output goes to {_from_home(self._shown)}",
            timeout=6,
        )
        app.set_timer(_PATIENCE_SECONDS, self._command.release)
        threading.Thread(target=wait, name="vmtui-command", daemon=True).start()

    def look(self, sample: Sample) -> None:
        """A sample has arrived."""
        if self._waits_for and sample.target is not None and sample.target.pid == self.pid:
            self._is("seen")

    def _is(self, what: str) -> None:
        self._waits_for.discard(what)
        if not self._waits_for:
            self._command.release()

    def _ended(self, app: Observatory) -> None:
        if not app.is_running:
            return
        app.notify(f"{self._command.name} {self._command.outcome()}", timeout=6)
        recorder = app.deck.recorder
        if recorder is not None and recorder.path == self._recording:
            recorder.tell("ended", f"{self._command.name} {self._command.outcome()}", self.pid)
            app.deck.stop()
        if app.observed is not None:
            app.observed.look()

    def ask(self, app: Observatory) -> None:
        """Ask what becomes of it, then quit."""
        from vmtui.ui.dialogs import Choose, Option

        options = [
            Option("leave it running", "its output still goes to the file"),
            Option("end it", "SIGTERM"),
        ]

        def take(index: int | None) -> None:
            if index is None:
                return
            self._settled = True
            self._command.release()
            if index == _END:
                self._command.send(signal.SIGTERM)
            app.deck.stop()
            app.call_later(app.action_quit)

        app.push_screen(Choose(f"quit while {self._command.name} runs?", options, _LEAVE), take)

    def part(self) -> list[str]:
        """The app has ended: what there is to say on the terminal. What never ran never will."""
        self._command.abandon()
        said = []
        with contextlib.suppress(ChildProcessError):
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None:
                self._command.wait()
        if self._command.exit_code is None:
            said.append(f"{self._command.name} goes on as process {self.pid}")
        else:
            said.append(f"{self._command.name} {self._command.outcome()}")
        if self._recording:
            said.append(f"recorded in {display(os.fsencode(self._recording), limit=None)}")
        with contextlib.suppress(OSError):
            if self._command.exit_code is not None and os.path.getsize(self._output) == 0:
                os.unlink(self._output)
                return said
        return [*said, f"its output: {self._shown}"]

    @property
    def _shown(self) -> DisplayText:
        return display(os.fsencode(self._output), limit=None)


def _from_home(path: str) -> str:
    """A path as the shell would write it: short."""
    home = os.path.expanduser("~")
    return f"~{path[len(home) :]}" if path.startswith(f"{home}{os.sep}") else path
