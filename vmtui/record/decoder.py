"""Bytes to values: the reverse of `encoder`, for bytes that nobody vouches for.

Whatever stands in a file, this either yields records whose fields have the right types or raises
`Damaged`. Nothing is allocated before the bytes for it have been seen to be there.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vmtui.model.processes import ProcessReading
from vmtui.model.slices import ScannedSpace
from vmtui.record import runs as page_runs
from vmtui.record import tags
from vmtui.record.checks import check
from vmtui.record.encoder import NOTHING
from vmtui.record.regions import SpaceRuns
from vmtui.record.runs import Runs
from vmtui.record.shapes import Shape
from vmtui.record.tags import Damaged
from vmtui.text import display

_FLOAT = struct.Struct("<d")
_OFTEN = 4096
"""Characters of a text that is remembered: command lines come again at every tick."""


class Fields:
    """How records of one class stand in one recording: by the fields it was written with."""

    def __init__(self, shape: Shape, names: Sequence[str]) -> None:
        """Match the fields by name.

        Raises:
            Damaged: a field is not one of the class, or one that it cannot do without is absent.
        """
        self.shape = shape
        places = {name: place for place, name in enumerate(shape.fields)}
        if len(set(names)) != len(names) or not places.keys() >= set(names):
            raise Damaged(f"its {shape.name} has fields that this vmtui does not know")
        self.places = [places[name] for name in names]
        absent = places.keys() - set(names)
        if not shape.absent.keys() >= absent:
            raise Damaged(f"its {shape.name} lacks fields that every recording has")
        self.filled = [shape.absent.get(name) for name in shape.fields]


class Decoder:
    """Reads values of one recording; belongs to one thread."""

    def __init__(self, classes: Sequence[Fields]) -> None:
        """With the classes of that recording, by number."""
        self._classes = classes
        self._by_class: dict[type[Any], Fields] = {}
        self._raw = b""
        self._at = self._values = self._depth = 0
        self._readers: dict[int, Callable[[Any], Any]] = {
            tags.INT: self._int,
            tags.INT_STEP: self._int_step,
            tags.FLOAT: self._float,
            tags.BYTES: lambda base: self._bytes(),
            tags.STR: lambda base: self._str(),
            tags.TUPLE: self._tuple,
            tags.TUPLE_LIKE: self._tuple_like,
            tags.EDIT: self._edit,
            tags.RECORD: self._record,
            tags.RECORD_LIKE: self._record_like,
            tags.MAPPING: self._mapping,
            tags.MAPPING_LIKE: self._mapping_like,
            tags.STEPS_LIKE: self._steps_like,
            tags.FROZENSET: self._frozenset,
            tags.ARRAY: lambda base: self._array(),
            tags.ARRAY_XOR: self._array_xor,
            tags.ARRAY_SPLICE: self._array_splice,
            tags.NAMES: lambda base: self._words(),
            tags.NAMES_SPLICE: self._names_splice,
            tags.RUNS: lambda base: self._runs(),
            tags.RUNS_STEP: self._runs_step,
        }

    def decode(self, raw: bytes, base: Any = NOTHING) -> Any:
        """The value, given the one it was written against.

        Raises:
            Damaged: the bytes make no sense, or are out of bounds.
        """
        self._raw, self._at, self._values, self._depth = raw, 0, 0, 0
        try:
            value = self._read(base)
        except (
            IndexError,
            ValueError,
            TypeError,
            KeyError,
            OverflowError,
            AttributeError,
            struct.error,
        ) as error:
            raise Damaged("its bytes make no sense") from error
        finally:
            self._raw = b""
        if self._at != len(raw):
            raise Damaged("its bytes do not end where they should")
        return value

    def _read(self, base: Any) -> Any:
        tag = self._raw[self._at]
        self._at += 1
        if tag == tags.SAME:
            if base is NOTHING:
                raise Damaged("it refers to an earlier value that is not there")
            return base
        self._values += 1
        if self._values > tags.MOST_VALUES:
            raise Damaged("it holds more values than a recording can")
        if tag <= tags.TRUE:
            return None if tag == tags.NONE else tag == tags.TRUE
        self._depth += 1
        if self._depth > tags.MOST_DEPTH:
            raise Damaged("its values are nested too deeply")
        value = self._readers[tag](base)
        self._depth -= 1
        return value

    def _varint(self) -> int:
        raw, at = self._raw, self._at
        byte = raw[at]
        at += 1
        number, shift = byte & 0x7F, 7
        while byte > 0x7F:
            byte = raw[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if shift > tags.MOST_INT_BITS + 7:
                raise Damaged("it holds a number that is too large")
        self._at = at
        return number

    def _count(self) -> int:
        """A number of things that each take a byte at least."""
        count = self._varint()
        if count > len(self._raw) - self._at:
            raise Damaged("it promises more than it holds")
        return count

    def _zigzag(self) -> int:
        number = self._raw[self._at]
        if number < 0x80:  # most are
            self._at += 1
        else:
            number = self._varint()
        return -(number + 1 >> 1) if number & 1 else number >> 1

    def _int(self, base: Any) -> int:
        return self._zigzag()

    def _int_step(self, base: Any) -> int:
        number: int = _of(base, int) + self._zigzag()
        if number.bit_length() > tags.MOST_INT_BITS:
            raise Damaged("it holds a number that is too large")
        return number

    def _float(self, base: Any) -> float:
        (number,) = _FLOAT.unpack_from(self._raw, self._at)
        self._at += _FLOAT.size
        if not math.isfinite(number):
            raise Damaged("it holds a number that is none")
        return float(number)

    def _bytes(self) -> bytes:
        count = self._count()
        self._at += count
        return self._raw[self._at - count : self._at]

    def _str(self) -> str:
        """A text that no terminal obeys: what is not safe to paint is shown as an escape."""
        text = self._bytes().decode("utf-8", "surrogatepass")
        if text.isascii() and text.isprintable():
            return text
        return _safe(text) if len(text) <= _OFTEN else _safe.__wrapped__(text)

    def _tuple(self, base: Any) -> tuple[Any, ...]:
        return tuple([self._read(NOTHING) for _ in range(self._count())])

    def _tuple_like(self, base: Any) -> tuple[Any, ...]:
        return tuple([self._read(item) for item in _of(base, tuple)])

    def _edit(self, base: Any) -> tuple[Any, ...]:
        base, at, made = _of(base, tuple), 0, []
        while True:
            step = self._raw[self._at]
            self._at += 1
            if step in (tags.COPY, tags.DROP):
                count = self._varint()
                if count > len(base) - at:
                    raise Damaged("it refers to processes that are not there")
                if step == tags.COPY:
                    made += base[at : at + count]
                elif not count:
                    break
                at += count
            elif step == tags.CHANGE:
                made.append(self._read(base[at]))
                at += 1
            elif step == tags.INSERT:
                made.append(self._read(NOTHING))
            else:
                raise Damaged("its bytes make no sense")
        if not all(type(item) is ProcessReading for item in made):
            raise Damaged("it has something else where processes should be")
        return tuple(made)

    def _record(self, base: Any) -> Any:
        fields = self._classes[self._varint()]
        values = list(fields.filled)
        shape = fields.shape
        for place in fields.places:
            values[place] = value = self._read(NOTHING)
            if not shape.checks[place](value):
                raise Damaged(f"its {shape.name} has a wrong {shape.fields[place]}")
        return _made(shape, values)

    def _record_like(self, base: Any) -> Any:
        mask = self._varint()
        if type(base) is ScannedSpace:
            base = SpaceRuns.of(base)
        fields = self._fields_of(type(base))
        shape = fields.shape
        values = [getattr(base, name) for name in shape.fields]
        if mask >> len(fields.places):
            raise Damaged("it changes fields that are not there")
        for bit, place in enumerate(fields.places):
            if mask >> bit & 1:
                values[place] = value = self._read(values[place])
                if not shape.checks[place](value):
                    raise Damaged(f"its {shape.name} has a wrong {shape.fields[place]}")
        return _made(shape, values)

    def _fields_of(self, made: type[Any]) -> Fields:
        found = self._by_class.get(made)
        if found is None:
            found = next((one for one in self._classes if one.shape.made is made), None)
            if found is None:
                raise Damaged("it refers to an earlier value that is not there")
            self._by_class[made] = found
        return found

    def _mapping(self, base: Any) -> dict[Any, Any]:
        made = {}
        for _ in range(self._count()):
            key = self._read(NOTHING)
            made[key] = self._read(NOTHING)
        return made

    def _mapping_like(self, base: Any) -> dict[Any, Any]:
        return {key: self._read(item) for key, item in _of(base, dict).items()}

    def _steps_like(self, base: Any) -> dict[Any, int]:
        base = _of(base, dict)
        steps = self._array().tolist()
        if len(steps) != len(base):
            raise Damaged("it has another number of figures than before")
        made = {}
        for (key, before), step in zip(base.items(), steps, strict=True):
            made[key] = now = before + (step >> 1 ^ -(step & 1))
            if now.bit_length() > tags.MOST_INT_BITS:
                raise Damaged("it holds a number that is too large")
        return made

    def _frozenset(self, base: Any) -> frozenset[Any]:
        return frozenset([self._read(NOTHING) for _ in range(self._count())])

    def _array(self) -> NDArray[Any]:
        code, stored, length = self._varint(), self._varint(), self._varint()
        dtype = _dtype(code)
        narrow = _dtype(stored)
        if stored != code and not (dtype.kind in "ui" and narrow in tags.NARROW):
            raise Damaged("it has an array of an unknown kind")
        nbytes = length * narrow.itemsize
        if nbytes > len(self._raw) - self._at or length * dtype.itemsize > tags.MOST_BYTES:
            raise Damaged("it promises more than it holds")
        items = np.frombuffer(self._raw, narrow, length, self._at)
        self._at += nbytes
        made = items.astype(dtype)
        made.flags.writeable = False
        return made

    def _array_xor(self, base: Any) -> NDArray[Any]:
        base, other = _of(base, np.ndarray), self._array()
        if len(base) != len(other) or other.dtype != np.dtype(f"u{base.dtype.itemsize}"):
            raise Damaged("it changes an array that is not there")
        made: NDArray[Any] = (base.view(other.dtype) ^ other).view(base.dtype)
        made.flags.writeable = False
        return made

    def _array_splice(self, base: Any) -> NDArray[Any]:
        base = _of(base, np.ndarray)
        head, tail, middle = self._varint(), self._varint(), self._array()
        if head + tail > len(base) or middle.dtype != base.dtype:
            raise Damaged("it changes an array that is not there")
        made = np.concatenate((base[:head], middle, base[len(base) - tail :]))
        made.flags.writeable = False
        return made

    def _words(self) -> list[bytes]:
        distinct = [self._bytes() for _ in range(self._count())]
        return list(map(distinct.__getitem__, self._array().tolist()))

    def _names_splice(self, base: Any) -> list[bytes]:
        base = _of(base, list)
        head, tail, middle = self._varint(), self._varint(), self._words()
        if head + tail > len(base):
            raise Damaged("it changes names that are not there")
        return [*base[:head], *middle, *base[len(base) - tail :]]

    def _runs(self) -> Runs:
        gaps, lengths, values = self._array(), self._array(), self._array()
        if (
            not len(gaps) == len(lengths) == len(values)
            or gaps.dtype != np.int64
            or lengths.dtype != np.int64
            or values.dtype.kind != "u"
            or (gaps < 0).any()
            or (lengths < 1).any()
            or (gaps > page_runs.LAST_PAGE).any()
            or (lengths > page_runs.LAST_PAGE).any()
        ):
            raise Damaged("its runs of pages make no sense")
        if float(gaps.sum(dtype=np.float64) + lengths.sum(dtype=np.float64)) > page_runs.LAST_PAGE:
            raise Damaged("its runs of pages end beyond all addresses")
        ends = np.cumsum(gaps + lengths)
        return Runs(ends - lengths, lengths, values)

    def _runs_step(self, base: Any) -> Runs:
        base, over = _of(base, Runs), self._runs()
        if over.values.dtype != base.values.dtype:
            raise Damaged("its runs of pages make no sense")
        return page_runs.overlaid(base, over)


def _of(base: Any, wanted: type[Any]) -> Any:
    if type(base) is not wanted:
        raise Damaged("it refers to an earlier value that is not there")
    return base


def _dtype(code: int) -> np.dtype[Any]:
    if tags.TEXT_CODE < code <= tags.TEXT_CODE + 64:
        return np.dtype(f"S{code - tags.TEXT_CODE}")
    if code >= len(tags.DTYPES):
        raise Damaged("it has an array of an unknown kind")
    return tags.DTYPES[code]


def _made(shape: Shape, values: list[Any]) -> Any:
    made = shape.made(*values)
    check(made)
    return made.space() if type(made) is SpaceRuns else made


@lru_cache(maxsize=1024)
def _safe(text: str) -> str:
    """The text as it is, if it does nothing but show; else with escapes.

    Most of these texts were made safe before they were recorded: their backslashes stay.
    """
    return "\u3000".join(map(_shown, text.split("\u3000")))  # the blank of Japanese


def _shown(text: str) -> str:
    shown = display(text, limit=None)
    return text if shown.replace("\\\\", "\\") == text else str(shown)
