from tests.theory.scene import B, F, H, P, S, Scene, X, Z, faults
from vmtui.theory import Kernel


def huge(pages: int = 1024, **how: object) -> Scene:
    scene = Scene(pages, **how)  # type: ignore[arg-type]
    scene.advise("hugepage")
    return scene


def test_one_fault_fills_two_mib() -> None:
    scene = huge()
    assert faults(scene.write()) == 2
    assert scene.words() == [P | X | H] * 1024
    assert scene.smaps().anon_huge == 4096


def test_a_huge_page_saves_no_page_table() -> None:
    scene = huge()
    scene.write()
    assert scene.tables() == (2, 1, 1)


def test_reading_maps_the_huge_zero_page_and_writing_replaces_it() -> None:
    scene = huge(512)
    assert faults(scene.read()) == 1
    assert scene.words() == [P | Z | H] * 512
    assert scene.smaps().rss == 0
    assert faults(scene.write()) == 1
    assert scene.smaps().rss == 2048


def test_an_empty_table_keeps_huge_pages_away() -> None:
    scene = Scene(512)
    scene.write(0)
    scene.advise("dontneed", 0, 1)
    scene.advise("hugepage")
    assert faults(scene.write()) == 512


def test_a_block_that_is_not_all_in_the_vma_stays_small() -> None:
    scene = huge(600)
    assert faults(scene.write()) == 1 + 88


def test_the_mode_never_is_obeyed_and_always_needs_no_advice() -> None:
    assert faults(huge(512, kernel=Kernel(huge_mode="never")).write()) == 512
    assert faults(Scene(512, kernel=Kernel(huge_mode="always")).write()) == 1


def test_after_a_fork_a_write_splits_the_writers_mapping_and_copies_one_page() -> None:
    scene = huge(512)
    scene.write()
    scene.fork()
    outcome = scene.write(3, by="child")
    assert (faults(outcome), outcome.copied) == (1, 1)
    assert scene.smaps("child").anon_huge == 0
    assert scene.smaps().anon_huge == 2048
    assert faults(scene.write(by="child")) == 511


def test_bit_56_of_a_huge_page_is_that_of_its_first() -> None:
    scene = huge(512)
    scene.write()
    scene.fork()
    scene.write(3, by="child")
    assert scene.words() == [P | H] * 512
    scene.write(0, by="child")
    assert scene.words() == [P | H | X] * 512
    assert scene.counts()[:5] == [1, 2, 2, 1, 2]


def test_alone_again_one_fault_makes_all_of_it_writable() -> None:
    scene = huge(512)
    scene.write()
    scene.fork()
    scene.world.exit("child")
    assert faults(scene.write()) == 1


def test_a_page_of_a_folio_somebody_else_uses_is_copied_though_mapped_once() -> None:
    scene = huge(512)
    scene.write()
    scene.fork()
    scene.write(0, by="child")
    assert scene.counts()[0] == 1
    assert scene.write(0).copied == 1


def test_dropping_a_part_splits_the_mapping_and_keeps_the_frames() -> None:
    scene = huge(512)
    scene.write()
    before = scene.frames()
    scene.advise("dontneed", 7, 1)
    assert scene.words()[6:9] == [P | X, 0, P | X]
    assert [*scene.frames()[:7], *scene.frames()[8:]] == [*before[:7], *before[8:]]
    assert scene.tables() == (1, 1, 1)


def test_dropping_all_of_it_takes_the_table_along() -> None:
    scene = huge(512)
    scene.write()
    scene.advise("dontneed")
    assert scene.tables() == (0, 1, 1)


def test_protecting_a_part_splits_and_all_of_it_does_not() -> None:
    scene = huge(512)
    scene.write()
    scene.protect("r--")
    scene.protect("rw-")
    assert faults(scene.write()) == 0
    assert scene.smaps().anon_huge == 2048
    scene.protect("r--", 5, 1)
    assert scene.smaps().anon_huge == 0


def test_paged_out_it_comes_back_small() -> None:
    scene = huge(512)
    scene.write()
    scene.advise("pageout")
    assert scene.words() == [S] * 512
    assert faults(scene.write()) == 512


def test_splitting_for_reclaim_gives_zero_filled_pages_back() -> None:
    scene = huge(512)
    scene.write(0)
    scene.advise("pageout", 0, 1)
    assert scene.words() == [S] + [P | Z] * 511
    assert scene.smaps().rss == 0


def test_freeing_all_of_it_keeps_it_huge() -> None:
    scene = huge(512)
    scene.write()
    scene.advise("free")
    assert (scene.smaps().anon_huge, scene.smaps().lazy_free) == (2048, 2048)


def test_collapse_makes_one_of_many_and_leaves_the_child_the_old_frames() -> None:
    scene = Scene(512)
    scene.write()
    scene.fork()
    assert scene.advise("collapse").errno == 0
    assert scene.words() == [P | X | H] * 512
    assert scene.words("child") == [P | X] * 512


def test_collapse_needs_a_page_table_and_an_anon_vma_but_no_page() -> None:
    scene = Scene(1024)
    assert scene.advise("collapse", 0, 512).errno == 22
    scene.read(0)
    assert scene.advise("collapse", 0, 512).errno == 22
    scene.write(600)
    assert scene.advise("collapse", 0, 512).errno == 0
    assert scene.words()[:512] == [P | X | H] * 512


def test_collapse_of_less_than_a_block_does_nothing_or_is_an_error() -> None:
    scene = Scene(1024)
    scene.write()
    assert scene.advise("collapse", 100, 300).errno == 22
    assert scene.advise("collapse", 100, 412).errno == 0
    assert scene.smaps().anon_huge == 0


def test_a_guard_cannot_be_collapsed() -> None:
    scene = Scene(512)
    scene.write()
    scene.advise("guard_install", 9, 1)
    assert scene.advise("collapse").errno == 22


def test_shared_memory_without_a_page_cannot_be_collapsed() -> None:
    assert Scene(512, backing="memfd", shared=True).advise("collapse").errno == 22


def test_collapsed_shared_memory_has_no_table_and_is_dropped_as_a_whole() -> None:
    scene = Scene(512, backing="memfd", shared=True)
    scene.write()
    assert scene.advise("collapse").errno == 0
    assert scene.words() == [P | F | X | H] * 512
    assert scene.tables() == (0, 1, 1)
    scene.advise("dontneed", 5, 1)
    assert scene.words() == [0] * 512
    assert faults(scene.read(7)) == 1
    assert scene.words() == [P | F | X | H] * 512


def test_hugetlb_needs_its_pool_and_no_page_table() -> None:
    assert Scene(1024, hugetlb=True).mapped.errno == 12
    scene = Scene(1024, kernel=Kernel(hugetlb_pages=2), hugetlb=True)
    assert faults(scene.write()) == 2
    assert scene.tables() == (0, 1, 1)
    assert scene.smaps().rss == 0
    scene.world.unmap("parent", B, 1024)
    assert scene.world.hugetlb_free == 2


def hugetlb(pages: int = 512, **how: bool) -> Scene:
    return Scene(pages, kernel=Kernel(hugetlb_pages=8), hugetlb=True, **how)


def test_hugetlb_is_copied_as_a_whole_after_a_fork() -> None:
    scene = hugetlb()
    scene.write(0)
    scene.fork()
    outcome = scene.write(5, by="child")
    assert (faults(outcome), outcome.copied) == (1, 512)
    assert scene.words() == scene.words("child") == [P | X | H] * 512


def test_hugetlb_that_was_only_read_needs_a_fault_to_be_written() -> None:
    scene = hugetlb()
    assert faults(scene.read()) == 1
    assert faults(scene.write()) == 1


def test_hugetlb_is_not_writable_at_once_after_mprotect() -> None:
    scene = hugetlb()
    scene.write()
    scene.protect("r--")
    scene.protect("rw-")
    assert faults(scene.write()) == 1


def test_shared_hugetlb_is_found_again_by_the_child() -> None:
    scene = hugetlb(shared=True)
    scene.write()
    scene.fork()
    assert faults(scene.read(by="child")) == 1
    assert scene.frames() == scene.frames("child")


def test_empty_hugetlb_pages_show_as_huge_once_there_is_a_table() -> None:
    scene = hugetlb(1024)
    assert set(scene.words()) == {0}
    scene.write(0)
    assert scene.words()[512:] == [H] * 512


def test_populating_marks_the_whole_huge_page_dirty() -> None:
    scene = huge(512)
    scene.write()
    scene.advise("free")
    assert scene.smaps().lazy_free == 2048
    scene.advise("populate_write", 5, 1)
    assert scene.smaps().lazy_free == 0
