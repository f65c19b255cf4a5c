from tests.theory.scene import B, P, S, Scene, X, faults
from vmtui.theory import Kernel


def test_a_written_page_comes_back_from_the_swap_cache_in_the_same_frame() -> None:
    scene = Scene(4)
    scene.write()
    before = scene.frames()
    scene.advise("pageout")
    assert scene.words() == [S] * 4
    assert scene.smaps().swap == scene.smaps().swap_pss == 16
    outcome = scene.read()
    assert outcome.minor.low == outcome.minor.high == 4
    assert scene.frames() == before


def test_paged_out_twice_without_a_write_it_has_to_be_read() -> None:
    scene = Scene(4)
    scene.write()
    scene.advise("pageout")
    scene.read()
    scene.advise("pageout")
    outcome = scene.read()
    assert faults(outcome) == 4
    assert (outcome.major.low, outcome.major.high) == (0, 4)
    assert "readahead" in outcome.major.cause


def test_a_page_of_zeros_is_freed_at_once() -> None:
    scene = Scene(4)
    scene.advise("populate_write")
    scene.advise("pageout")
    assert scene.read().major.high == 4


def test_what_fork_shares_is_skipped_without_an_error() -> None:
    scene = Scene(4)
    scene.write()
    scene.fork()
    assert scene.advise("pageout").errno == 0
    assert scene.words() == [P] * 4


def test_an_own_page_comes_back_writable() -> None:
    scene = Scene(4)
    scene.write()
    scene.advise("pageout")
    scene.read()
    assert faults(scene.write()) == 0


def test_after_a_fork_of_swapped_pages_exclusive_does_not_mean_writable() -> None:
    scene = Scene(2)
    scene.write()
    scene.advise("pageout")
    scene.fork()
    scene.read(by="child")
    assert scene.words("child") == [P | X] * 2
    outcome = scene.write(by="child")
    assert (faults(outcome), outcome.copied) == (2, 2)


def test_readers_of_one_slot_share_one_frame() -> None:
    scene = Scene(2)
    scene.write()
    scene.advise("pageout")
    scene.fork()
    scene.read(by="child")
    scene.read()
    assert scene.frames() == scene.frames("child")


def test_a_write_of_a_page_in_swap_with_another_owner_is_one_fault_and_a_copy() -> None:
    scene = Scene(1)
    scene.write()
    scene.advise("pageout")
    scene.fork()
    outcome = scene.write(by="child")
    assert (faults(outcome), outcome.copied) == (1, 1)
    outcome = scene.write()
    assert (faults(outcome), outcome.copied) == (1, 0)


def test_swap_pss_divides_by_the_entries() -> None:
    scene = Scene(4)
    scene.write()
    scene.advise("pageout")
    scene.fork()
    assert scene.smaps().swap_pss == 8


def test_locked_memory_cannot_be_paged_out() -> None:
    scene = Scene(4)
    scene.world.lock("parent", B, 4)
    assert scene.advise("pageout").errno == 22


def test_without_swap_anonymous_memory_stays() -> None:
    scene = Scene(4, kernel=Kernel(swap=False))
    scene.write()
    scene.advise("pageout")
    assert scene.words() == [P | X] * 4


def test_dropping_a_page_in_swap_empties_it() -> None:
    scene = Scene(4)
    scene.write()
    scene.advise("pageout")
    scene.advise("dontneed")
    assert scene.words() == [0] * 4
    assert scene.smaps().swap == 0
