"""Records while something else goes on: a thread of its own, a sampler of its own, one file.

It reads the machine and the process list as level 1 does, and of the chosen processes everything
that levels 2 and 3 may show. A full disk or a file taken away ends the recording with a sentence
and nothing else.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import vmtui
from vmtui import units
from vmtui.errors import VmtuiError
from vmtui.kernel import host, mounts
from vmtui.kernel.allocator import give_back_large_blocks
from vmtui.kernel.identity import user_name
from vmtui.kernel.zero_frames import own_zero_frames
from vmtui.missing import Missing
from vmtui.model.fields.field import Cost
from vmtui.observe.machine_depth import SOURCES, Source
from vmtui.observe.plan import Plan
from vmtui.observe.sampler import Sampler
from vmtui.record.records import About, EventKind
from vmtui.record.watched import Watched
from vmtui.record.writer import CannotRecord, Writer
from vmtui.text import display

SHARE = 0.01
"""Of one CPU: what each kind of heavy source may take, of all recorded processes together."""
LIST_SHARE = 0.005
"""Of one CPU: what reading smaps_rollup again may take, of all others in the process list."""
DEPTH_SHARE = 0.002
"""Of one CPU: what reading each of the machine's dear parts may take."""
DEPTH: Mapping[str, Source] = {
    name: replace(SOURCES[name], least_seconds=seconds, duty=DEPTH_SHARE, shows_progress=False)
    for name, seconds in (
        ("overview", 5.0), ("blocks", 5.0), ("oom", 10.0), ("groups", 10.0), ("files", 60.0),
        ("frames", 60.0),
    )
}  # fmt: skip
"""How they are read: seldom, and whole. What is on screen frame by frame is of the screen alone."""
LATE_SECONDS = 1.0
"""A tick that comes later than this, and than an interval, is noted."""
_FORGET = 0.9
"""What is left, a tick later, of how long the slowest one took."""
_SPARE = 0.05
"""Of an interval: what a tick may take beyond the slowest one of late, or begin late."""
_MOST_EARLIER = 0.25
"""Of an interval."""
_GOLDEN = 0.618
"""Multiples of it, cut to their fractions, lie far apart however many there are."""
_PATIENCE_SECONDS = 5.0
"""How long `stop` waits for a tick that is under way."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How a recording goes."""

    path: str
    seconds: float
    """Since it began; until it stopped."""
    ticks: int
    nbytes: int
    """Of the file and its log."""
    pids: tuple[int, ...]
    failure: str
    """Why it stopped by itself, in a sentence; empty while it goes on, and when it was stopped."""
    running: bool

    @property
    def line(self) -> str:
        """What there is in the file, in a line."""
        rate = self.nbytes / max(1.0, self.seconds) * 60
        return (
            f"{display(os.fsencode(self.path), limit=None)}: {self.ticks:,} ticks in "
            f"{self.seconds:,.0f} s, {units.size(self.nbytes)}, {units.size(round(rate))} a minute"
        )


class Recorder:
    """One recording. `start` and `stop` belong to one thread; the rest may be called from any."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        pids: Iterable[int] = (),
        *,
        interval: float = 1.0,
        keep: float = 0.0,
        on_failure: Callable[[str], None] | None = None,
        on_first_tick: Callable[[], None] | None = None,
    ) -> None:
        """Nothing is created yet.

        Args:
            path: where nothing is yet; `place.default_path` makes one.
            pids: processes to record in depth, with all their pages.
            interval: seconds between two ticks.
            keep: seconds that shall be kept at least; 0 for all.
            on_failure: told in a sentence, from the recorder's thread, when it cannot go on.
            on_first_tick: called from it once the first tick is in the file.
        """
        self.path = os.path.abspath(path)
        self._interval = interval
        self._keep = keep
        self._on_failure = on_failure
        self._on_first_tick = on_first_tick
        self._wished: dict[int, None] = dict.fromkeys(pids)
        self._watched: dict[int, Watched] = {}
        self._told: queue.SimpleQueue[tuple[float, EventKind, str, int]] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._writer: Writer | None = None
        self._failure = ""
        self._takes = 0.0
        self._began = self._ended = 0.0

    def start(self) -> None:
        """Create the file, attach the processes and begin.

        Raises:
            ProcessGone, NotPermitted: of a process; no file is created then.
            VmtuiError: the file cannot be created, or exists already.
        """
        self._open()
        self._thread = threading.Thread(target=self._run, name="vmtui-recorder", daemon=True)
        self._thread.start()

    def run(self, seconds: float | None = None) -> None:
        """The same in this thread, until that time is over or `finish` is called.

        Raises:
            ProcessGone, NotPermitted, VmtuiError: as `start`.
        """
        self._open()
        self._run(seconds)

    def finish(self) -> None:
        """Ask it to end after the tick under way; may be called from a signal handler."""
        self._stopping.set()

    def stop(self) -> Progress:
        """End it, and wait until the file is finished. Harmless twice."""
        self.finish()
        if self._thread is not None:
            self._thread.join(_PATIENCE_SECONDS)
        return self.progress

    def watch(self, pid: int) -> None:
        """Record one more process in depth from the next tick on."""
        self._wished[pid] = None

    def mark(self, text: str = "", pid: int = 0) -> None:
        """Mark this moment; nothing is written to any process."""
        self.tell("mark", text, pid)

    def tell(self, kind: EventKind, text: str, pid: int = 0) -> None:
        """Note that something happens now; it is written with the next tick."""
        self._told.put((time.time(), kind, text, pid))

    @property
    def writer(self) -> Writer | None:
        """The file, for experiments; None before `start`."""
        return self._writer

    @property
    def progress(self) -> Progress:
        """How it goes."""
        writer, ended = self._writer, self._ended
        began = self._began
        return Progress(
            path=self.path,
            seconds=(ended or time.monotonic()) - began if began else 0.0,
            ticks=writer.ticks if writer else 0,
            nbytes=writer.nbytes if writer else 0,
            pids=tuple(self._wished),
            failure=self._failure,
            running=bool(began) and not ended,
        )

    def _open(self) -> None:
        try:
            for pid in self._wished:
                self._attach(pid)
            self._writer = Writer(self.path, about(self._interval, self._keep), self._keep)
        except BaseException:
            self._let_go()
            raise
        self._began = time.monotonic()

    def _attach(self, pid: int) -> None:
        turn = len(self._watched) * _GOLDEN % 1
        self._watched[pid] = Watched(pid, SHARE / max(1, len(self._wished)), turn)

    def _run(self, seconds: float | None = None) -> None:
        writer = self._writer
        assert writer is not None
        give_back_large_blocks()
        sampler = Sampler(LIST_SHARE, DEPTH)
        plan = Plan(
            interval=self._interval, shown=frozenset(Cost), depth=frozenset(DEPTH), eager=False
        )
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                self._tick(writer, sampler, plan)
                took = time.monotonic() - began if writer.ticks > 1 else 0.0  # the first meets all
                plan = replace(plan, interval=self._until_next(took))
                if writer.ticks == 1 and self._on_first_tick is not None:
                    self._on_first_tick()
                due = sampler.due_at(plan)
                if seconds is not None:
                    end = self._began + seconds
                    if due >= end:
                        self._stopping.wait(max(0.0, end - time.monotonic()))
                        break
                self._stopping.wait(max(0.0, due - time.monotonic()))
            self._write_told(writer)
        except CannotRecord as error:
            self._fail(str(error))
        except VmtuiError as error:
            self._fail(f"the recording {display(os.fsencode(self.path))} stopped: {error}")
        except Exception as error:
            self._fail(
                f"the recording {display(os.fsencode(self.path))} stopped: unexpected "
                f"{type(error).__name__}: {display(str(error))}"
            )
            if os.environ.get("VMTUI_TRACEBACK"):
                raise
        finally:
            sampler.close()
            self._let_go()
            writer.close()
            self._ended = time.monotonic()

    def _until_next(self, took: float) -> float:
        """Seconds until the next tick begins, so that it is on the disk an interval after this one.

        What is lost with a recorder that is killed is then at most what happened in an interval.
        """
        self._takes = max(took, _FORGET * self._takes)
        earlier = self._takes + _SPARE * self._interval
        return self._interval - min(earlier, self._interval * _MOST_EARLIER)

    def _tick(self, writer: Writer, sampler: Sampler, plan: Plan) -> None:
        sample = sampler.tick(plan)
        if sample.late > max(LATE_SECONDS, self._interval):
            self.tell("late", f"this tick came {sample.late:.1f} s late")
        for pid in [pid for pid in tuple(self._wished) if pid not in self._watched]:
            try:
                self._attach(pid)
            except VmtuiError as error:
                del self._wished[pid]
                self.tell("missing", str(error), pid)
        targets = []
        for watched in self._watched.values():
            had_ended = watched.ended
            target = watched.read(self._interval)
            if not had_ended and watched.ended:
                self.tell("ended", f"process {watched.pid} has exited", watched.pid)
                watched.close()
            if writer.ticks == 0 and isinstance(target.pages, Missing):
                self.tell("missing", target.pages.reason, watched.pid)
            targets.append(target)
        writer.add(replace(sample, ended=time.monotonic()), targets)
        self._write_told(writer)

    def _write_told(self, writer: Writer) -> None:
        while not self._told.empty():
            writer.event(*self._told.get())

    def _fail(self, sentence: str) -> None:
        self._failure = sentence
        if self._on_failure is not None:
            self._on_failure(sentence)

    def _let_go(self) -> None:
        for watched in self._watched.values():
            watched.close()
        self._watched.clear()


def about(interval: float, keep: float = 0.0) -> About:
    """What a recording made now says of this host and of who records."""
    machine, uid = host.read(), os.geteuid()
    memory = machine.memory_bytes
    try:
        boot_time = float(host.boot_time())
    except VmtuiError:
        boot_time = 0.0
    try:
        hides = uid != 0 and mounts.read().hides_processes
    except VmtuiError:
        hides = False
    return About(
        vmtui=vmtui.__version__,
        host=machine.name,
        kernel=machine.kernel_release,
        machine=machine.machine,
        page_size=machine.page_size,
        ticks_per_second=host.TICKS_PER_SECOND,
        cpus=machine.cpus,
        memory_bytes=0 if isinstance(memory, Missing) else memory,
        user=os.fsencode(user_name(uid)),
        uid=uid,
        privileged=bool(own_zero_frames()),
        hides_processes=hides,
        boot_time=boot_time,
        began=time.time(),
        interval=interval,
        keep=keep,
        command=b"\0".join(map(os.fsencode, sys.argv)),
    )
