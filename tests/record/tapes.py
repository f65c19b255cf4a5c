"""Recordings of a process that does not exist, and the same samples as a live feed has them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tests import factories
from tests.ui.screens import whole_machine as made_up
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.page_survey import PageSurvey
from vmtui.model.pages import EXCLUSIVE, PRESENT
from vmtui.observe import packed_frames
from vmtui.observe.machine_depth import MachineDepth
from vmtui.observe.plan import PageWindow
from vmtui.observe.sample import Sample
from vmtui.observe.target_reading import pack
from vmtui.record.pages import SpacePages, window_of
from vmtui.record.records import About, Event, RecordedTarget
from vmtui.record.runs import of_array
from vmtui.record.writer import Writer
from vmtui.text import display

PID = 100
ANON = factories.VMAS[2]
WINDOW = PageWindow(ANON.start, ANON.end)
TAKEN_AT = 1_000_000.0
"""Wall clock of the first sample of `moments`."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A tick as the recorder has it."""

    sample: Sample
    targets: tuple[RecordedTarget, ...]


def about(**changes: Any) -> About:
    """A recording of root's on the machine of `factories.session`."""
    values: dict[str, Any] = {
        "vmtui": "0", "host": b"host", "kernel": "6.18.0-test", "machine": "x86_64",
        "page_size": PAGE_SIZE, "ticks_per_second": 100, "cpus": 2, "memory_bytes": 8 << 30,
        "user": b"root", "uid": 0, "privileged": True, "hides_processes": False, "boot_time": 0.0,
        "began": TAKEN_AT, "interval": 1.0, "keep": 0.0, "command": b"vmtui\0record",
    }  # fmt: skip
    return About(**(values | changes))


def moments(count: int, comm: bytes = b"worker", name: bytes = b"") -> list[Recorded]:
    """One a second: a process that grows in waves, and one that comes and goes.

    Args:
        count: ticks.
        comm: the name of the process.
        name: what its anonymous VMA is called.
    """
    made: list[Recorded] = []
    vmas = [replace(one, name=name) if name and one is ANON else one for one in factories.VMAS]
    for number in range(count):
        resident = 2 + round(60 * (1 + math.sin(number / 7)))
        reading = factories.reading(
            PID, 200 + resident, stat_at=float(number), comm=comm, minflt=number * 50,
            status=factories.status(PID), rollup=factories.rollup(800 + 4 * resident, 400),
            rollup_at=float(number), command=display(b"/usr/bin/" + comm + b" --serve"),
        )  # fmt: skip
        others = [factories.reading(7, 90, comm=b"still", status=factories.status(7))]
        if number % 20 < 10:
            others.append(factories.reading(200, 40 + number, comm=b"guest"))
        sample = factories.sample(number + 1, [others[0], reading, *others[1:]], float(number))
        target = factories.target(
            PID, float(number), plain_vmas=vmas, resident=resident,
            stat=factories.stat(PID, comm=comm, minflt=number * 50),
        )  # fmt: skip
        made.append(Recorded(sample, (RecordedTarget(target, _pages(resident, float(number))),)))
    return made


def deep(ticks: Sequence[Recorded]) -> list[Recorded]:
    """The same with the dear parts of the machine: read at the first tick and the last but one."""
    late_from = len(ticks) - 2
    early, late = (
        MachineDepth(
            overview=made_up.known(made_up.OVERVIEW, at),
            blocks=made_up.known(made_up.BLOCKS, at),
            files=made_up.known(replace(made_up.FILES, files=made_up.FILES.files[:files]), at),
            oom=made_up.known(made_up.RANKING, at),
            groups=made_up.known(made_up.GROUPS, at),
            frames=made_up.known(packed_frames.pack(made_up.survey(anon=anon)), at),
        )
        for at, files, anon in ((0.0, 1, 4), (float(late_from), 2, 40))
    )
    return [
        replace(tick, sample=replace(tick.sample, depth=early if number < late_from else late))
        for number, tick in enumerate(ticks)
    ]


def _pages(resident: int, at: float) -> SpacePages:
    facts = np.full(min(resident, 256), PRESENT | EXCLUSIVE, np.uint8)
    facts[::3] = PRESENT
    return SpacePages(
        facts=of_array(ANON.start // PAGE_SIZE, facts), at=at, took_ns=1000,
        read_pages=resident, pending_pages=0, want_flags=True, untold={}, of_file={},
        of_private={}, of_swapped={},
    )  # fmt: skip


def write(
    path: Path, ticks: Iterable[Recorded], events: Sequence[Event] = (), **of_about: Any
) -> Path:
    """The recording as a file."""
    writer = Writer(path, about(**of_about))
    try:
        for tick in ticks:
            writer.add(tick.sample, tick.targets)
        for event in events:
            writer.event(event.at, "mark", event.text, event.pid)
    finally:
        writer.close()
    return path


def live(
    ticks: Sequence[Recorded],
    window: PageWindow | None = WINDOW,
    of_target: Mapping[str, Any] | None = None,
    **changes: Any,
) -> list[Sample]:
    """The samples that a live feed would have handed out while a process was looked into.

    Args:
        ticks: what was recorded.
        window: the pages that were on screen.
        of_target: what else was known of the process.
        changes: of every sample.
    """
    made = []
    for tick in ticks:
        found = tick.targets[0]
        reading = found.reading
        if window is not None and not isinstance(found.pages, Missing):
            survey = window_of(found.pages, reading.vmas, window.start, window.end)
            assert isinstance(survey, PageSurvey)
            reading = replace(
                reading, pages=survey, packed_pages=pack(survey), pages_at=found.pages.at
            )
        reading = replace(reading, **(of_target or {}))
        made.append(replace(tick.sample, target=reading, **changes))
    return made
