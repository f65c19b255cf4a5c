from tests.theory.scene import B, F, P, Scene, X, faults
from vmtui.theory import views


def test_reading_a_cached_file_is_a_fault_for_sixteen_pages() -> None:
    scene = Scene(4096, backing="file", shared=True)
    assert faults(scene.read()) == 256
    assert scene.smaps().rss == 16384


def test_the_window_is_aligned_by_virtual_address() -> None:
    scene = Scene(64, backing="file")
    scene.read(21)
    assert [page for page, word in enumerate(scene.words()) if word] == list(range(16, 32))


def test_the_start_of_the_vma_moves_both_ends_of_the_window() -> None:
    scene = Scene(64, backing="file")
    scene.protect("r--", 0, 10)
    scene.read(12)
    assert [page for page, word in enumerate(scene.words()) if word] == list(range(10, 26))


def test_the_window_stays_inside_the_vma() -> None:
    scene = Scene(64, backing="file")
    scene.protect("r--", 20, 4)
    scene.read(22)
    assert [page for page, word in enumerate(scene.words()) if word] == [20, 21, 22, 23]


def test_every_shared_write_is_a_fault_and_again_after_a_sync() -> None:
    scene = Scene(32, backing="file", shared=True)
    assert faults(scene.read()) == 2
    assert faults(scene.write()) == 32
    assert faults(scene.write()) == 0
    scene.world.sync("file")
    assert faults(scene.read()) == 0
    assert faults(scene.write()) == 32


def test_sync_protects_the_dirty_pages_of_all_processes() -> None:
    scene = Scene(4, backing="file", shared=True)
    scene.fork()
    scene.write(by="child")
    scene.world.sync("file")
    assert faults(scene.write(by="child")) == 4


def test_dirty_pages_become_writable_with_mprotect_clean_ones_do_not() -> None:
    scene = Scene(4, backing="file", shared=True)
    scene.read()
    scene.write(0, 1)
    scene.protect("r--")
    scene.protect("rw-")
    assert faults(scene.write()) == 2


def test_a_private_write_copies_a_page_of_the_file() -> None:
    scene = Scene(4, backing="file")
    scene.read()
    outcome = scene.write(1)
    assert faults(outcome) == 1
    assert outcome.copied == 1
    assert scene.words() == [P | F | X, P | X, P | F | X, P | F | X]
    scene.advise("dontneed")
    scene.read()
    assert scene.words() == [P | F | X] * 4


def test_a_cold_page_under_random_is_one_major_fault() -> None:
    scene = Scene(8, backing="file", cached=False)
    scene.advise("random")
    outcome = scene.read()
    assert outcome.major.low == outcome.major.high == 8
    assert faults(outcome) == 8


def test_faults_on_a_cold_file_are_a_range_that_says_why() -> None:
    scene = Scene(64, backing="file", cached=False)
    outcome = scene.read()
    assert not outcome.major.exact
    assert "readahead" in outcome.major.cause
    assert outcome.notes
    assert all(scene.words())


def test_only_what_nobody_maps_can_be_evicted() -> None:
    scene = Scene(32, backing="file")
    scene.read(0)
    scene.world.evict("file")
    assert sorted(scene.world.objects["file"].frames) == list(range(16))


def test_truncate_takes_pages_beyond_the_end_even_private_copies() -> None:
    scene = Scene(8, backing="file")
    scene.write()
    scene.world.truncate("file", 5)
    assert scene.words() == [P | X] * 5 + [0] * 3
    assert views.vmas(scene.world, "parent", B, 8)[0][1] == 8


def test_a_dirty_page_paged_out_stays_in_the_cache_and_waits() -> None:
    scene = Scene(1, backing="file", shared=True)
    scene.write()
    scene.advise("pageout")
    assert scene.words() == [0]
    assert scene.world.objects["file"].frames
    assert scene.read().major.low == 1


def test_a_clean_page_paged_out_leaves_the_cache() -> None:
    scene = Scene(4, backing="file")
    scene.advise("random")
    scene.read()
    scene.advise("pageout")
    assert not scene.world.objects["file"].frames
    assert scene.read().major.low == 4


def test_after_readahead_later_touches_are_a_range_as_well() -> None:
    scene = Scene(64, backing="file", cached=False)
    scene.read(*range(10))
    outcome = scene.read(*range(10, 30))
    assert (outcome.faults.low, outcome.faults.high) == (1, 20)
    assert outcome.major.low == 0
    scene.world.unmap("parent", B, 64)
    scene.world.evict("file")
    assert not scene.world.objects["file"].guessed


def test_a_file_of_large_folios_is_a_range() -> None:
    scene = Scene(8)
    scene.world.file("large", 64, folio_pages=4)
    scene.world.map("parent", B + 1024, 64, backing="large")
    outcome = scene.world.touch("parent", range(B + 1024, B + 1088), False)
    assert not outcome.faults.exact
    assert "folios" in outcome.faults.cause
