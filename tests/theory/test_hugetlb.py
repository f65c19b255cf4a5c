"""hugetlb: whole pages of 2 MiB from a pool, as scripts on Linux 6.18 were seen to behave."""

from __future__ import annotations

import errno

import pytest

from vmtui.theory import Kernel, World, views

FIRST = 1 << 28
BLOCK = 512


@pytest.fixture
def world() -> World:
    made = World(Kernel(hugetlb_pages=2))
    made.pool(2)
    made.map("parent", FIRST, 4 * BLOCK, hugetlb=True)
    return made


def held(world: World) -> int:
    return views.hugetlb_pages(world, "parent") // BLOCK


def test_a_fault_for_2_mib_and_no_table_under_them(world: World) -> None:
    assert world.touch("parent", range(FIRST, FIRST + 4 * BLOCK), True).minor.low == 4
    assert held(world) == 4
    assert views.tables(world, "parent").pte == 0
    assert views.smaps(world, "parent", FIRST, 4 * BLOCK).rss == 0


def test_the_pool_is_promised_when_it_is_mapped(world: World) -> None:
    assert world.map("parent", FIRST + 8 * BLOCK, BLOCK, hugetlb=True).errno == errno.ENOMEM
    world.unmap("parent", FIRST, 4 * BLOCK)
    assert world.map("parent", FIRST + 8 * BLOCK, BLOCK, hugetlb=True).errno == 0


def test_part_of_a_page_is_not_given_back(world: World) -> None:
    world.touch("parent", range(FIRST, FIRST + 4 * BLOCK), True)
    assert world.advise("parent", FIRST, 100, "dontneed").errno == 0
    assert held(world) == 4
    assert world.advise("parent", FIRST + 100, BLOCK, "dontneed").errno == errno.EINVAL
    assert world.advise("parent", FIRST, BLOCK + 100, "dontneed").errno == 0
    assert held(world) == 3


@pytest.mark.parametrize(("first", "pages"), [(0, 100), (100, BLOCK), (BLOCK, 2 * BLOCK + 1)])
def test_it_is_cut_between_its_pages_only(world: World, first: int, pages: int) -> None:
    world.touch("parent", range(FIRST, FIRST + 4 * BLOCK), True)
    where = FIRST + first
    assert world.protect("parent", where, pages, "r--").errno == errno.EINVAL
    assert world.unmap("parent", where, pages).errno == errno.EINVAL
    assert world.advise("parent", where, pages, "dontfork").errno == errno.EINVAL
    assert held(world) == 4
    assert world.unmap("parent", FIRST, 2 * BLOCK).errno == 0
    assert held(world) == 2


def test_advice_about_transparent_ones_is_heard(world: World) -> None:
    for advice in ("hugepage", "nohugepage"):
        assert world.advise("parent", FIRST, 4 * BLOCK, advice).errno == 0
    assert world.advise("parent", FIRST, 4 * BLOCK, "collapse").errno == errno.EINVAL
