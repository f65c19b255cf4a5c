"""Any value of any record that a recording may hold, made from the record's own annotations."""

from __future__ import annotations

import types
import zlib
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from typing import Any, Literal, NewType, TypeVar, Union, get_args, get_origin

import numpy as np
from hypothesis import strategies as st

from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.maps import Maps
from vmtui.kernel.memory_map import MemoryMap
from vmtui.kernel.smaps import Smaps
from vmtui.missing import Missing
from vmtui.model.frames import KINDS as KINDS_OF_FRAMES
from vmtui.model.slices import ScannedSpace
from vmtui.model.states import PageState
from vmtui.model.vma_kinds import KINDS
from vmtui.model.vmas import Vmas
from vmtui.record import runs as page_runs
from vmtui.record.runs import Runs
from vmtui.record.shapes import HOMES, _hints, filled, is_recorded, shape_named
from vmtui.text import display

NAMES = sorted(
    name for names in HOMES.values() for name in names if name not in ("Runs", "SpaceRuns")
)
"""Runs are part of other records, and are written as what they are."""
TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=4).filter(
    lambda text: display(text, limit=None).replace("\\\\", "\\") == text
)
"""What a terminal shows as it is: anything else comes back as escapes."""
NUMBERS = st.integers(-(1 << 64), 1 << 64) | st.integers(-3, 300)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
_ROWS = st.integers(0, 5)


@cache
def record(name: str) -> st.SearchStrategy[Any]:
    """Any record of that name."""
    special = _SPECIAL.get(name)
    return special() if special else st.deferred(lambda: _plain(name))


def _plain(
    name: str, meant: Mapping[Any, Any] | None = None, /, **fixed: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    shape = shape_named(name)
    hints = _hints(shape.made)
    if meant is not None:
        hints = {field: filled(hint, meant) for field, hint in hints.items()}
    parts = [fixed[field] if field in fixed else _of(hints[field]) for field in shape.fields]
    return st.tuples(*parts).map(lambda values: shape.made(*values))


def _of(hint: Any) -> st.SearchStrategy[Any]:
    simple = {
        int: NUMBERS, float: FLOATS, str: TEXT, bytes: st.binary(max_size=12), bool: st.booleans(),
        type(None): st.none(), None: st.none(), Missing: st.builds(Missing, TEXT, TEXT),
    }  # fmt: skip
    if hint in simple:
        return simple[hint]
    if hint is Any or isinstance(hint, TypeVar):
        return NUMBERS
    if isinstance(hint, NewType):
        return _of(hint.__supertype__)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([_of(one) for one in arguments])
    if origin is not None and (found := _container(origin, arguments)) is not None:
        return found
    made = origin or hint
    if made is Runs:
        return runs(np.uint8)
    if origin is not None and is_recorded(made):
        meant = dict(zip(made.__parameters__, arguments, strict=True))
        return _plain(made.__name__, meant)
    if is_recorded(made):
        return record(made.__name__)
    assert is_dataclass(made), f"no strategy for {hint!r}"
    return st.nothing()  # the screens' own: no recording holds it


def _container(origin: Any, arguments: tuple[Any, ...]) -> st.SearchStrategy[Any] | None:
    if origin is tuple and arguments[-1:] == (Ellipsis,):
        return st.lists(_of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(_of, arguments))
    if origin is list:
        return st.lists(_of(arguments[0]), max_size=4)
    if origin is frozenset:
        return st.frozensets(_of(arguments[0]), max_size=4)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(_of(arguments[0]), _of(arguments[1]), max_size=2)
    if origin is np.ndarray:
        return _array(np.dtype(get_args(arguments[1])[0]), _ROWS)
    return None


@st.composite
def _array(draw: st.DrawFn, dtype: np.dtype[Any], rows: st.SearchStrategy[int]) -> Any:
    count = draw(rows)
    if dtype.kind in "ui":
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        items: st.SearchStrategy[Any] = st.integers(int(low), int(high)) | st.integers(0, 9)
    else:
        items = FLOATS
    return np.array(draw(st.lists(items, min_size=count, max_size=count)), dtype)


@st.composite
def runs(draw: st.DrawFn, dtype: Any) -> Runs:
    """Runs of values of that type."""
    pieces = draw(
        st.lists(st.tuples(st.integers(0, 1 << 40), st.integers(1, 1 << 20),
                           st.integers(1, int(np.iinfo(dtype).max))), max_size=6)
    )  # fmt: skip
    gaps, lengths, values = ([piece[at] for piece in pieces] for at in range(3))
    steps = np.array(gaps, np.int64) + np.array(lengths, np.int64)
    ends = np.cumsum(steps)
    some = Runs(ends - np.array(lengths, np.int64), np.array(lengths, np.int64),
                np.array(values, dtype))  # fmt: skip
    return page_runs.joined(some)


@st.composite
def maps(draw: st.DrawFn) -> Maps:
    """VMAs in order, with names that anybody may have chosen."""
    rows = draw(_ROWS)
    edges = sorted(draw(st.sets(st.integers(1, 1 << 40), min_size=2 * rows, max_size=2 * rows)))
    places = np.array(edges, np.uint64).reshape(-1, 2) * np.uint64(PAGE_SIZE)
    numbers = st.just(rows)
    return Maps(
        start=places[:, 0].copy(), end=places[:, 1].copy(),
        perms=np.array(draw(st.lists(st.sampled_from([b"rw-p", b"r-xs", b"---p"]), min_size=rows,
                                     max_size=rows)), "S4"),
        offset=draw(_array(np.dtype(np.uint64), numbers)),
        device=draw(_array(np.dtype(np.uint32), numbers)),
        inode=draw(_array(np.dtype(np.uint64), numbers)),
        names=draw(st.lists(st.binary(max_size=20), min_size=rows, max_size=rows)),
        torn=draw(st.integers(0, 3)),
    )  # fmt: skip


@st.composite
def smaps(draw: st.DrawFn) -> Smaps:
    """Figures of VMAs."""
    of = draw(maps())
    column = _array(np.dtype(np.int64), st.just(len(of)))
    sets = draw(st.lists(st.binary(max_size=8), min_size=1, max_size=3).map(tuple))
    rows = st.lists(st.integers(0, len(sets) - 1), min_size=len(of), max_size=len(of))
    return Smaps(
        of, draw(st.dictionaries(TEXT, column, max_size=3)),
        draw(st.dictionaries(TEXT, column, max_size=2)), sets,
        draw(_of(Missing) | rows.map(lambda found: np.array(found, np.int64))),
    )  # fmt: skip


@st.composite
def vmas(draw: st.DrawFn) -> Vmas:
    """The table of all VMAs."""
    figures = draw(smaps() | _of(Missing))
    of = draw(maps()) if isinstance(figures, Missing) or draw(st.booleans()) else figures.maps
    rows, known = len(of), 0 if isinstance(figures, Missing) else len(figures)

    def column(low: int, beyond: int, dtype: Any) -> Any:
        found = draw(st.lists(st.integers(low, beyond - 1), min_size=rows, max_size=rows))
        return np.array(found, dtype)

    counts = st.none() | _array(np.dtype(np.int64), st.just(rows))
    return Vmas(
        of, figures, column(-1, known, np.int64), column(0, len(KINDS), np.uint8),
        column(0, max(1, rows), np.int64), draw(FLOATS), draw(FLOATS), draw(FLOATS),
        draw(counts), draw(counts),
    )  # fmt: skip


def _space() -> st.SearchStrategy[ScannedSpace]:
    def made(of: Runs, knows: bool) -> ScannedSpace:
        page = np.uint64(PAGE_SIZE)
        firsts, ends = of.firsts.astype(np.uint64) * page, of.ends.astype(np.uint64) * page
        return ScannedSpace(firsts, ends, of.values, knows)

    return st.builds(made, runs(np.uint64), st.booleans())


def _sample() -> st.SearchStrategy[Any]:
    readings = st.lists(record("ProcessReading"), max_size=4, unique_by=lambda one: one.stat.pid)
    in_order = readings.map(lambda found: tuple(sorted(found, key=lambda one: one.stat.pid)))
    return _plain("Sample", processes=in_order, target=st.none())


@st.composite
def _region(draw: st.DrawFn) -> Any:
    pages = draw(st.integers(0, 6))
    columns = [
        st.lists(st.integers(0, most), min_size=pages, max_size=pages).map(
            lambda found: np.array(found, np.uint8)
        )
        for most in (len(PageState) - 1, 3)
    ]
    return draw(
        _plain("RegionView", pages=st.just(pages), states=columns[0], marks=columns[1],
               first_wrong=st.none() | st.integers(0, 9))
    )  # fmt: skip


@st.composite
def _frames(draw: st.DrawFn) -> Any:
    """Surveys of a few blocks."""
    borders = sorted(draw(st.sets(st.integers(0, 1 << 12), max_size=4)))
    ranges = tuple(zip(borders[::2], borders[1::2], strict=False))
    memory = MemoryMap(ranges, draw(st.booleans()))
    block, item_bytes = draw(st.sampled_from([64, 1 << 12])), draw(st.sampled_from([1, 2, 4]))
    numbers = -(-memory.end // block) * KINDS_OF_FRAMES * item_bytes
    counts = draw(st.binary(min_size=numbers, max_size=numbers))
    return draw(
        _plain("PackedFrames", memory=st.just(memory), block_frames=st.just(block),
               counts=st.just(zlib.compress(counts)), item_bytes=st.just(item_bytes))
    )  # fmt: skip


_SPECIAL: dict[str, Any] = {
    "PackedFrames": _frames,
    "Maps": maps,
    "Smaps": smaps,
    "Vmas": vmas,
    "ScannedSpace": _space,
    "Sample": _sample,
    "RegionView": _region,
}
