from tests.theory.scene import B, P, Scene, X, faults


def test_freed_pages_stay_until_somebody_needs_them() -> None:
    scene = Scene(4)
    scene.write()
    scene.advise("free")
    assert scene.words() == [P | X] * 4
    assert (scene.smaps().rss, scene.smaps().lazy_free) == (16, 16)


def test_pageout_throws_freed_pages_away() -> None:
    scene = Scene(4)
    scene.write()
    scene.advise("free")
    scene.advise("pageout")
    assert scene.words() == [0] * 4


def test_a_write_takes_a_freed_page_back_without_a_fault() -> None:
    scene = Scene(4)
    scene.write()
    scene.advise("free")
    assert faults(scene.write(0)) == 0
    assert scene.smaps().lazy_free == 12


def test_a_page_taken_back_survives_the_first_pageout_only() -> None:
    scene = Scene(1)
    scene.write()
    scene.advise("free")
    scene.write()
    scene.advise("pageout")
    assert scene.words() == [P | X]
    scene.advise("pageout")
    assert scene.words() == [2]


def test_only_private_anonymous_unlocked_memory_can_be_freed() -> None:
    assert Scene(4, shared=True).advise("free").errno == 22
    assert Scene(4, backing="file").advise("free").errno == 22
    scene = Scene(4)
    scene.world.lock("parent", B, 4)
    assert scene.advise("free").errno == 22


def test_freeing_a_page_in_swap_empties_it() -> None:
    scene = Scene(2)
    scene.write()
    scene.advise("pageout")
    scene.advise("free")
    assert scene.words() == [0, 0]


def test_a_forked_page_is_free_for_the_caller_only() -> None:
    scene = Scene(2)
    scene.write()
    scene.fork()
    scene.advise("free")
    assert (scene.smaps().lazy_free, scene.smaps("child").lazy_free) == (8, 0)
