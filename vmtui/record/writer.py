"""One recording being written: every tick is in the file once `add` has returned.

A transaction a tick, in a write-ahead log: whoever reads sees whole ticks only, and kill -9 costs
the tick that was under way. Values are written against an earlier tick's (`schema.base_of`), of
which this keeps at most as many as a tick has bits.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from vmtui.errors import VmtuiError
from vmtui.kernel import locked_files
from vmtui.observe.machine_depth import PARTS, MachineDepth
from vmtui.observe.sample import Sample
from vmtui.record import place, schema
from vmtui.record.codec import MOST_BYTES, NOTHING, Classes, Encoder, packed
from vmtui.record.records import About, EventKind, ExperimentStart, RecordedTarget
from vmtui.text import display

if TYPE_CHECKING:
    from vmtui.lab.moments import Moment, Result

_VACUUM_SHARE = 4
"""Unused pages beyond one in so many are given back to the file system."""
_VACUUM_PAGES = 512


class CannotRecord(VmtuiError):
    """Nothing more can be written; what was written before stays readable."""


class Writer:
    """Holds the file. Every method may be called from any thread, one at a time."""

    def __init__(self, path: str | os.PathLike[str], about: About, keep: float = 0.0) -> None:
        """Create the file.

        Args:
            path: where nothing is yet.
            about: what the recording says of the host.
            keep: seconds of ticks to keep at least; older ones go. 0 keeps all.

        Raises:
            NotPermitted, VmtuiError: it cannot be created, or exists already.
        """
        self.path = os.path.abspath(path)
        self.ticks = 0
        """Ticks written."""
        self._keep = keep
        self._lock = threading.Lock()
        self._classes = Classes()
        self._encoder = Encoder(self._classes)
        self._bases: dict[int, dict[int, Any]] = {}  # by tick, then by PID
        self._moments: dict[int, dict[int, Any]] = {}  # by experiment, then by number
        self._depth: dict[str, tuple[int, Any]] = {}  # by part: where in the stretch, and what
        self._ended: dict[int, RecordedTarget] = {}
        self._oldest: list[tuple[int, float]] = []  # stretches: first tick, last taken_at
        place.create(self.path, schema.empty_file())
        self._file: sqlite3.Connection | None = self._opened()
        try:
            self._write(lambda file: self._describe(file, about))
        except BaseException:
            self.close()
            raise

    @property
    def nbytes(self) -> int:
        """Bytes on disk now, the write-ahead log included."""
        total = 0
        for name in (self.path, self.path + "-wal"):
            try:
                total += os.stat(name).st_size
            except OSError:
                continue
        return total

    def add(self, sample: Sample, targets: Iterable[RecordedTarget] = ()) -> None:
        """Write a tick.

        Args:
            sample: without a target; its depth becomes parts of its own.
            targets: the processes in depth, each once.

        Raises:
            CannotRecord: the disk is full, or the file is gone.
        """
        with self._lock:
            number = self.ticks
            values: dict[int, Any] = {0: replace(sample, depth=None)}
            values |= {
                target.reading.pid: target
                for target in targets
                if number % schema.STRETCH == 0 or not self._is_known_to_have_ended(target)
            }
            base = schema.base_of(number)
            before = self._bases.get(base, {}) if base != number else {}
            parts = []
            for pid, value in values.items():
                earlier = before.get(pid, NOTHING)
                raw = self._encoder.encode(value, earlier)
                if len(raw) > MOST_BYTES:
                    continue  # the reader says that it was too large
                at = number if earlier is NOTHING else base
                parts.append((number, pid, at, packed(raw)))
            parts += self._depth_parts(number, sample.depth)
            self._write(lambda file: self._insert(file, sample, parts))
            self.ticks += 1
            self._remember(number, {pid: values[pid] for _, pid, _, _ in parts if pid in values})
            if self._keep:
                self._forget(number, sample.taken_at)

    def _depth_parts(
        self, number: int, depth: MachineDepth | None
    ) -> list[tuple[int, int, int, bytes]]:
        """Those dear parts that changed; all of them where a stretch begins."""
        if number % schema.STRETCH == 0:
            self._depth.clear()
        parts = []
        for name in PARTS if depth is not None else ():
            known = getattr(depth, name)
            at, before = self._depth.get(name, (number, NOTHING))
            if known is None or known is before:
                continue
            raw = self._encoder.encode(known, before)
            if len(raw) <= MOST_BYTES:
                parts.append((number, schema.place_of(name), at, packed(raw)))
                self._depth[name] = number, known
        return parts

    def _is_known_to_have_ended(self, target: RecordedTarget) -> bool:
        """Whether it has ended and was written so: once in a stretch is enough."""
        pid = target.reading.pid
        known = target.reading.ended_at is not None and self._ended.get(pid) is target
        self._ended[pid] = target
        return known

    def event(self, at: float, kind: EventKind, text: str | bytes, pid: int = 0) -> None:
        """Write that something happened at `at` (wall clock).

        Raises:
            CannotRecord: as `add`.
        """
        raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        with self._lock:
            self._write(
                lambda file: file.execute(
                    "INSERT INTO events (at, kind, pid, text) VALUES (?, ?, ?, ?)",
                    (at, kind, pid, raw),
                )
            )

    def experiment(self, at: float, start: ExperimentStart) -> int:
        """Write that an experiment began at `at` (wall clock); returns its number for `moment`.

        Raises:
            CannotRecord: as `add`.
        """
        with self._lock:
            raw = packed(self._encoder.encode(start))
            cursor = self._write(
                lambda file: file.execute(
                    "INSERT INTO experiments (began, start) VALUES (?, ?)", (at, raw)
                )
            )
            number = int(cursor.lastrowid)
            self._moments[number] = {}
        return number

    def foretell(self, experiment: int, start: ExperimentStart) -> None:
        """Write how it began once more, now that what the theory says is known.

        Raises:
            CannotRecord: as `add`.
        """
        with self._lock:
            raw = packed(self._encoder.encode(start))
            self._write(
                lambda file: file.execute(
                    "UPDATE experiments SET start = ? WHERE id = ?", (raw, experiment)
                )
            )

    def moment(self, experiment: int, at: float, moment: Moment) -> None:
        """Write a moment of a running experiment, seen at `at` (wall clock).

        Raises:
            CannotRecord: as `add`.
        """
        with self._lock:
            kept = self._moments[experiment]
            number = max(kept, default=-1) + 1
            base = schema.base_of(number)
            raw = packed(self._encoder.encode(moment, kept.get(base, NOTHING)))
            self._write(
                lambda file: file.execute(
                    "INSERT INTO moments (experiment, number, base, at, data)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (experiment, number, base if base in kept else number, at, raw),
                )
            )
            kept[number] = moment
            self._moments[experiment] = {one: kept[one] for one in _needed(number) if one in kept}

    def finish(self, experiment: int, result: Result) -> None:
        """Write how an experiment ended.

        Raises:
            CannotRecord: as `add`.
        """
        with self._lock:
            raw = packed(self._encoder.encode(result))
            self._moments.pop(experiment, None)
            self._write(
                lambda file: file.execute(
                    "UPDATE experiments SET result = ? WHERE id = ?", (raw, experiment)
                )
            )

    def close(self) -> None:
        """Finish the file, so that it is one file and needs nothing to be read; harmless twice."""
        with self._lock:
            file, self._file = self._file, None
            if file is None:
                return
            try:
                # not DELETE: that would make a journal on disk, under a name that can be foreseen
                file.execute("PRAGMA journal_mode = MEMORY")
            except sqlite3.Error:
                pass  # someone reads it, or the disk is full: the log stays beside it, and is read
            finally:
                file.close()
                self._unlock()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *exit_: object) -> None:
        self.close()

    def _opened(self) -> sqlite3.Connection:
        # kept open: closing it would give up SQLite's locks
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._locked = locked_files.hold((self.path, self.path + "-shm"))
        try:
            file = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            file.execute("PRAGMA synchronous = NORMAL")
            file.execute("PRAGMA temp_store = MEMORY")
            file.execute("SELECT count(*) FROM about").fetchone()
            if not place.same_file(self.path, self._descriptor):
                file.close()
                raise CannotRecord(f"{_shown(self.path)} was exchanged for another file")
            return file
        except BaseException as error:
            self._unlock()
            if isinstance(error, sqlite3.Error):
                raise self._failure(error) from error
            raise

    def _unlock(self) -> None:
        """SQLite has let go of the file."""
        locked_files.release(self._locked)
        os.close(self._descriptor)

    def _write(self, work: Any) -> Any:
        """Do `work` in one transaction, with the classes that it needs."""
        if self._file is None:
            raise CannotRecord(f"the recording {_shown(self.path)} is closed")
        try:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                for shape in self._classes.unsaved:
                    self._file.execute(
                        "INSERT INTO classes (id, name, fields) VALUES (?, ?, ?)",
                        (self._classes.number_of(shape.made), shape.name, " ".join(shape.fields)),
                    )
                done = work(self._file)
                self._file.execute("COMMIT")
            except BaseException:
                if self._file.in_transaction:
                    self._file.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise self._failure(error) from error
        self._classes.unsaved.clear()
        return done

    def _describe(self, file: sqlite3.Connection, about: About) -> None:
        rows = [(field.name, getattr(about, field.name)) for field in fields(about)]
        file.executemany("INSERT INTO about (key, value) VALUES (?, ?)", rows)

    def _insert(
        self, file: sqlite3.Connection, sample: Sample, parts: list[tuple[int, int, int, bytes]]
    ) -> None:
        file.execute(
            "INSERT INTO ticks (number, began, ended, taken_at) VALUES (?, ?, ?, ?)",
            (self.ticks, sample.began, sample.ended, sample.taken_at),
        )
        file.executemany("INSERT INTO parts (tick, pid, base, data) VALUES (?, ?, ?, ?)", parts)

    def _remember(self, number: int, values: dict[int, Any]) -> None:
        self._bases[number] = values
        needed = _needed(number)
        self._bases = {one: kept for one, kept in self._bases.items() if one in needed}

    def _forget(self, number: int, now: float) -> None:
        """Once a stretch, drop those that ended before what shall be kept."""
        if (number + 1) % schema.STRETCH:
            return
        self._oldest.append((number + 1 - schema.STRETCH, now))
        first = None
        while self._oldest and self._oldest[0][1] < now - self._keep:
            first = self._oldest.pop(0)[0] + schema.STRETCH
        if first is None:
            return
        self._write(lambda file: self._delete_before(file, first))
        assert self._file is not None
        try:
            (unused,) = self._file.execute("PRAGMA freelist_count").fetchone()
            (pages,) = self._file.execute("PRAGMA page_count").fetchone()
            if unused > max(_VACUUM_PAGES, pages // _VACUUM_SHARE):
                self._file.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _delete_before(self, file: sqlite3.Connection, first: int) -> None:
        (oldest,) = file.execute("SELECT taken_at FROM ticks WHERE number = ?", (first,)).fetchone()
        file.execute("DELETE FROM parts WHERE tick < ?", (first,))
        file.execute("DELETE FROM ticks WHERE number < ?", (first,))
        file.execute("DELETE FROM events WHERE at < ?", (oldest,))
        gone = "SELECT id FROM experiments WHERE began < ? AND result IS NOT NULL"
        file.execute(f"DELETE FROM moments WHERE experiment IN ({gone})", (oldest,))
        file.execute("DELETE FROM experiments WHERE began < ? AND result IS NOT NULL", (oldest,))

    def _failure(self, error: sqlite3.Error) -> CannotRecord:
        code = getattr(error, "sqlite_errorname", "")
        if code.startswith("SQLITE_FULL"):
            why = "the disk is full"
        elif code.startswith("SQLITE_READONLY"):
            why = "it may not be written to any more"
        elif code.startswith("SQLITE_BUSY"):
            why = "another program holds it locked"
        else:
            why = f"SQLite says «{display(str(error))}»"
        return CannotRecord(f"the recording {_shown(self.path)} stopped: {why}")


def _needed(number: int) -> set[int]:
    """The ticks that a later one may be written against: this one, and its own bases."""
    found = {number}
    while (base := schema.base_of(number)) != number:
        found.add(base)
        number = base
    return found


def _shown(path: str) -> str:
    return str(display(os.fsencode(path), limit=None))
