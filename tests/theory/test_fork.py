import pytest

from tests.theory.scene import B, G, P, S, Scene, X, Z, faults


def test_written_pages_are_shared_after_a_fork() -> None:
    scene = Scene(8)
    scene.write()
    scene.fork()
    assert scene.frames() == scene.frames("child")
    assert scene.words() == scene.words("child") == [P] * 8
    assert scene.counts() == [2] * 8
    assert scene.smaps().pss == 16
    assert scene.smaps().shared == 32


def test_a_write_after_a_fork_copies_one_page() -> None:
    scene = Scene(8)
    scene.write()
    scene.fork()
    outcome = scene.write(3, by="child")
    assert faults(outcome) == outcome.copied == 1
    assert scene.frames()[3] != scene.frames("child")[3]
    assert scene.words()[3] == scene.words("child")[3] == P | X


def test_the_last_owner_writes_in_place_for_one_fault() -> None:
    scene = Scene(8)
    scene.write()
    scene.fork()
    scene.write(by="child")
    before = scene.frames()
    outcome = scene.write()
    assert faults(outcome) == 8
    assert outcome.copied == 0
    assert scene.frames() == before


def test_a_sibling_that_exits_makes_pages_exclusive_but_not_writable() -> None:
    scene = Scene(4)
    scene.write()
    scene.fork()
    scene.world.exit("child")
    assert scene.words() == [P | X] * 4
    assert faults(scene.write()) == 4
    assert faults(scene.write()) == 0


def test_memory_that_was_only_read_is_not_copied() -> None:
    scene = Scene(8)
    scene.read()
    scene.fork()
    assert scene.words("child") == [0] * 8
    assert scene.tables("child") == (0, 0, 0)


def test_one_written_page_makes_fork_copy_all_of_the_vma() -> None:
    scene = Scene(8)
    scene.read()
    scene.write(0)
    scene.fork()
    assert scene.words("child") == [P] + [P | Z] * 7


def test_shared_memory_is_found_again_by_faults() -> None:
    scene = Scene(8, shared=True)
    scene.write()
    scene.fork()
    assert scene.words("child") == [0] * 8
    assert faults(scene.read(by="child")) == 1
    assert scene.frames("child") == scene.frames()


def test_a_guard_in_shared_memory_makes_fork_copy_its_entries() -> None:
    scene = Scene(8, backing="memfd", shared=True)
    scene.write()
    scene.advise("guard_install", 7, 1)
    scene.fork()
    assert scene.words("child")[7] == S | G
    assert faults(scene.read(*range(7), by="child")) == 0


@pytest.mark.parametrize(("backing", "pieces"), [("memfd", 1), (None, 3)])
def test_pieces_of_shared_memory_join_again_in_the_child(backing: str | None, pieces: int) -> None:
    """A guard has entries copied, but no piece has an anon_vma of its own, as private ones do."""
    scene = Scene(9, backing=backing, shared=backing is not None)
    scene.advise("guard_install", 1, 3)
    scene.write(0)
    scene.world.lock("parent", B + 4, 3)
    scene.fork()
    scene.world.lock("child", B, 9)
    assert len(scene.vmas("child")) == pieces


def test_empty_tables_are_inherited() -> None:
    scene = Scene(1024)
    scene.write(0, 600)
    scene.advise("dontneed", 0, 1)
    scene.fork()
    assert scene.tables() == scene.tables("child") == (2, 1, 1)


def test_dontfork_leaves_the_vma_out() -> None:
    scene = Scene(4)
    scene.write()
    scene.advise("dontfork")
    scene.fork()
    assert scene.vmas("child") == []
    assert scene.words() == [P | X] * 4


def test_wipeonfork_gives_the_child_an_empty_vma() -> None:
    scene = Scene(4)
    scene.write()
    scene.advise("wipeonfork")
    scene.fork()
    assert scene.vmas("child") == [(0, 4, "rw-")]
    assert scene.words("child") == [0] * 4
    assert scene.words() == [P | X] * 4


def test_a_lock_is_not_inherited() -> None:
    scene = Scene(4)
    scene.world.lock("parent", B, 4)
    scene.fork()
    assert scene.smaps().locked > 0
    assert scene.smaps("child").locked == 0


def test_the_fork_experiment_of_the_lecture() -> None:
    """Half written by the child, then the same half by the parent: faults without copies."""
    scene = Scene(4096)
    scene.write()
    scene.fork()
    half = range(2048)
    assert scene.write(*half, by="child").copied == 2048
    assert (scene.smaps().pss, scene.smaps().private) == (12288, 8192)
    outcome = scene.write(*half)
    assert (faults(outcome), outcome.copied) == (2048, 0)
