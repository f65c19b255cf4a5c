"""A recording to look at: its ticks, and the sample and the processes of any of them.

A moment is put together from at most `log2(STRETCH)` differences; those on the way are kept, so
that going on tick by tick costs one of them each time. Can be read while it is written.
"""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, get_type_hints

from vmtui.missing import Missing
from vmtui.observe.machine_depth import MachineDepth
from vmtui.observe.sample import Sample
from vmtui.record import schema
from vmtui.record.codec import NOTHING, Damaged, Decoder, Fields, unpacked
from vmtui.record.opening import CannotReplay, File
from vmtui.record.records import About, Event, ExperimentStart, RecordedTarget
from vmtui.record.shapes import known, shape_named
from vmtui.text import display

if TYPE_CHECKING:
    from vmtui.lab.moments import Moment, Result

__all__ = ["CannotReplay", "RecordedExperiment", "Recording"]

_MOST_TICKS = 20_000_000
_LATEST = 1e11
"""Seconds since 1970 that no clock shows (the year 5138)."""
_KEPT_BYTES = 96 << 20
"""Unpacked parts that are kept, by the bytes they were made from."""
NOT_IN_TICK = Missing("this process was not recorded at this moment")


@dataclass(frozen=True, slots=True)
class RecordedExperiment:
    """An experiment that ran while it was recorded."""

    number: int
    began: float
    """Wall clock."""
    start: ExperimentStart
    result: Result | None
    """None when the recording ended first."""
    moments: Sequence[float]
    """When each of its moments was seen, wall clock."""


class Recording:
    """An open recording. One thread at a time."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open it.

        Raises:
            CannotReplay: it is not there, no recording, newer than this vmtui, or damaged.
            NotPermitted: this user may not read it.
        """
        self._file = File(path)
        self._numbers: list[int] = []
        self._times: list[float] = []
        self._classes: list[Fields] = []
        self._decoder = Decoder(self._classes)
        self._kept: OrderedDict[tuple[str, int, int], tuple[Any, int]] = OrderedDict()
        self._kept_bytes = 0
        self._has_depth = False
        try:
            with self._file.telling():
                self.about = self._about()
                """Where and how it was made."""
                self.refresh()
        except BaseException:
            self.close()
            raise

    @property
    def path(self) -> str:
        """The file."""
        return self._file.path

    @property
    def nbytes(self) -> int:
        """Bytes of the tables, whether or not they have left the write-ahead log."""
        ((pages,),) = self._file.rows("PRAGMA page_count")
        ((size,),) = self._file.rows("PRAGMA page_size")
        ((unused,),) = self._file.rows("PRAGMA freelist_count")
        return (_number(pages) - _number(unused)) * _number(size)

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def ticks(self) -> Sequence[float]:
        """Wall clock of every tick, in order; a clock that was set back stands still here."""
        return self._times

    @property
    def span(self) -> tuple[float, float]:
        """Wall clock of the first and the last tick; both 0 when there is none yet."""
        return (self._times[0], self._times[-1]) if self._times else (0.0, 0.0)

    def refresh(self) -> int:
        """Learn of what was written since; returns how many ticks are new.

        Those that a ring has dropped meanwhile go: indices count from the first that is left.

        Raises:
            CannotReplay: the file is damaged.
        """
        with self._file.telling():
            after = self._numbers[-1] if self._numbers else -1
            found = self._file.rows(
                "SELECT number, taken_at FROM ticks WHERE number > ? ORDER BY number LIMIT ?",
                after, _MOST_TICKS,
            )  # fmt: skip
            for number, taken_at in found:
                if type(number) is not int or not 0 <= number < 1 << 62:
                    raise Damaged("a tick has no number")
                if not isinstance(taken_at, (int, float)) or not 0 <= taken_at < _LATEST:
                    raise Damaged("a tick has no time")
                self._numbers.append(number)
                self._times.append(max(float(taken_at), self._times[-1] if self._times else 0.0))
            ((first,),) = self._file.rows("SELECT min(number) FROM ticks")
            if isinstance(first, int) and self._numbers and first > self._numbers[0]:
                gone = bisect_right(self._numbers, first - 1)
                del self._numbers[:gone], self._times[:gone]
            self._learn_classes()
        return len(found)

    def at(self, time: float) -> int:
        """The index of the last tick that began at `time` (wall clock) or before; 0 at least."""
        return max(0, bisect_right(self._times, time) - 1)

    def whole_at(self, index: int) -> int:
        """The index of the tick that the stretch of that one begins with: a cheap one.

        Raises:
            IndexError: there is no such tick.
        """
        number = self._numbers[index]
        return bisect_left(self._numbers, number - number % schema.STRETCH)

    def sample(self, index: int) -> Sample:
        """The sample of a tick, without a target and without depth.

        Raises:
            IndexError: there is no such tick.
            CannotReplay: the file is damaged there, or a ring has dropped it.
        """
        value = self._part(self._numbers[index], 0)
        if not isinstance(value, Sample):
            raise CannotReplay(f"{self._file.shown} is damaged: a tick has no sample")
        return value

    @property
    def has_depth(self) -> bool:
        """Whether any of the machine's dear parts was recorded. Looks at the whole index once."""
        if not self._has_depth:
            self._has_depth = bool(self._file.rows("SELECT 1 FROM parts WHERE pid < 0 LIMIT 1"))
        return self._has_depth

    def depth(self, index: int, wanted: Collection[str]) -> MachineDepth:
        """Some of the machine's dear parts as they were last known at a tick.

        Args:
            index: of the tick.
            wanted: among `machine_depth.PARTS`.

        Raises:
            IndexError, CannotReplay: as `sample`.
        """
        number = self._numbers[index]
        found: dict[str, Any] = {}
        for name in wanted:
            place = schema.place_of(name)
            ((last,),) = self._file.rows(
                "SELECT max(tick) FROM parts WHERE pid = ? AND tick >= ? AND tick <= ?",
                place, number - number % schema.STRETCH, number,
            )  # fmt: skip
            if isinstance(last, int):
                found[name] = self._part(last, place)
        shape, depth = shape_named(MachineDepth.__name__), MachineDepth(**found)
        for check, value in zip(shape.checks, shape.values_of(depth), strict=True):
            if not check(value):
                raise CannotReplay(f"{self._file.shown} is damaged: a part is something else")
        return depth

    def pids(self, index: int) -> tuple[int, ...]:
        """The processes that were recorded in depth at a tick."""
        found = self._file.rows(
            "SELECT pid FROM parts WHERE tick = ? AND pid > 0 ORDER BY pid", self._numbers[index]
        )
        return tuple(pid for (pid,) in found if isinstance(pid, int))

    def target(self, index: int, pid: int) -> RecordedTarget | Missing:
        """A process in depth at a tick, with the pages of all its VMAs; Missing if not recorded.

        Raises:
            IndexError, CannotReplay: as `sample`.
        """
        number = self._numbers[index]
        value = self._part(number, pid) if pid > 0 else None
        if value is None:
            value = self._ended_before(number, pid)
        if value is None:
            return NOT_IN_TICK
        if not isinstance(value, RecordedTarget):
            raise CannotReplay(f"{self._file.shown} is damaged: a process is something else")
        return value

    def _ended_before(self, number: int, pid: int) -> Any:
        """Of a process that has ended, what was written once in this stretch."""
        ((last,),) = self._file.rows(
            "SELECT max(tick) FROM parts WHERE pid = ? AND tick >= ? AND tick < ?",
            pid, number - number % schema.STRETCH, number,
        )  # fmt: skip
        value = self._part(last, pid) if isinstance(last, int) and pid > 0 else None
        ended = isinstance(value, RecordedTarget) and value.reading.ended_at is not None
        return value if ended else None

    def targets(self, index: int) -> Mapping[int, RecordedTarget]:
        """All of them, by PID."""
        found = ((pid, self.target(index, pid)) for pid in self.pids(index))
        return {pid: target for pid, target in found if not isinstance(target, Missing)}

    @property
    def all_pids(self) -> tuple[int, ...]:
        """Every process that was recorded in depth at any tick. Looks at the whole index."""
        found = self._file.rows("SELECT DISTINCT pid FROM parts WHERE pid > 0 ORDER BY pid")
        return tuple(pid for (pid,) in found if isinstance(pid, int))

    @property
    def events(self) -> tuple[Event, ...]:
        """Marks, ends of processes, what was missing and why, in order."""
        found = []
        for at, kind, pid, text in self._file.rows(
            "SELECT at, kind, pid, text FROM events ORDER BY at, id LIMIT 100000"
        ):
            if (
                isinstance(at, (int, float)) and 0 <= at < _LATEST and isinstance(kind, bytes)
                and isinstance(pid, int) and isinstance(text, bytes)
            ):  # fmt: skip
                found.append(Event(float(at), kind.decode("ascii", "replace"), text, pid))
        return tuple(found)

    @property
    def experiments(self) -> tuple[RecordedExperiment, ...]:
        """Those that ran while it was recorded.

        Raises:
            CannotReplay: the file is damaged there.
        """
        found = []
        with self._file.telling():
            self._learn_classes()
        rows = self._file.rows(
            "SELECT id, began, start, result FROM experiments ORDER BY id LIMIT 10000"
        )
        for number, began, start, result in rows:
            with self._file.telling():
                made = self._decoded(start)
                ended = None if result is None else self._decoded(result)
                if (
                    not isinstance(made, ExperimentStart)
                    or not isinstance(number, int)
                    or not isinstance(began, (int, float))
                    or (ended is not None and type(ended).__name__ != "Result")
                ):
                    raise Damaged("an experiment is something else")
            times = self._file.rows(
                "SELECT at FROM moments WHERE experiment = ? ORDER BY number", number
            )
            moments = [float(at) for (at,) in times if isinstance(at, (int, float))]
            found.append(RecordedExperiment(number, float(began), made, ended, moments))
        return tuple(found)

    def moment(self, experiment: int, index: int) -> Moment:
        """A moment of an experiment, counted from 0.

        Raises:
            CannotReplay: there is none, or the file is damaged there.
        """
        with self._file.telling():
            self._learn_classes()
        value = self._chained(
            "moment", experiment, index,
            "SELECT base, data FROM moments WHERE experiment = ? AND number = ?",
        )  # fmt: skip
        if type(value).__name__ != "Moment":
            raise CannotReplay(f"{self._file.shown} has no moment {index} of that experiment")
        made: Moment = value
        return made

    def close(self) -> None:
        """Let go of the file; harmless twice."""
        self._file.close()
        self._kept.clear()

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *exit_: object) -> None:
        self.close()

    def _part(self, number: int, pid: int) -> Any:
        value = self._chained(
            "part", pid, number, "SELECT base, data FROM parts WHERE pid = ? AND tick = ?"
        )
        if value is None and not self._file.rows("SELECT 1 FROM ticks WHERE number = ?", number):
            raise CannotReplay(
                f"{self._file.shown} no longer has that moment: the recorder keeps the latest only"
            )
        return value

    def _chained(self, kind: str, of: int, number: int, sql: str) -> Any:
        """A value with all that it was written against; None when it is not there."""
        steps: list[tuple[int, object]] = []
        value: Any = NOTHING
        while True:
            kept = self._kept.get((kind, of, number))
            if kept is not None:
                self._kept.move_to_end((kind, of, number))
                value = kept[0]
                break
            rows = self._file.rows(sql, of, number)
            if not rows:
                if steps:
                    raise CannotReplay(f"{self._file.shown} is damaged: a part of it is absent")
                return None
            base, data = rows[0]
            steps.append((number, data))
            if base == number:
                break
            if not isinstance(base, int) or not number - schema.STRETCH < base < number:
                raise CannotReplay(f"{self._file.shown} is damaged: a part has no base")
            number = base
        with self._file.telling():
            for at, data in reversed(steps):
                raw = unpacked(data)
                value = self._value(raw, value)
                self._keep((kind, of, at), value, len(raw))
        return value

    def _keep(self, key: tuple[str, int, int], value: Any, nbytes: int) -> None:
        self._kept[key] = value, nbytes
        self._kept_bytes += nbytes
        while len(self._kept) > 1 and (self._kept_bytes > _KEPT_BYTES or len(self._kept) > 256):
            _, (_, size) = self._kept.popitem(last=False)
            self._kept_bytes -= size

    def _decoded(self, blob: object) -> Any:
        return self._value(unpacked(blob), NOTHING)

    def _value(self, raw: bytes, base: Any) -> Any:
        return self._decoder.decode(raw, base)

    def _learn_classes(self) -> None:
        rows = self._file.rows(
            "SELECT id, name, fields FROM classes WHERE id >= ? ORDER BY id LIMIT 500",
            len(self._classes),
        )
        for number, name, names in rows:
            if number != len(self._classes) or not isinstance(name, bytes):
                raise Damaged("its list of records is not in order")
            text = name.decode("ascii", "replace")
            if not known(text) or not isinstance(names, bytes):
                raise Damaged("it holds records that this vmtui does not know")
            listed = names.decode("ascii", "replace").split()
            self._classes.append(Fields(shape_named(text), listed))

    def _about(self) -> About:
        """What it says of the host, each value of the type it must have."""
        rows = self._file.rows("SELECT key, value FROM about LIMIT 100")
        there = {key.decode("ascii", "replace"): value for key, value in rows
                 if isinstance(key, bytes)}  # fmt: skip
        hints = get_type_hints(About)
        values: dict[str, Any] = {}
        for field in fields(About):
            value, wanted = there.get(field.name), hints[field.name]
            if wanted is str and isinstance(value, bytes):
                value = str(display(value, limit=None))
            elif wanted is bool and value in (0, 1):
                value = bool(value)
            elif wanted is float and isinstance(value, int):
                value = float(value)
            if type(value) is not wanted or (isinstance(value, float) and not _sound(value)):
                raise Damaged(f"it does not say its {field.name}")
            values[field.name] = value
        return About(**values)


def _sound(value: float) -> bool:
    return 0 <= value < _LATEST


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
