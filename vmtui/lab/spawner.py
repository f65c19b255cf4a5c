"""The bench: the permanent spawner process of one app, and the specimens on it; and the janitor.

The laboratory's only file that starts a process. Both are bare interpreters with an environment of
their own (no site, no user's settings, malloc instead of arenas), in a session of their own so that
Ctrl-C does not reach them, at the other end of a socket that closes when this process dies in any
way.
"""

from __future__ import annotations

import marshal
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from vmtui.errors import NotSupported, VmtuiError
from vmtui.lab import filedir, worker
from vmtui.lab.hands import Hands, channel_pair
from vmtui.lab.resources import ending, janitor
from vmtui.missing import Missing
from vmtui.text import display

__all__ = ["AREA_END", "SLOT", "Bench", "Held", "Janitor", "told"]

SLOT = 2 * worker.SLOT_BYTES
"""Where regions begin: entries of the topmost page table that nothing else of a process uses."""
AREA_END = SLOT + worker.AREA_BYTES
_WORKER = Path(worker.__file__)
_JANITOR = Path(janitor.__file__)
_PATIENCE_SECONDS = 10.0


class Bench:
    """Where experiments are done. One thread at a time, except for `kill`."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket, cpu: int) -> None:
        """Use `open`."""
        self._process = process
        self._control = control
        self._specimens: list[Hands] = []
        self.pid = process.pid
        """Of the spawner; its number is that of the session too that all specimens are in."""
        self.cpu = cpu
        """The CPU that all specimens run on."""
        self.directory: str | Missing = filedir.choose()
        """Where files of experiments are made; they have no names there."""

    @classmethod
    def open(cls, cpu: int | None = None) -> Bench:
        """Start the spawner.

        Args:
            cpu: where specimens run; the last one this process may use when not given.

        Raises:
            NotSupported: no process can be started.
        """
        allowed = os.sched_getaffinity(0)
        chosen = max(allowed) if cpu is None else cpu
        ours, theirs = channel_pair()
        try:
            process = _started(_WORKER, theirs.fileno(), str(chosen))
        except OSError as error:
            ours.close()
            raise NotSupported(f"the laboratory's worker: {error.strerror}") from error
        finally:
            theirs.close()
        return cls(process, ours, chosen)

    def start(self, name: str = "parent") -> Hands:
        """A new specimen with nothing in its slot.

        Raises:
            VmtuiError: the spawner is gone.
        """
        ours, theirs = channel_pair()
        try:
            with theirs:
                pid = self._ask("start", SLOT, theirs)
        except BaseException:
            ours.close()
            raise
        return self.adopt(Hands(self, name, pid, ours, parent=None))

    def adopt(self, hands: Hands) -> Hands:
        """Note a specimen, so that it is killed with the rest."""
        self._specimens.append(hands)
        return hands

    def reap(self, pid: int) -> int:
        """Wait for a specimen that no other specimen waits for; its wait status."""
        return self._ask("reap", pid)

    def identity(self) -> dict[str, Any]:
        """What tells the spawner's processes from those that get its number later."""
        start = ending.start_of(self.pid)
        return {"pid": self.pid, "start": start, "program": str(_WORKER)}

    def specimens(self) -> tuple[Hands, ...]:
        """Those that have not been told to exit."""
        return tuple(hands for hands in self._specimens if hands.open)

    def kill(self) -> None:
        """Kill every specimen at once, from any thread; whoever waits for one is told."""
        for hands in self.specimens():
            hands.kill()

    def close(self) -> None:
        """Kill every specimen and the spawner, and wait for all; harmless twice."""
        self.kill()
        self._control.close()
        for hands in self._specimens:
            hands.forget()
        self._specimens.clear()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, name: str, argument: int, passed: socket.socket | None = None) -> int:
        message = marshal.dumps((name, argument))
        try:
            fds = [passed.fileno()] if passed else []
            socket.send_fds(self._control, [message], fds)
            answer = self._control.recv(worker.MOST_BYTES)
        except OSError as error:
            raise VmtuiError(f"the laboratory's spawner: {error.strerror}") from error
        if not answer:
            raise VmtuiError("the laboratory's spawner has ended")
        return int(marshal.loads(answer)[0])


class Janitor:
    """The process that puts everything back when this one cannot; `janitor.py` is what it does."""

    def __init__(self, process: subprocess.Popen[bytes], lifeline: socket.socket) -> None:
        """Use `start`."""
        self._process = process
        self._lifeline = lifeline

    @classmethod
    def start(cls, journal: str) -> Janitor:
        """Start it and wait until it watches; the journal need not exist yet.

        Raises:
            NotSupported: no process can be started, or it does not answer.
        """
        ours, theirs = socket.socketpair()
        try:
            process = _started(_JANITOR, theirs.fileno(), journal)
        except OSError as error:
            ours.close()
            raise NotSupported(f"the laboratory's janitor: {error.strerror}") from error
        finally:
            theirs.close()
        started = cls(process, ours)
        ours.settimeout(_PATIENCE_SECONDS)
        try:
            ready = ours.recv(1)
        except OSError:
            ready = b""
        if not ready:
            process.kill()
            started.close()
            raise NotSupported("the laboratory's janitor does not answer")
        return started

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it watches still."""
        return self._process.poll() is None

    def close(self) -> None:
        """It looks for what is left to be put back, and ends; waits for that."""
        self._lifeline.close()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Held:
    """A process that does nothing until our end of its pipe closes, inside what a tool makes."""

    def __init__(self, tool: Sequence[str]) -> None:
        """Start it.

        Args:
            tool: a command that runs the words after it in its own process (`systemd-run --scope`).

        Raises:
            NotSupported: it cannot be started.
        """
        waits = [sys.executable, "-S", "-s", "-P", "-B", "-c", "import sys; sys.stdin.read()"]
        try:
            self._process = subprocess.Popen(
                [*tool, *waits],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise NotSupported(f"{tool[0]}: {error.strerror}") from error
        self.pid = self._process.pid

    def ended(self) -> str:
        """What it said when it ended; "" while it lives."""
        if self._process.poll() is None:
            return ""
        said = self._process.stderr
        return _said(said.read() if said and not said.closed else b"")

    def end(self) -> None:
        """End it and wait for it; harmless twice."""
        for pipe in (self._process.stdin, self._process.stderr):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def told(command: Sequence[str]) -> str:
    """Run a small command to its end; "" when it succeeded, else what it said."""
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=_PATIENCE_SECONDS, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]}: {error}"
    return "" if done.returncode == 0 else _said(done.stderr)


def _said(raw: bytes) -> str:
    """The last line of what a tool said."""
    lines = raw.strip().splitlines()
    return display(lines[-1]) if lines else "it ended without a word"


def _started(program: Path, channel: int, argument: str) -> subprocess.Popen[bytes]:
    """A bare interpreter at the other end of a socket. Raises OSError."""
    # Not -I: it would ignore PYTHONMALLOC too, and the environment is empty anyway.
    options = ["-S", "-s", "-P", "-B", "-X", "utf8"]
    return subprocess.Popen(
        [sys.executable, *options, str(program), str(channel), argument],
        env={"PYTHONMALLOC": "malloc"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        pass_fds=(channel,),
        start_new_session=True,
    )
