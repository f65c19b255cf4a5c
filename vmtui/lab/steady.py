"""One look at all processes between which the kernel moved no frame.

Compaction moves frames behind the back of whoever has them. A page that is moved between the look
at one process and the look at another seems to be two; so the look is taken again then.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from vmtui.kernel import vmstat
from vmtui.lab.looks import Place, ProcessLook
from vmtui.lab.measure import Meter
from vmtui.missing import Missing

_TRIES = 8
_A_MOMENT = 0.02
"""Seconds for the kernel to be done."""


def steady_looks(meters: Mapping[str, Meter], regions: Sequence[Place]) -> dict[str, ProcessLook]:
    """A look at each process; faults are those since the last call.

    Raises:
        ProcessGone: one has ended.
    """
    found: dict[str, ProcessLook] = {}
    for _ in range(_TRIES):
        before = _moved()
        for name, meter in meters.items():
            look = meter.look(regions, whole=False, counts=False)
            found[name] = _with_faults_of(found.get(name), look)
        if _moved() == before:
            break
        time.sleep(_A_MOMENT)
    return found


def _moved() -> int | Missing:
    """How many pages were ever moved; always the same Missing where the kernel does not count."""
    return vmstat.read()["pgmigrate_success"]


def _with_faults_of(earlier: ProcessLook | None, look: ProcessLook) -> ProcessLook:
    if earlier is None:
        return look
    return replace(
        look, minor=_plus(earlier.minor, look.minor), major=_plus(earlier.major, look.major)
    )


def _plus(one: int | Missing, other: int | Missing) -> int | Missing:
    if isinstance(one, Missing):
        return one
    return other if isinstance(other, Missing) else one + other
