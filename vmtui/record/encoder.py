"""Values to bytes, as differences to an earlier value (the base) where there is one.

Not pickle: a fixed list of records (`shapes`), numbers, texts, arrays. What is the same object as
in the base, or equal to it, takes one byte and no time; figures are written as steps, arrays as
what differs, runs of pages as the stretches that changed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vmtui.model.processes import ProcessReading
from vmtui.model.slices import ScannedSpace
from vmtui.record import runs as page_runs
from vmtui.record import tags
from vmtui.record.regions import SpaceRuns
from vmtui.record.runs import Runs
from vmtui.record.shapes import Shape, is_recorded, shape_named

NOTHING: Any = object()
"""There is no base here."""
_FLOAT = struct.Struct("<d")
_LARGEST = 1 << 63


class Classes:
    """Which number stands for which class of records in one recording."""

    def __init__(self) -> None:
        self.numbers: dict[type[Any], int] = {}
        self.shapes: list[Shape] = []
        self.unsaved: list[Shape] = []
        """Those met since the file last learned of them."""

    def number_of(self, made: type[Any]) -> int:
        """The number of a class; a new one where it is met for the first time.

        Raises:
            TypeError: such records do not belong into a recording.
        """
        number = self.numbers.get(made)
        if number is None:
            if not is_recorded(made):
                raise TypeError(f"a recording holds no {made.__module__}.{made.__qualname__}")
            number = self.numbers[made] = len(self.shapes)
            self.shapes.append(shape_named(made.__name__))
            self.unsaved.append(self.shapes[-1])
        return number


class Encoder:
    """Writes one value after another; belongs to one thread."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes
        self._out = bytearray()
        self._writers: dict[type[Any], Callable[[Any, Any], None]] = {
            type(None): self._none, bool: self._bool, int: self._int, float: self._float,
            bytes: self._bytes, str: self._str, tuple: self._tuple, list: self._names,
            dict: self._mapping, MappingProxyType: self._mapping, frozenset: self._frozenset,
            np.ndarray: self._array, Runs: self._runs, ScannedSpace: self._space,
        }  # fmt: skip

    def encode(self, value: Any, base: Any = NOTHING) -> bytes:
        """The value's bytes.

        Args:
            value: what shall be written.
            base: an earlier one, which the reader will have; `NOTHING` for none.

        Raises:
            TypeError: something in it does not belong into a recording.
        """
        self._out = bytearray()
        self._write(value, base)
        return bytes(self._out)

    def _write(self, value: Any, base: Any) -> None:
        if value is base:
            self._out.append(tags.SAME)
            return
        writer = self._writers.get(type(value))
        if writer is not None:
            writer(value, base)
        elif isinstance(value, (int, float, np.integer, np.floating)):
            self._write(value.item() if isinstance(value, np.generic) else int(value), base)
        else:
            self._record(value, base)

    def _varint(self, number: int) -> None:
        out = self._out
        while number > 0x7F:
            out.append(number & 0x7F | 0x80)
            number >>= 7
        out.append(number)

    def _none(self, value: None, base: Any) -> None:
        self._out.append(tags.NONE)

    def _bool(self, value: bool, base: Any) -> None:
        self._out.append(tags.TRUE if value else tags.FALSE)

    def _int(self, value: int, base: Any) -> None:
        tag = tags.INT
        if type(base) is int:
            if value == base:
                self._out.append(tags.SAME)
                return
            tag, value = tags.INT_STEP, value - base
        self._out.append(tag)
        self._varint(value << 1 if value >= 0 else (-value << 1) - 1)

    def _float(self, value: float, base: Any) -> None:
        if type(base) is float and value == base:
            self._out.append(tags.SAME)
            return
        self._out.append(tags.FLOAT)
        self._out += _FLOAT.pack(value)

    def _bytes(self, value: bytes, base: Any) -> None:
        if type(base) is bytes and value == base:
            self._out.append(tags.SAME)
            return
        self._out.append(tags.BYTES)
        self._varint(len(value))
        self._out += value

    def _str(self, value: str, base: Any) -> None:
        if type(base) is str and value == base:
            self._out.append(tags.SAME)
            return
        self._out.append(tags.STR)
        raw = value.encode("utf-8", "surrogatepass")
        self._varint(len(raw))
        self._out += raw

    def _tuple(self, value: tuple[Any, ...], base: Any) -> None:
        if type(base) is not tuple or not base or not value:
            if type(base) is tuple and not base and not value:
                self._out.append(tags.SAME)
                return
            self._out.append(tags.TUPLE)
            self._varint(len(value))
            for item in value:
                self._write(item, NOTHING)
        elif type(value[0]) is ProcessReading and type(base[0]) is ProcessReading:
            self._edit(value, base)
        elif len(value) == len(base):
            self._each(tags.TUPLE_LIKE, value, base)
        else:
            self._tuple(value, NOTHING)

    def _each(self, tag: int, value: Sequence[Any], base: Sequence[Any]) -> None:
        """Items against the base's; nothing but SAME when all are."""
        out = self._out
        began = len(out)
        out.append(tag)
        first = len(out)
        for item, before in zip(value, base, strict=True):
            self._write(item, before)
        if len(out) - first == len(value) and not any(out[first:]):
            del out[began:]
            out.append(tags.SAME)

    def _edit(self, value: tuple[Any, ...], base: tuple[Any, ...]) -> None:
        """Records in the order of their keys: which of the base's stay, change, go, which come."""
        out, at, same = self._out, 0, 0
        out.append(tags.EDIT)
        for item in value:
            if at < len(base) and item is base[at]:
                same += 1
                at += 1
                continue
            if same:
                out.append(tags.COPY)
                self._varint(same)
                same = 0
            gone = at
            while gone < len(base) and base[gone].key < item.key:
                gone += 1
            if gone > at:
                out.append(tags.DROP)
                self._varint(gone - at)
                at = gone
            if at < len(base) and base[at].key == item.key:
                if item is base[at]:
                    same = 1
                else:
                    out.append(tags.CHANGE)
                    self._write(item, base[at])
                at += 1
            else:
                out.append(tags.INSERT)
                self._write(item, NOTHING)
        if same:
            out.append(tags.COPY)
            self._varint(same)
        out.append(tags.DROP)  # whatever is left of the base
        self._varint(0)

    def _record(self, value: Any, base: Any) -> None:
        out, number = self._out, self._classes.number_of(type(value))
        shape = self._classes.shapes[number]
        if type(base) is not type(value):
            out.append(tags.RECORD)
            self._varint(number)
            for item in shape.values_of(value):
                self._write(item, NOTHING)
            return
        if shape.comparable and value == base:
            out.append(tags.SAME)
            return
        mask, bit, write = 0, 1, self._write
        body = self._out = bytearray()
        for item, before in zip(shape.values_of(value), shape.values_of(base), strict=True):
            if item is not before:
                at = len(body)
                write(item, before)
                if len(body) == at + 1 and body[at] == tags.SAME:
                    del body[at:]
                else:
                    mask |= bit
            bit <<= 1
        self._out = out
        if not mask:
            out.append(tags.SAME)
            return
        out.append(tags.RECORD_LIKE)
        self._varint(mask)
        out += body

    def _mapping(self, value: Mapping[Any, Any], base: Any) -> None:
        if isinstance(base, Mapping) and len(base) == len(value) and list(base) == list(value):
            if _all_ints(value) and _all_ints(base) and len(value) > 3:
                self._steps(value, base)
            else:
                self._each(tags.MAPPING_LIKE, list(value.values()), list(base.values()))
            return
        self._out.append(tags.MAPPING)
        self._varint(len(value))
        for key, item in value.items():
            self._write(key, NOTHING)
            self._write(item, NOTHING)

    def _steps(self, value: Mapping[Any, int], base: Mapping[Any, int]) -> None:
        steps = [now - before for now, before in zip(value.values(), base.values(), strict=True)]
        if not any(steps):
            self._out.append(tags.SAME)
        elif all(-_LARGEST <= step < _LARGEST for step in steps):
            self._out.append(tags.STEPS_LIKE)
            self._raw(np.array([step << 1 ^ step >> 63 for step in steps], np.uint64))
        else:
            self._each(tags.MAPPING_LIKE, list(value.values()), list(base.values()))

    def _frozenset(self, value: frozenset[Any], base: Any) -> None:
        if type(base) is frozenset and value == base:
            self._out.append(tags.SAME)
            return
        self._out.append(tags.FROZENSET)
        self._varint(len(value))
        for item in sorted(value):
            self._write(item, NOTHING)

    def _array(self, value: NDArray[Any], base: Any) -> None:
        if value.ndim != 1:
            raise TypeError("a recording holds arrays of one dimension")
        if type(base) is not np.ndarray or base.dtype != value.dtype:
            self._out.append(tags.ARRAY)
            self._raw(value)
        elif len(base) == len(value):
            if np.array_equal(base, value):
                self._out.append(tags.SAME)
            elif value.dtype.kind in "ui":
                self._out.append(tags.ARRAY_XOR)
                unsigned = np.dtype(f"u{value.dtype.itemsize}")
                self._raw(value.view(unsigned) ^ base.view(unsigned))
            else:
                self._out.append(tags.ARRAY)
                self._raw(value)
        else:
            head, tail = _alike(value, base)
            self._out.append(tags.ARRAY_SPLICE)
            self._varint(head)
            self._varint(tail)
            self._raw(value[head : len(value) - tail])

    def _raw(self, value: NDArray[Any]) -> None:
        """Item type, the type they are stored in, length, items."""
        kind = value.dtype.kind
        if kind == "S":
            code = tags.TEXT_CODE + value.dtype.itemsize
        else:
            value = value.astype(value.dtype.newbyteorder("<"), copy=False)
            code = tags.CODES[value.dtype]
        stored = value
        if kind == "u" or (kind == "i" and len(value) and value.min() >= 0):
            most = int(value.max(initial=0))
            for dtype in tags.NARROW:
                if dtype.itemsize < value.dtype.itemsize and most <= np.iinfo(dtype).max:
                    stored = value.astype(dtype)
                    break
        self._varint(code)
        self._varint(code if stored is value else tags.CODES[stored.dtype])
        self._varint(len(value))
        self._out += stored.tobytes()

    def _names(self, value: list[Any], base: Any) -> None:
        if not all(type(name) is bytes for name in value):
            raise TypeError("a recording holds lists of names only")
        if type(base) is list:
            if value == base:
                self._out.append(tags.SAME)
                return
            head, tail = _alike_names(value, base)
            if head + tail:
                self._out.append(tags.NAMES_SPLICE)
                self._varint(head)
                self._varint(tail)
                self._words(value[head : len(value) - tail])
                return
        self._out.append(tags.NAMES)
        self._words(value)

    def _words(self, value: list[bytes]) -> None:
        numbers = {name: number for number, name in enumerate(dict.fromkeys(value))}
        self._varint(len(numbers))
        for name in numbers:
            self._varint(len(name))
            self._out += name
        self._raw(np.fromiter(map(numbers.__getitem__, value), np.uint64, len(value)))

    def _space(self, value: ScannedSpace, base: Any) -> None:
        before = SpaceRuns.of(base) if type(base) is ScannedSpace else NOTHING
        self._record(SpaceRuns.of(value), before)

    def _runs(self, value: Runs, base: Any) -> None:
        if type(base) is Runs and base.values.dtype == value.values.dtype:
            value = page_runs.difference(base, value)
            if not len(value):
                self._out.append(tags.SAME)
                return
            self._out.append(tags.RUNS_STEP)
        else:
            self._out.append(tags.RUNS)
        # the gap before each run, not its place: small numbers, often alike
        ends = np.concatenate((np.zeros(1, np.int64), value.ends[:-1]))
        self._raw(value.firsts - ends[: len(value)])
        self._raw(value.lengths)
        self._raw(value.values)


def _all_ints(value: Mapping[Any, Any]) -> bool:
    return all(type(item) is int for item in value.values())


def _alike(value: NDArray[Any], base: NDArray[Any]) -> tuple[int, int]:
    """How many items at the beginning and at the end are those of the base."""
    shared = min(len(value), len(base))
    unlike = np.flatnonzero(value[:shared] != base[:shared])
    head = int(unlike[0]) if len(unlike) else shared
    left = shared - head
    unlike = np.flatnonzero(value[len(value) - left :][::-1] != base[len(base) - left :][::-1])
    return head, int(unlike[0]) if len(unlike) else left


def _alike_names(value: list[bytes], base: list[bytes]) -> tuple[int, int]:
    head, shared = 0, min(len(value), len(base))
    while head < shared and value[head] == base[head]:
        head += 1
    tail = 0
    while tail < shared - head and value[-1 - tail] == base[-1 - tail]:
        tail += 1
    return head, tail
