from tests.theory.scene import B, P, Scene, X, faults


def test_pages_stay_present_even_with_no_access() -> None:
    scene = Scene(4)
    scene.write()
    scene.protect("---")
    assert scene.words() == [P | X] * 4
    assert scene.smaps().rss == 16


def test_own_pages_are_writable_again_at_once() -> None:
    scene = Scene(4)
    scene.write()
    scene.protect("r--")
    scene.protect("rw-")
    assert faults(scene.write()) == 0


def test_pages_once_shared_by_fork_need_a_fault_each() -> None:
    scene = Scene(4)
    scene.write()
    scene.fork()
    scene.world.exit("child")
    scene.protect("r--")
    scene.protect("rw-")
    assert scene.words() == [P | X] * 4
    assert faults(scene.write()) == 4


def test_a_locked_vma_that_becomes_writable_is_filled_inside_mprotect() -> None:
    scene = Scene(4, prot="r--")
    scene.world.lock("parent", B, 4)
    assert scene.smaps().rss == 0
    assert faults(scene.protect("rw-")) == 4
    assert scene.smaps().rss == 16


def test_parts_become_vmas_and_merge_again() -> None:
    scene = Scene(10)
    scene.write()
    scene.protect("r--", 3, 4)
    assert scene.vmas() == [(0, 3, "rw-"), (3, 4, "r--"), (7, 3, "rw-")]
    scene.protect("rw-", 3, 4)
    assert scene.vmas() == [(0, 10, "rw-")]


def test_over_a_hole_it_is_an_error_and_the_part_before_is_done() -> None:
    scene = Scene(10)
    scene.world.unmap("parent", B + 4, 2)
    assert scene.protect("r--").errno == 12
    assert scene.vmas() == [(0, 4, "r--"), (6, 4, "rw-")]
