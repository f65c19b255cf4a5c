"""The whole machine beside an experiment, as text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.draw.lab.scenes import scene
from vmtui.draw.bar import VESSEL, Segment
from vmtui.draw.lab import stage
from vmtui.draw.lab.machine import OWN, pane
from vmtui.draw.lab.scene import Curves, Line, Machine, Swap
from vmtui.draw.lab.words import JA
from vmtui.draw.paint import text_of, width
from vmtui.model.fields.field import Unit

_POINTS = [(0.0, 1.0), (0.2, 40.0), (0.3, -9.0)]
_PARTS = (
    Segment("experiment", OWN, 64 << 20), Segment("others", "anon", 3 << 30),
    Segment("cached", "file", 1 << 30), Segment("slab", "kernel", 1 << 28),
    Segment("free", VESSEL, 20 << 30),
)  # fmt: skip
MACHINE = Machine(
    _PARTS,
    tuple(
        Curves(f"chart {at}", Unit.RATE, (Line("experiment", OWN, _POINTS), Line("", "strong", ())))
        for at in range(6)
    ),
    (Swap("/dev/vda2", 2 << 30, 0, own=False),
     Swap("/var/lib/vmtui/of-its-own.swap", 256 << 20, 34 << 20, own=True)),
    "memory group (v1): 63.9M of 64.0M",
    (("sar -r", (("kbmemfree", "17212344"), ("kbavail", "18000000"))),
     ("sar -B", (("pgpgin/s", "12.00"),)), ("sar -W", (("pswpin/s", "–"),))),
)  # fmt: skip


@pytest.mark.parametrize(
    "size", [(58, 12), (78, 21), (70, 33), (102, 47), (180, 60), (30, 8), (20, 4)]
)
@pytest.mark.parametrize("words", [scene().words, JA])
def test_the_pane_is_filled_exactly(size: tuple[int, int], words: object) -> None:
    for machine in (MACHINE, Machine((), (), ()), replace(MACHINE, parts=_PARTS[:1], swaps=())):
        for letters in (False, True):
            rows = pane(scene(words=words, bars_by_letters=letters), machine, *size)
            assert len(rows) == size[1]
            assert {width(row) for row in rows} == {size[0]}


def test_the_experiments_own_is_never_too_small_to_be_seen() -> None:
    for own in (1, 1 << 20, 64 << 20, 8 << 30):
        parts = (Segment("experiment", OWN, own), *_PARTS[1:])
        rows = pane(scene(), replace(MACHINE, parts=parts), 78, 21)
        first = rows[1][0]
        assert first.paint.ground == OWN and first.text
        assert width(rows[1]) == 78


def test_its_own_swap_comes_first_and_others_keep_the_end_of_their_name() -> None:
    far = Swap("/srv/very/far/away/in/some/directory/swap.file", 1 << 30, 0, own=False)
    machine = replace(MACHINE, swaps=(*MACHINE.swaps, far))
    head = text_of(pane(scene(), machine, 130, 40)[:1])
    assert head.index("■ experiment 34.0M/256M") < head.index("/dev/vda2 0/2.00G")
    assert "…directory/swap.file 0/1.00G" in head
    narrow = text_of(pane(scene(), machine, 60, 20)[:1])
    assert "34.0M/256M" in narrow and "vda2" not in narrow and "…" in narrow


def test_figures_of_sar_stand_under_its_names_where_there_is_room() -> None:
    tall = text_of(pane(scene(), MACHINE, 102, 47)).split("\n")
    names = next(at for at, line in enumerate(tall) if line.startswith("sar -r"))
    assert tall[names].index("kbmemfree") + 9 == tall[names + 1].index("17212344") + 8
    assert "sar -r" not in text_of(pane(scene(), MACHINE, 78, 21))
    assert all(f"chart {at}" in text_of(pane(scene(), MACHINE, 102, 47)) for at in range(6))
    assert "chart 3" in text_of(pane(scene(), MACHINE, 78, 21))


def test_the_stage_shows_it_in_place_of_the_picture() -> None:
    now = scene(machine=MACHINE)
    for size in ((60, 13), (80, 22), (120, 33), (160, 48)):
        rows = stage.rows(now, *size)
        said = text_of(rows)
        assert len(rows) == size[1] and {width(row) for row in rows} == {size[0]}
        assert "the whole machine" in said and "1=========" not in said
    assert "in child:" in text_of(stage.rows(now, 120, 33))
