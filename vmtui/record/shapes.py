"""Which records a recording may hold, by name: their fields, and what each field may be.

The list is fixed: nothing else is written, and no name in a file leads to any other code. A value
of the wrong type is refused where it is read, so that what a recording yields is as sound as what
the parsers of `kernel` yield.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from operator import attrgetter
from typing import Any, Literal, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from vmtui.missing import Missing

HOMES: Mapping[str, tuple[str, ...]] = {
    "vmtui.missing": ("Missing",),
    "vmtui.kernel.buddyinfo": ("FreeBlocks",),
    "vmtui.kernel.cachestat": ("Cached",),
    "vmtui.kernel.cgroup": ("MemoryCgroup", "MemoryEvents"),
    "vmtui.kernel.huge_pools": ("HugePool",),
    "vmtui.kernel.identity": ("Ancestor", "Identity"),
    "vmtui.kernel.ksm": ("Ksm",),
    "vmtui.kernel.limits": ("Limit",),
    "vmtui.kernel.maps": ("Maps",),
    "vmtui.kernel.meminfo": ("MemInfo",),
    "vmtui.kernel.memory_group": ("GroupPressure", "GroupReading"),
    "vmtui.kernel.memory_map": ("MemoryMap",),
    "vmtui.kernel.nodes": ("Node",),
    "vmtui.kernel.pressure": ("Line", "Pressure"),
    "vmtui.kernel.smaps": ("Smaps",),
    "vmtui.kernel.smaps_rollup": ("Rollup",),
    "vmtui.kernel.stat": ("Stat",),
    "vmtui.kernel.statm": ("Statm",),
    "vmtui.kernel.status": ("Status",),
    "vmtui.kernel.swaps": ("SwapDevice",),
    "vmtui.kernel.vmstat": ("VmStat",),
    "vmtui.kernel.zoneinfo": ("Zone",),
    "vmtui.kernel.zram": ("Zram",),
    "vmtui.model.groups": ("Group", "GroupSurvey"),
    "vmtui.model.machine": ("MachineReading",),
    "vmtui.model.machine_parts": ("BlockDetail", "OverviewDetail"),
    "vmtui.model.oom": ("OomCandidate", "OomRanking"),
    "vmtui.model.page_cache": ("CacheSurvey", "CachedFile", "Holder"),
    "vmtui.model.processes": ("Misc", "ProcessReading"),
    "vmtui.model.slices": ("ScannedSpace",),
    "vmtui.model.vmas": ("Vmas",),
    "vmtui.observe.machine_depth": ("Known", "MachineDepth"),
    "vmtui.observe.packed_frames": ("PackedFrames",),
    "vmtui.observe.sample": ("Sample",),
    "vmtui.observe.target_reading": ("TargetReading",),
    "vmtui.record.regions": ("SpaceRuns",),
    "vmtui.record.runs": ("Runs",),
    "vmtui.record.pages": ("SpacePages",),
    "vmtui.record.records": ("ExperimentStart", "RecordedTarget"),
    "vmtui.theory.answers": ("Answer",),
    "vmtui.lab.text": ("Text",),
    "vmtui.lab.evidence": (
        "BlocksView", "Candidate", "FramesView", "GroupView", "KillView", "MachineView",
        "WorkPoint", "WorkView",
    ),
    "vmtui.lab.moments": (
        "Comparison", "FaultView", "Forecast", "Glance", "Moment", "RegionView", "Result",
        "StepResult", "TablesView",
    ),
}  # fmt: skip
"""Where each record lives; a module is imported when the first of its records is met."""

_HOME_OF = {name: home for home, names in HOMES.items() for name in names}
Check = Callable[[Any], bool]
NOT_RECORDED = Missing("not in this recording")
"""Takes the place of a figure that the vmtui which recorded did not know."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A class of records."""

    name: str
    made: type[Any]
    fields: tuple[str, ...]
    checks: tuple[Check, ...]
    """Per field, whether a value may stand there."""
    absent: Mapping[str, Any]
    """By field, what stands in for one that an older recording does not have."""
    values_of: Callable[[Any], tuple[Any, ...]]
    """The values of a record, in the order of the fields."""
    comparable: bool
    """Whether two of them can be compared as wholes: no arrays directly within."""


def known(name: str) -> bool:
    """Whether a recording may hold records of that name."""
    return name in _HOME_OF


@cache
def shape_named(name: str) -> Shape:
    """The shape of a record.

    Raises:
        KeyError: no such record may be in a recording.
    """
    made: type[Any] = getattr(import_module(_HOME_OF[name]), name)
    hints = _hints(made)
    names = getattr(made, "_fields", None) or tuple(field.name for field in fields(made))
    is_tuple = issubclass(made, tuple)
    values_of = attrgetter(*names) if len(names) > 1 else lambda one: (getattr(one, names[0]),)
    return Shape(
        name=name,
        made=made,
        fields=names,
        checks=tuple(_check(hints[field]) for field in names),
        absent=_absent(made, hints),
        values_of=tuple if is_tuple else values_of,
        comparable=is_tuple or "__eq__" in vars(made),
    )


def is_recorded(made: type[Any]) -> bool:
    """Whether records of this class may be in a recording."""
    return _HOME_OF.get(made.__name__) == made.__module__


def _hints(made: type[Any]) -> dict[str, Any]:
    """The annotations, names that only type checkers import taken from the list above."""
    missing: dict[str, Any] = {}
    while True:
        try:
            return get_type_hints(made, localns=missing)
        except NameError as error:
            if error.name not in _HOME_OF or error.name in missing:
                if error.name is None or error.name in missing:
                    raise
                missing[error.name] = type(None)  # no recording holds it
                continue
            missing[error.name] = getattr(import_module(_HOME_OF[error.name]), error.name)


def _absent(made: type[Any], hints: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = dict(getattr(made, "_field_defaults", {}))
    if is_dataclass(made):
        for field in fields(made):
            if field.default is not MISSING:
                found[field.name] = field.default
            elif field.default_factory is not MISSING:
                found[field.name] = field.default_factory()
    for name, hint in hints.items():
        if name not in found and Missing in get_args(hint):
            found[name] = NOT_RECORDED
    return found


def _check(hint: Any) -> Check:
    plain = _plain(hint)
    if plain is not None:
        return lambda value: type(value) in plain
    if isinstance(hint, TypeVar) or hint is Any:
        return lambda value: True
    if isinstance(hint, NewType):
        return _check(hint.__supertype__)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return lambda value: any(value == one and type(value) is type(one) for one in arguments)
    if origin in (Union, types.UnionType):
        checks = [_check(one) for one in arguments]
        return lambda value: any(check(value) for check in checks)
    if origin is tuple:
        return _check_tuple(arguments)
    if origin in (list, frozenset):
        (each,) = map(_check, arguments)
        return lambda value: type(value) is origin and all(map(each, value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, item = map(_check, arguments)
        return lambda value: (
            type(value) is dict and all(map(key, value)) and all(map(item, value.values()))
        )
    if origin is np.ndarray:
        return _check_array(get_args(arguments[1])[0])
    if isinstance(origin, type) and is_recorded(origin):
        return _check_generic(origin, arguments)
    if isinstance(origin, type):
        return lambda value: type(value) is origin
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: type(value) is hint
    raise TypeError(f"a record has a field of {hint!r}, which no recording can hold")


def _plain(hint: Any) -> frozenset[type[Any]] | None:
    """The exact types that will do, where nothing inside them has to be looked at."""
    if hint is None or hint is type(None):
        return frozenset({type(None)})
    if hint is float:
        return frozenset({float, int})
    if hint in (int, str, bytes, bool):
        return frozenset({hint})
    if isinstance(hint, type) and (is_recorded(hint) or is_dataclass(hint)):
        return frozenset({hint} if is_recorded(hint) else ())
    if isinstance(hint, NewType):
        return _plain(hint.__supertype__)
    if get_origin(hint) in (Union, types.UnionType):
        parts = [_plain(one) for one in get_args(hint)]
        if all(part is not None for part in parts):
            return frozenset().union(*(part for part in parts if part is not None))
    return None


def _check_tuple(arguments: tuple[Any, ...]) -> Check:
    if arguments[-1:] == (Ellipsis,):
        every = _check(arguments[0])
        return lambda value: type(value) is tuple and all(map(every, value))
    checks = [_check(one) for one in arguments]
    return lambda value: (
        type(value) is tuple
        and len(value) == len(checks)
        and all(check(one) for check, one in zip(checks, value, strict=True))
    )


def _check_generic(made: type[Any], arguments: tuple[Any, ...]) -> Check:
    """Of a record with type variables: its fields as they are with these in their places."""
    meant = dict(zip(getattr(made, "__parameters__", ()), arguments, strict=True))
    checks = [(name, _check(filled(hint, meant))) for name, hint in _hints(made).items()]
    return lambda value: (
        type(value) is made and all(check(getattr(value, name)) for name, check in checks)
    )


def filled(hint: Any, meant: Mapping[Any, Any]) -> Any:
    """An annotation with its type variables replaced."""
    if isinstance(hint, TypeVar):
        return meant[hint]
    open_ones = getattr(hint, "__parameters__", ())
    return hint[tuple(meant[one] for one in open_ones)] if open_ones else hint


def _check_array(scalar: Any) -> Check:
    if scalar is Any:
        return lambda value: type(value) is np.ndarray and value.dtype.kind in "u"
    if scalar is np.bytes_:
        return lambda value: type(value) is np.ndarray and value.dtype.kind == "S"
    wanted = np.dtype(scalar)
    return lambda value: type(value) is np.ndarray and value.dtype == wanted
