from tests.theory.scene import F, P, S, Scene, X, faults


def test_every_fault_on_a_hole_makes_a_page_in_the_object() -> None:
    scene = Scene(20, backing="memfd", shared=False)
    assert faults(scene.read()) == 20  # there is nothing to map around
    assert scene.words() == [P | F | X] * 20
    assert len(scene.world.objects["memfd"].frames) == 20


def test_reading_cached_pages_maps_sixteen_at_once() -> None:
    scene = Scene(64, backing="memfd", shared=True)
    scene.write()
    scene.advise("dontneed")
    assert faults(scene.read()) == 4


def test_a_write_fault_maps_one_page_only() -> None:
    scene = Scene(64, backing="memfd", shared=True)
    scene.write()
    scene.advise("dontneed")
    assert faults(scene.write()) == 64


def test_a_read_maps_a_shared_writable_page_writable() -> None:
    scene = Scene(8, shared=True)
    scene.read()
    assert faults(scene.write()) == 0


def test_shared_memory_stays_writable_over_mprotect() -> None:
    scene = Scene(8, shared=True)
    scene.read()
    scene.protect("r--")
    scene.protect("rw-")
    assert faults(scene.write()) == 0


def test_a_private_write_leaves_the_page_of_the_object_and_a_copy() -> None:
    scene = Scene(4, backing="memfd")
    outcome = scene.write(0)
    assert faults(outcome) == 1
    assert len(scene.world.objects["memfd"].frames) == 1
    assert scene.words()[0] == P | X
    assert scene.smaps().anonymous == 4


def test_shared_memory_that_is_dropped_is_still_there() -> None:
    scene = Scene(4, shared=True)
    scene.write()
    before = scene.frames()
    scene.advise("dontneed")
    assert scene.words() == [0] * 4
    assert faults(scene.read()) == 1
    assert scene.frames() == before


def test_mapping_the_same_memory_twice_is_not_exclusive() -> None:
    scene = Scene(2, backing="memfd", shared=True)
    scene.write()
    start = scene.world.processes["parent"].vmas[-1].end
    scene.world.map("parent", start, 2, backing="memfd", shared=True)
    scene.world.touch("parent", [start], False)
    assert scene.words() == [P | F] * 2
    assert scene.counts() == [2, 2]


def test_paged_out_shared_memory_has_no_entry_but_counts_as_swap() -> None:
    scene = Scene(4, shared=True)
    scene.write()
    scene.advise("pageout")
    assert scene.words() == [0] * 4
    assert scene.smaps().swap == 16
    outcome = scene.read()
    assert faults(outcome) == 4  # the swap cache is not the page cache: nothing is mapped around
    assert outcome.minor.exact
    assert scene.smaps().swap == 0


def test_a_hole_that_was_only_read_is_dropped_not_swapped() -> None:
    scene = Scene(4, shared=True)
    scene.read()
    scene.advise("pageout")
    assert scene.smaps().swap == 0
    assert S not in scene.words()
