"""The whole machine beside an experiment, from the moments of its run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vmtui import units
from vmtui.draw.bar import VESSEL, Segment
from vmtui.draw.lab import scene
from vmtui.draw.lab.machine import OWN, REST
from vmtui.draw.lab.scene import Machine, Swap
from vmtui.draw.lab.timeline import Timeline
from vmtui.draw.lab.words import Words
from vmtui.lab.evidence import GroupView, MachineView
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit
from vmtui.ui.lab.run import Passing, Past


def machine(
    past: Sequence[Past], line: Timeline, words: Words, glances: Sequence[Passing] = ()
) -> Machine | None:
    """What is drawn of the machine; None until a moment has shown it."""
    looked: list[Past | Passing] = [*past, *glances]
    seen = [one for one in looked if one.machine is not None]
    if not seen or seen[-1].machine is None:
        return None
    last = seen[-1]
    now = seen[-1].machine
    return Machine(
        tuple(_parts(last, now, words)),
        tuple(_curves(seen, line, words)),
        tuple(Swap(name, size, used, name in now.own) for name, size, used in now.swaps),
        _group(last.group, words),
        tuple(_sar(now)),
    )


def _parts(last: Past | Passing, now: MachineView, words: Words) -> Iterator[Segment]:
    """Memory in the parts of `sar -r`, the experiment's own taken out of them."""
    kb = {name: value for name, value in now.memory.items() if not isinstance(value, Missing)}
    if isinstance(now.total, Missing) or not {"kbmemfree", "kbmemused"} <= kb.keys():
        return
    anon, file = _own(last)
    free, used = kb["kbmemfree"] << 10, kb["kbmemused"] << 10
    cached = (kb.get("kbcached", 0) + kb.get("kbbuffers", 0)) << 10
    slab = (now.total << 10) - free - used - cached
    others, cache_word, slab_word, free_word = words.machine_parts
    yield Segment(words.this_experiment, OWN, anon + file)
    yield Segment(others, "anon", max(0, used - anon))
    yield Segment(cache_word, "file", max(0, cached - file))
    yield Segment(slab_word, "kernel", max(0, slab))
    yield Segment(free_word, VESSEL, free)


def _own(one: Past | Passing) -> tuple[int, int]:
    """Bytes of the experiment: what is in files apart. Its group, else what its processes have."""
    group = one.group
    if group is None:
        return sum(value for key, value in one.chart.items() if key.startswith("rss.")), 0
    file = 0 if isinstance(group.file, Missing) else min(group.file, group.usage)
    return group.usage - file, file


def _group(group: GroupView | None, words: Words) -> str:
    if group is None:
        return ""
    limit = "∞" if group.limit is None else units.size(group.limit)
    said = [words.group.format(kind=group.kind, usage=units.size(group.usage), limit=limit)]
    if isinstance(group.swap, int) and group.swap:
        said.append(words.in_swap.format(size=units.size(group.swap)))
    if isinstance(group.failures, int) and group.failures:
        said.append(words.at_limit.format(times=units.count(group.failures)))
    return ", ".join(said)


def _sar(now: MachineView) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    for option, figures in (
        ("sar -r", now.memory), ("sar -B", now.paging), ("sar -W", now.swapping),
    ):  # fmt: skip
        yield option, tuple((name, _figure(value)) for name, value in figures.items())


def _figure(value: float | Missing) -> str:
    if isinstance(value, Missing):
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.2f}"


# Charts


def _curves(seen: Sequence[Past | Passing], line: Timeline, words: Words) -> Iterator[scene.Curves]:
    titles = words.machine_charts
    own, rest = words.this_experiment, words.rest

    def points(
        figure: Callable[[Past | Passing, MachineView], float | Missing | None],
    ) -> scene.Points:
        found = []
        for one in seen:
            value = figure(one, one.machine) if one.machine is not None else None
            if value is not None and not isinstance(value, Missing):
                found.append((_place(one, line), float(value)))
        return found

    def rate(name: str, times: int = 1) -> scene.Points:
        def figure(_one: Past | Passing, now: MachineView) -> float | Missing:
            value = now.swapping[name] if name in now.swapping else now.paging[name]
            return value if isinstance(value, Missing) else value * times

        return points(figure)

    before = _others(seen[0])
    yield scene.Curves(titles[0], Unit.CHANGE, (
        scene.Line(own, OWN, points(lambda one, _: sum(_own(one)))),
        scene.Line(rest, REST, points(lambda one, _: _since(_others(one), before))),
    ))  # fmt: skip
    yield scene.Curves(titles[1], Unit.RATE, (
        scene.Line(words.into, "swapped", rate("pswpin/s")),
        scene.Line(words.out_of, REST, rate("pswpout/s")),
    ))  # fmt: skip
    majors = points(lambda _, now: now.own_major)
    apart = points(lambda _, now: _less(now.paging["majflt/s"], now.own_major))
    yield scene.Curves(titles[2], Unit.RATE, (
        (scene.Line(own, OWN, majors), scene.Line(rest, REST, apart))
        if majors
        else (scene.Line(words.whole_machine, "swapped", rate("majflt/s")),)
    ))  # fmt: skip
    some, full = words.stalled
    pressure = (
        scene.Line(some, REST, points(lambda _, now: now.some_avg10)),
        scene.Line(full, "swapped", points(lambda _, now: now.full_avg10)),
    )
    own_pressure = points(lambda one, _: None if one.group is None else one.group.some_avg10)
    if own_pressure:
        pressure = (scene.Line(own, OWN, own_pressure), *pressure[:1])
    yield scene.Curves(titles[3], Unit.PERCENT, pressure)
    yield scene.Curves(titles[4], Unit.BYTES, (
        scene.Line(words.into, "file", rate("pgpgin/s", 1024)),
        scene.Line(words.out_of, "dirty", rate("pgpgout/s", 1024)),
    ))  # fmt: skip
    yield scene.Curves(titles[5], Unit.RATE, (
        scene.Line(words.whole_machine, REST, rate("fault/s")),
    ))  # fmt: skip


def _place(one: Past | Passing, line: Timeline) -> float:
    if isinstance(one, Passing):
        return line.at(one.step, one.since)
    return line.begin(one.step, one.part)


def _others(one: Past | Passing) -> int | None:
    """Bytes of memory that are not free and not the experiment's."""
    now = one.machine
    if now is None or isinstance(now.total, Missing):
        return None
    free = now.memory["kbmemfree"]
    return None if isinstance(free, Missing) else ((now.total - free) << 10) - sum(_own(one))


def _since(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else now - before


def _less(whole: float | Missing, part: float | Missing) -> float | None:
    if isinstance(whole, Missing) or isinstance(part, Missing):
        return None
    return max(0.0, whole - part)
