"""Who is killed in a group that has used up its memory: the arithmetic, and the model of it."""

from __future__ import annotations

import errno

import pytest

from vmtui.theory import Kernel, World, oom

AREA = 0x100_0000_0000 >> 12
KERNEL = Kernel(swap=False, own_pages=2000, own_charged_pages=(1270, 1530))
MIB = 256


def group(limit: int = 128 * MIB, swap: int | None = 0, kernel: Kernel = KERNEL) -> World:
    """Three children, as in the experiment; the parent is worth nothing."""
    world = World(kernel)
    world.score("parent", 0)
    world.limit_memory(limit, swap)
    for number, (name, pages, score) in enumerate(
        (("small", 16 * MIB, 1000), ("middle", 24 * MIB, 300), ("large", 120 * MIB, 0))
    ):
        world.fork("parent", name)
        world.score(name, score)
        world.map(name, AREA + number * 200 * MIB, pages)
        world.touch(name, pages_of(name)[: min(pages, 48 * MIB)], True)
    return world


def pages_of(name: str) -> range:
    number, size = {"small": (0, 16), "middle": (1, 24), "large": (2, 120)}[name]
    first = AREA + number * 200 * MIB
    return range(first, first + size * MIB)


def test_points_are_pages_and_a_share_of_the_whole() -> None:
    assert oom.badness(9216, 0, 17, 0, 24576) == 9233
    assert oom.badness(2048, 0, 25, 1000, 24576) == 2073 + 24000
    # A thousandth of 24,576 pages is 24 of them, not 24.576: the kernel divides first.
    assert oom.badness(0, 0, 0, 999, 24576) == 999 * 24
    assert oom.badness(100, 50, 3, -500, 2000) == 153 - 1000
    assert oom.badness(7, 0, 0, 1000, 999) == 7


def test_the_most_points_are_chosen_and_of_equals_the_last() -> None:
    assert oom.chosen({"a": 3, "b": 9, "c": 1}) == "b"
    assert oom.chosen({"a": 9, "b": 9, "c": 1}) == "b"
    assert oom.chosen({}) == ""


def test_not_who_touches_but_who_has_most_points() -> None:
    world = group()
    before = len(world.processes["large"].ptes)
    outcome = world.touch("large", pages_of("large")[48 * MIB : 79 * MIB], True)
    assert outcome.killed == ("small",)
    assert "small" not in world.processes
    assert outcome.faults.exact and outcome.faults.low == 31 * MIB
    assert len(world.processes["large"].ptes) == before + 31 * MIB
    assert outcome.doubt == ""


def test_with_equal_scores_the_largest_dies_of_its_own_touch() -> None:
    world = group()
    world.touch("large", pages_of("large")[48 * MIB : 79 * MIB], True)
    world.score("large", 300)
    outcome = world.touch("large", pages_of("large")[79 * MIB :], True)
    assert outcome.killed == ("large",)
    assert set(world.processes) == {"parent", "middle"}
    low, high = outcome.faults.low, outcome.faults.high
    assert low is not None and high is not None and 0 < low < high < 41 * MIB
    assert "64 at a time" in outcome.faults.cause


def test_enough_room_kills_nobody() -> None:
    world = group(limit=300 * MIB)
    assert world.touch("large", pages_of("large"), True).killed == ()


def test_several_die_where_one_is_not_enough() -> None:
    world = group()
    world.score("middle", 1000)
    outcome = world.touch("large", pages_of("large")[: 108 * MIB], True)
    assert outcome.killed == ("middle", "small")
    assert (outcome.doubt, set(world.processes)) == ("", {"parent", "large"})


def test_two_with_nearly_the_same_points_are_not_predicted() -> None:
    world = group()
    world.score("small", 800)
    world.score("large", 360)
    outcome = world.touch("large", pages_of("large")[48 * MIB : 79 * MIB], True)
    assert outcome.doubt == "two processes have nearly the same points"


def test_room_for_the_last_pages_is_not_predicted() -> None:
    world = group()
    outcome = world.touch("large", pages_of("large")[48 * MIB : 71 * MIB], True)
    assert (outcome.killed, outcome.doubt) == ((), "whether there is room for the last pages")


def test_what_the_kernel_has_decided_is_followed() -> None:
    world = group()
    world.decided = ("middle",)
    outcome = world.touch("large", pages_of("large")[48 * MIB : 79 * MIB], True)
    assert outcome.killed == ("middle",)
    assert set(world.processes) == {"parent", "small", "large"}


def test_a_group_with_swap_may_give_way() -> None:
    swapping = Kernel(swap=True, own_pages=2000)
    world = group(swap=None, kernel=swapping)
    assert world.touch("large", pages_of("large"), True).killed == ()
    world = group(swap=64 * MIB, kernel=swapping)
    assert world.touch("large", pages_of("large"), True).killed == ()


def test_what_a_process_had_before_it_joined_is_charged_elsewhere() -> None:
    world = World(KERNEL)
    world.limit_memory(96 * MIB, 0)
    assert oom.charged_range(world) == (0, oom.SLACK_PAGES)
    world.fork("parent", "child")
    assert oom.charged_range(world) == (1270, 1530 + oom.SLACK_PAGES)
    world.exit("child")
    assert oom.charged_range(world) == (0, 1530 + oom.SLACK_PAGES), "the parent may have the copy"


def test_scores_are_inherited() -> None:
    world = World(KERNEL)
    assert world.processes["parent"].score_adj == 1000
    world.score("parent", 7)
    world.fork("parent", "child")
    assert world.processes["child"].score_adj == 7


@pytest.mark.parametrize(("asked", "error"), [(16, 0), (17, errno.ENOMEM)])
def test_a_limit_on_addresses_is_an_error_and_no_kill(asked: int, error: int) -> None:
    world = World(KERNEL)
    world.limit_address("parent", 16)
    outcome = world.map("parent", AREA, asked)
    assert (outcome.errno, outcome.killed) == (error, ())


def test_addresses_given_back_can_be_had_again() -> None:
    world = World(KERNEL)
    world.limit_address("parent", 16)
    world.map("parent", AREA, 16)
    assert world.map("parent", AREA + 32, 1).errno == errno.ENOMEM
    world.unmap("parent", AREA, 8)
    assert world.map("parent", AREA + 32, 8).errno == 0
