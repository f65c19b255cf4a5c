"""The keeper: everything a run changed outside its processes, and how it is put back.

Nothing happens until something is acquired; then a journal is begun and a janitor started, which
does the keeper's work should the app die. Each change is written down before it is made.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.lab import spawner
from vmtui.lab.resources import hugepool, swapfile, undo, values, zram
from vmtui.lab.resources.hugepool import Pool
from vmtui.lab.resources.journal import Journal, new_path, usual_place
from vmtui.lab.resources.swapfile import Swap

if TYPE_CHECKING:
    from vmtui.lab.resources.memcg import MemoryGroup

T = TypeVar("T")


class Keeper:
    """What one run changed. `restore` may be called from any thread."""

    def __init__(self, bench: spawner.Bench | None, place: str | None = None) -> None:
        """Nothing happens yet.

        Args:
            bench: whose processes end with the app; None when there are none.
            place: the directory of the journal and of swap files; None for the usual one.
        """
        self._bench = bench
        self._place = place
        self._lock = threading.RLock()
        self._journal: Journal | None = None
        self._janitor: spawner.Janitor | None = None
        self._processes = 0
        self._held: dict[str, int] = {}
        self._group: MemoryGroup | None = None
        self.swap_names: frozenset[str] = frozenset()
        """What the swaps of this run are called in /proc/swaps."""

    @property
    def stem(self) -> str:
        """A name for things of this run that nothing else has: `vmtui-PID-RANDOM`."""
        return f"vmtui-{self._opened().stem}"

    @property
    def directory(self) -> str:
        """A directory of our own, on a disk, for files that `change` tells of."""
        return self._opened().directory

    def swap(self, kind: Literal["file", "zram"], nbytes: int, *, preferred: bool = False) -> Swap:
        """A swap of our own, switched on when this returns.

        Args:
            kind: a file on a disk, or compressed memory.
            nbytes: its size, rounded up to pages.
            preferred: whether it is filled before the machine's own swaps; else after them.

        Raises:
            NotPermitted, NotSupported: it cannot be had here, in one sentence.
        """
        make = swapfile.make if kind == "file" else zram.make
        with self._changing():
            swap = make(self, nbytes, preferred=preferred)
        self.swap_names |= {swap.name}
        return swap

    def pool(self, nbytes: int) -> Pool:
        """Huge pages added to the machine's pool: as many as the kernel grants.

        Raises:
            NotPermitted, NotSupported: it cannot be had here, in one sentence.
        """
        with self._changing():
            return hugepool.add(self, nbytes)

    def set_value(self, path: str, value: str) -> str:
        """Set a file of /proc/sys or /sys for the time of the run; what it was.

        Raises:
            NotPermitted, NotSupported: it cannot be set here, in one sentence.
        """
        with self._changing():
            return values.set_for_now(self, path, value)

    def group(self, name: str = "group") -> MemoryGroup:
        """The memory cgroup of the run, made at first use.

        Raises:
            NotPermitted, NotSupported: none can be had here, in one sentence.
        """
        with self._changing():
            if self._group is None:
                from vmtui.lab.resources import memcg

                group = memcg.choose(f"{self.stem}-{name}")
                self.change(
                    "group", group.make, path=group.path, directories=list(group.directories)
                )
                self._group = group
            return self._group

    def change(
        self,
        kind: str,
        act: Callable[[], T],
        learned: Callable[[T], dict[str, Any]] = lambda _: {},
        **facts: Any,
    ) -> T:
        """Do one thing that has to be undone later.

        Args:
            kind: one that `undo.py` knows.
            act: does it.
            learned: from what `act` returned, what undoing it needs to know besides `facts`.
            facts: what undoing it needs to know; on the disk before `act` is called.

        Raises:
            VmtuiError: the journal cannot be written, so nothing was done.
            OSError: from `act`.
        """
        with self._lock:
            journal = self._opened()
            try:
                number = journal.intend(kind, facts)
            except OSError as error:
                raise VmtuiError(f"{journal.path}: {error.strerror}") from error
            result = act()
            try:
                journal.did(number, learned(result))
            except OSError as error:
                raise VmtuiError(f"{journal.path}: {error.strerror}") from error
            return result

    def hold(self, path: str) -> None:
        """Keep other experiments from changing a setting until this one has put it back.

        Two that undo in another order than they did would each find the other's value.

        Raises:
            NotSupported: another experiment has it.
            OSError: it cannot be opened.
        """
        if path in self._held:
            return
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(fd)
            raise NotSupported(f"another experiment is changing {path}; wait for it") from error
        self._held[path] = fd

    def restore(self) -> tuple[str, ...]:
        """Put everything back; sentences on what could not be. Harmless twice, from any thread.

        The run's processes have ended by then; what lives in its group still is killed.
        """
        with self._lock:
            journal, self._journal = self._journal, None
            janitor, self._janitor = self._janitor, None
            if journal is None:
                self._let_go()
                if janitor is not None:  # the journal could not be begun
                    janitor.close()
                return ()
            group, self._group = self._group, None
            if group is not None and group.unit:  # systemd takes it away once nobody is in it
                with contextlib.suppress(VmtuiError):
                    group.remove()
            try:
                # The bench lives on, for other runs.
                with contextlib.suppress(OSError):
                    journal.undid(self._processes)
                outcome = undo.finish(journal.fd, journal.path)
            except OSError as error:
                return (f"{journal.path}: {error.strerror}",)
            finally:
                self.swap_names = frozenset()
                journal.close()
                self._let_go()
                if janitor is not None:
                    janitor.close()
            return outcome.left

    def _let_go(self) -> None:
        while self._held:
            os.close(self._held.popitem()[1])

    def _opened(self) -> Journal:
        """The journal, with a janitor that lives."""
        with self._lock:
            if self._journal is None:
                path = new_path(self._place or usual_place())
                self._watch(path)
                self._journal = Journal.create(path)
                if self._bench is not None:
                    self._processes = self._journal.intend("processes", self._bench.identity())
            elif self._janitor is None or not self._janitor.lives:
                self._watch(self._journal.path)
            return self._journal

    def _watch(self, path: str) -> None:
        """Before the journal is there: whatever happens from now on is put back."""
        if self._janitor is not None:
            self._janitor.close()
        self._janitor = spawner.Janitor.start(path)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Errors of the system as sentences."""
        try:
            with self._lock:
                yield
        except PermissionError as error:
            what = error.filename or "a change of the machine"
            raise NotPermitted(f"{what}: {os.strerror(error.errno or 0)}") from error
        except OSError as error:
            what = error.filename or "a change of the machine"
            raise NotSupported(f"{what}: {os.strerror(error.errno or 0)}") from error
