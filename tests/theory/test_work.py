from itertools import pairwise

import pytest

from tests.theory.scene import B, Scene
from vmtui.theory import Answer, Kernel, Outcome
from vmtui.theory.oom import charged_range
from vmtui.theory.work import Order, misses, textbook


def work(scene: Scene, order: Order = "random", keep: int = 0) -> Outcome:
    return scene.world.work("parent", B, scene.pages, order, write=True, keep=keep)


def limit(scene: Scene, pages: int) -> None:
    scene.world.limit_memory(pages, None)


def test_at_random_the_share_that_is_not_there_is_missed() -> None:
    shares = [textbook("random", given, 100) for given in (40, 75, 100, 140)]
    assert shares == pytest.approx([0.6, 0.25, 0.0, 0.0])


def test_in_turn_everything_is_missed_as_soon_as_one_page_is_lacking() -> None:
    assert [textbook("cyclic", given, 100) for given in (40, 99, 100)] == [1.0, 1.0, 0.0]
    assert textbook("cyclic", 99, 100, together=8) == 0.125


@pytest.mark.parametrize("order", ["random", "cyclic"])
def test_the_range_is_around_the_textbook_and_says_why(order: Order) -> None:
    for given in range(40, 100, 5):
        answer = misses(order, given * 160, 16_000, own=256)
        said = 1000 * textbook(order, given, 100)
        assert answer.low is not None and answer.high is not None
        assert answer.low <= said <= answer.high
        assert answer.cause


def test_more_memory_never_means_more_misses() -> None:
    answers = [misses("random", given, 10_000, own=100) for given in range(0, 12_000, 100)]
    for less, more in pairwise(answers):
        assert (less.low or 0) >= (more.low or 0)
        assert (less.high or 0) >= (more.high or 0)


def test_work_that_fits_never_misses_and_leaves_the_pages_as_they_are() -> None:
    scene = Scene(64)
    scene.write()
    limit(scene, 64 + 600)
    before = scene.words()
    outcome = work(scene)
    assert (outcome.misses, outcome.faults) == (Answer(0, 0), Answer(0, 0))
    assert not scene.world.unsure
    assert scene.words() == before


def test_work_on_too_little_is_a_range_and_the_pages_are_not_predicted() -> None:
    scene = Scene(4096)
    scene.write()
    limit(scene, 2048)
    assert scene.world.unsure
    outcome = work(scene)
    assert outcome.misses.low and outcome.misses.high
    assert outcome.misses.low < 500 < outcome.misses.high
    assert (outcome.faults.low, outcome.faults.high) == (0, None)


def test_pages_that_were_there_may_have_gone() -> None:
    scene = Scene(4096)
    limit(scene, 2048)
    first = scene.write()
    assert first.faults == Answer(4096, 4096)  # each is new, whatever goes meanwhile
    again = scene.read()
    assert (again.faults.low, again.faults.high) == (0, 4096)
    assert "reclaim" in again.faults.cause


def test_without_swap_and_files_nothing_is_reclaimed() -> None:
    scene = Scene(1024, Kernel(swap=False))
    scene.write()
    limit(scene, 1200)
    assert not scene.world.unsure


def test_pages_of_a_file_can_always_go() -> None:
    scene = Scene(1024, Kernel(swap=False), backing="file", shared=True, prot="r--")
    limit(scene, 600)
    assert scene.read().faults.high is not None
    assert scene.world.unsure
    assert list(scene.world.processes) == ["parent"]


def test_pages_of_a_file_stay_charged_when_nobody_maps_them() -> None:
    scene = Scene(1024, Kernel(swap=False), backing="file", shared=True, prot="r--")
    limit(scene, 4000)
    low, high = charged_range(scene.world)
    assert low < 512 and high >= 1024  # somebody else may have read them first, or the group
    scene.read()
    assert charged_range(scene.world)[1] >= 1024
    scene.world.unmap("parent", B, scene.pages)
    assert charged_range(scene.world)[1] >= 1024
    scene.world.evict("file")
    assert charged_range(scene.world)[1] < 1024


def test_when_all_is_unmapped_one_knows_again() -> None:
    scene = Scene(4096)
    scene.write()
    limit(scene, 2048)
    scene.world.unmap("parent", B, scene.pages)
    assert not scene.world.unsure


def test_with_more_memory_later_some_pages_have_to_come_back_first() -> None:
    scene = Scene(4096)
    scene.write()
    limit(scene, 2048)
    limit(scene, 9000)
    assert work(scene).misses.low is None


def test_a_program_can_keep_itself_short() -> None:
    scene = Scene(1000)
    scene.write()
    assert work(scene, keep=1000).misses == Answer(0, 0)
    answer = work(scene, "cyclic", keep=900).misses
    assert answer.high == 1000
    assert scene.world.unsure


def test_readahead_fetches_neighbours_from_a_disk_only() -> None:
    fetched = []
    for in_memory in (False, True):
        scene = Scene(4096)
        scene.world.swap_on(in_memory=in_memory)
        scene.write()
        limit(scene, 2048)
        outcome = work(scene, "cyclic")
        fetched.append((outcome.together, outcome.misses.low))
    assert fetched[0][0] == 8
    assert fetched[1][0] == 1
    assert (fetched[0][1] or 0) < (fetched[1][1] or 0)


def test_a_wrong_access_is_told() -> None:
    scene = Scene(4, prot="r--")
    outcome = work(scene)
    assert outcome.fault is not None


def test_what_is_swapped_is_counted_once_for_each_writing() -> None:
    scene = Scene(8)
    scene.write()
    assert scene.advise("pageout").swapped_out == 8
    assert scene.read().swapped_in == 0  # the swap cache has them
    assert scene.advise("pageout").swapped_out == 0  # unchanged
    assert scene.read().swapped_in == 8
    scene.write()
    assert scene.advise("pageout").swapped_out == 8


def test_zeros_are_not_written_to_swap() -> None:
    scene = Scene(8)
    scene.advise("populate_write")
    assert scene.advise("pageout").swapped_out == 0
    assert scene.read().swapped_in == 0


def test_compressed_memory_has_no_swap_cache_and_no_readahead() -> None:
    scene = Scene(8, Kernel(swap=False))
    scene.world.swap_on(in_memory=True)
    scene.write()
    assert scene.advise("pageout").swapped_out == 8
    assert scene.read().major == Answer(8, 8)
