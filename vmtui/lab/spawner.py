"""The bench: the permanent spawner process of one app, and the specimens on it.

The only file that starts a process. The spawner is a bare interpreter with an environment of its
own (no site, no user's settings, malloc instead of arenas), in a session of its own so that Ctrl-C
does not reach it, at the other end of a socket that closes when this process dies in any way.
"""

from __future__ import annotations

import marshal
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from vmtui.errors import NotSupported, VmtuiError
from vmtui.lab import filedir, worker
from vmtui.lab.hands import Hands, channel_pair
from vmtui.missing import Missing

__all__ = ["AREA_END", "SLOT", "Bench"]

SLOT = 2 * worker.SLOT_BYTES
"""Where regions begin: entries of the topmost page table that nothing else of a process uses."""
AREA_END = SLOT + worker.AREA_BYTES
_WORKER = Path(worker.__file__)
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
        # Not -I: it would ignore PYTHONMALLOC too, and the environment is empty anyway.
        options = ["-S", "-s", "-P", "-B", "-X", "utf8"]
        arguments = [str(_WORKER), str(theirs.fileno()), str(chosen)]
        try:
            process = subprocess.Popen(
                [sys.executable, *options, *arguments],
                env={"PYTHONMALLOC": "malloc"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
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
