from tests.theory.scene import B, F, G, P, S, Scene, X, Z, faults


def test_a_guard_is_a_marker_that_costs_a_table() -> None:
    scene = Scene(4)
    scene.advise("guard_install", 1, 1)
    assert scene.words() == [0, S | G, 0, 0]
    assert scene.tables() == (1, 1, 1)
    assert scene.smaps().swap == 0


def test_a_guard_survives_dontneed_and_goes_with_guard_remove() -> None:
    scene = Scene(4)
    scene.write()
    scene.advise("guard_install", 1, 1)
    scene.advise("dontneed")
    assert scene.words() == [0, S | G, 0, 0]
    scene.advise("guard_remove")
    assert scene.words() == [0] * 4
    assert scene.tables() == (1, 1, 1)


def test_populating_over_a_guard_stops_there() -> None:
    scene = Scene(4)
    scene.advise("guard_install", 2, 1)
    assert scene.advise("populate_write").errno == 14
    assert scene.words() == [P | X, P | X, S | G, 0]


def test_a_locked_vma_takes_no_guards() -> None:
    scene = Scene(4)
    scene.world.lock("parent", B, 4)
    assert scene.advise("guard_install").errno == 22


def test_mlock_writes_what_is_private_and_writable() -> None:
    scene = Scene(4)
    assert faults(scene.world.lock("parent", B, 4)) == 4
    assert scene.words() == [P | X] * 4
    assert scene.smaps().locked == 16


def test_mlock_reads_what_is_read_only() -> None:
    scene = Scene(4, prot="r--")
    assert faults(scene.world.lock("parent", B, 4)) == 4
    assert scene.words() == [P | Z] * 4


def test_mlock_of_a_private_file_copies_every_page() -> None:
    scene = Scene(32, backing="file")
    assert faults(scene.world.lock("parent", B, 32)) == 32
    assert scene.words() == [P | X] * 32


def test_mlock_of_a_shared_file_reads_by_windows() -> None:
    scene = Scene(32, backing="file", shared=True)
    assert faults(scene.world.lock("parent", B, 32)) == 2
    assert scene.words() == [P | F | X] * 32


def test_dontneed_of_locked_memory_is_refused() -> None:
    scene = Scene(4)
    scene.world.lock("parent", B, 4)
    assert scene.advise("dontneed").errno == 22
    scene.world.unlock("parent", B, 4)
    assert scene.advise("dontneed").errno == 0


def test_populating_needs_the_permission() -> None:
    assert Scene(4, prot="r--").advise("populate_write").errno == 22
    assert Scene(4, prot="---").advise("populate_read").errno == 22


def test_advice_over_a_hole_is_done_and_reported() -> None:
    scene = Scene(4)
    scene.write()
    scene.world.unmap("parent", B + 1, 1)
    assert scene.advise("dontneed").errno == 12
    assert scene.words() == [0] * 4
