"""A made-up run of an experiment in a recording, beside samples of a process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from tests.record import tapes
from tests.ui.made_up import COW, MadeUpLaboratory
from vmtui.lab.moments import Moment
from vmtui.record.run_tape import RunTape
from vmtui.record.writer import Writer


def recorded(path: Path, *, runs: int = 1, off: int = 0, **of_about: Any) -> list[Moment]:
    """Write it; the moments of the last run."""
    laboratory = MadeUpLaboratory(off=off)
    found: list[Moment] = []
    with Writer(path, tapes.about(**of_about)) as writer:
        for tick in tapes.moments(3):
            writer.add(replace(tick.sample, taken_at=time.time()), tick.targets)
        for _ in range(runs):
            run = cast(Any, laboratory.make(COW, COW.values()))
            tape = RunTape(writer, run)
            tape.foretell(tuple(laboratory.predict(run)))
            found = list(run.moments())
            for moment in found:
                tape.take(moment)
            tape.finish(run.result())
    return found


def last_of(moments: Sequence[Moment], step: int) -> int:
    """The index of the last moment of a step, from 0."""
    return max(index for index, moment in enumerate(moments) if moment.step == step)
