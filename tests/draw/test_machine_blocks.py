"""The page of free blocks: one width at any size, sums that add up, what is missing said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import factories
from tests.ui.screens import whole_machine as made
from vmtui.draw import machine_blocks, machine_stores
from vmtui.draw.glyphs import ASCII
from vmtui.draw.machine_blocks import Blocks
from vmtui.draw.paint import text_of, width
from vmtui.kernel.swaps import SwapDevice
from vmtui.kernel.zoneinfo import Zone
from vmtui.missing import Missing
from vmtui.model.machine import MachineRow

ZONES = tuple(Zone(0, one.zone, 1, 10, 20, 30, 1 << 20, 1 << 20, 64) for one in made.ZONES)
SWAP = (SwapDevice(b"/dev/zram0", "partition", 1 << 30, 400 << 20, 100),)


def blocks(**changes: object) -> Blocks:
    values = {"free_blocks": made.ZONES, "zones": ZONES, "swaps": SWAP} | changes
    machine = replace(factories.machine(), **values)  # type: ignore[arg-type]
    return Blocks(MachineRow(machine), made.BLOCKS, made.OVERVIEW)


@pytest.mark.parametrize("cells", [60, 78, 98, 118, 158, 238])
@pytest.mark.parametrize("lines", [10, 18, 30, 60])
def test_every_row_is_as_wide_as_the_screen(cells: int, lines: int) -> None:
    rows = machine_blocks.page(blocks(), cells, lines)
    assert {width(line) for line in rows} == {cells}
    assert {width(line) for line in ASCII.rows(rows)} == {cells}
    assert cells < 112 or lines < 30 or len(rows) <= lines


def test_orders_sum_to_what_is_free() -> None:
    text = text_of(machine_blocks.free(blocks(), 100))
    # 100 + 2×50 + 4×20 single ones and small blocks, 128 on lists, the rest in large blocks
    per_cpu = next(line for line in text.split("\n") if line.startswith("per CPU"))
    assert per_cpu.split()[2:6] == ["64", "64", "512K", "0.0%"]
    whole = next(line for line in text.split("\n") if line.startswith("all"))
    assert whole.split()[-2:] == ["3.93G", "100%"]
    largest = next(line for line in text.split("\n") if line.startswith("4M"))
    assert largest.split()[1:5] == ["3", "1,000", "3.92G", "100%"] and "»" in largest


def test_few_lines_share_orders_and_lose_none() -> None:
    loose = text_of(machine_blocks.free(blocks(), 100))
    tight = text_of(machine_blocks.free(blocks(), 100, tight=True))
    assert "16K–32K" in tight and len(tight) < len(loose)
    assert tight.split("\n")[-1].split()[:1] == ["all"]


def test_what_is_not_offered_is_said() -> None:
    none = Missing("this kernel does not tell")
    text = text_of(machine_blocks.page(blocks(free_blocks=none, swaps=none), 118, 40))
    assert text.count("this kernel does not tell") == 2
    assert "this kernel" in text_of([machine_blocks.about(blocks(free_blocks=none), wide=True)])
    bare = Blocks(blocks().row, replace(made.BLOCKS, pools=none, thp="never", ksm=none), None)
    text = text_of(machine_blocks.page(bare, 118, 40))
    assert text.count("this kernel does not tell") == 2 and "never" in text


def test_swap_with_and_without_devices() -> None:
    row = blocks().row
    text = text_of(machine_stores.swap(row, made.OVERVIEW, 80, roomy=True))
    assert "400M in 100M of memory, 4.0 times smaller, 9 pages incompressible" in text
    assert "zswap on" in text
    empty = blocks(swaps=()).row
    assert "no device in use" in text_of(machine_stores.swap(empty, None, 80, roomy=True))
    lost = replace(made.OVERVIEW, zram=(("zram0", Missing("mm_stat is not readable")),))
    assert "mm_stat is not readable" in text_of(machine_stores.swap(row, lost, 80, roomy=True))


def test_ksm_says_what_it_saves() -> None:
    text = text_of(machine_stores.merging(made.BLOCKS, 90, roomy=True))
    assert "running: 10 frames for 100 pages, saved 360K" in text and "5 unlike any other" in text
    assert not isinstance(made.BLOCKS.ksm, Missing)
    stopped = replace(made.BLOCKS.ksm, run=0, shared=0)
    text = text_of(machine_stores.merging(replace(made.BLOCKS, ksm=stopped), 90, roomy=False))
    assert text.split() == ["KSM", "stopped"]
