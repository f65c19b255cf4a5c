"""A moment of `cow` by hand, for tests of the stage's drawings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from vmtui.draw.lab.scene import Curves, Figure, Line, Operation, Saved, Scene, Tile
from vmtui.draw.lab.timeline import Timeline
from vmtui.model.fields.field import Unit
from vmtui.model.states import PageState

PAGES = 400
STEPS = (
    Operation("map buf 1600K anon", "Reserve 1600K.", ("char *buf = mmap(…);",)),
    Operation("touch buf write", "Fill it.", ("memset(buf, 1, n);",), "400 faults"),
    Operation("fork child", "The map is copied, no page.", ("pid_t child = fork();",)),
    Operation(
        "in child: touch buf ::10 write",
        "The child writes one page in 10: a fault and a copy each.",
        ("if (child == 0)", "    for (i = 0; i < n; i += 10)", "        buf[i * 4096] = 2;"),
    ),
    Operation("exit child", "The child ends.", ("if (child == 0) _exit(0);",)),
)
LINE = Timeline([1, 40, 1, 40, 1])


def tiles(written: int, pages: int = PAGES) -> tuple[Tile, Tile]:
    """Parent and child after the child wrote every tenth page before `written`."""
    states = np.full(pages, PageState.COW, np.uint8)
    marks = np.ones(pages, np.uint8)
    split = np.arange(0, written, 10)
    states[split], marks[split] = PageState.ANON, 2
    age = np.zeros(pages, np.uint8)
    age[split[-1:]] = 1
    theirs = np.where(marks == 2, 3, marks).astype(np.uint8)
    return (
        Tile("parent", 8123, "buf", 0x1000_0200, states, marks, age, pages, "Rss 1.56M"),
        Tile("child", 8124, "buf", 0x1000_0200, states, theirs, age, pages, "Rss 1.56M"),
    )


def scene(written: int = 200, **changes: Any) -> Scene:
    """While the child writes."""
    part = written / PAGES
    copied = -(-written // 10)
    points = [(LINE.begin(3, at / 40), float(at)) for at in range(1, 41)]
    done = [point for point in points if point[0] < LINE.at(3, part) - 1e-9]
    whole = Scene(
        question="What does fork copy?",
        answer="The map is copied; a page only when written.",
        why="fork() gives the child the same frames, not copies. The first write copies a page.",
        steps=STEPS,
        step=3,
        part=part,
        figures=(
            Figure("minor faults, child", str(copied), str(copied), "0 =", rank=0),
            Figure("frames used", str(400 + copied), str(400 + copied), "0 =", rank=0),
            Figure("major faults", "0–8", "3", "0 ≈", why="readahead"),
            Figure("pages as predicted", "800", "800", "0 =", rank=-1, strong=True),
        ),
        tiles=tiles(written),
        curves=(Curves("pages copied", Unit.COUNT, (Line("", "anon", done, points),)),),
        saved=Saved(400 + copied, 800, 400 - copied),
        starts=tuple(LINE.starts),
        now=LINE.at(3, part),
        focus={"buf": written},
    )
    return replace(whole, **changes)
