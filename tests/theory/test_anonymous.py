from tests.theory.scene import P, Scene, X, Z, faults


def test_mapping_costs_nothing_until_it_is_touched() -> None:
    scene = Scene(1000)
    assert faults(scene.mapped) == 0
    assert set(scene.words()) == {0}
    assert scene.smaps().rss == 0
    assert scene.tables() == (0, 0, 0)


def test_reading_an_empty_page_maps_the_zero_page() -> None:
    scene = Scene(8)
    assert faults(scene.read()) == 8
    assert scene.words() == [P | Z] * 8
    assert set(scene.frames()) == {-1}
    assert scene.smaps().rss == 0


def test_writing_an_empty_page_takes_a_frame_of_its_own() -> None:
    scene = Scene(8)
    assert faults(scene.write()) == 8
    assert scene.words() == [P | X] * 8
    assert len(set(scene.frames())) == 8
    assert scene.smaps().rss == scene.smaps().private == scene.smaps().anonymous == 32


def test_writing_a_zero_page_is_one_fault_more() -> None:
    scene = Scene(8)
    scene.read()
    assert faults(scene.write()) == 8
    assert scene.smaps().rss == 32


def test_a_present_page_costs_no_fault() -> None:
    scene = Scene(8)
    scene.write()
    assert faults(scene.write()) == faults(scene.read()) == 0


def test_a_read_only_page_that_is_populated_is_the_zero_page() -> None:
    scene = Scene(4, prot="r--", populate=True)
    assert faults(scene.mapped) == 4
    assert scene.words() == [P | Z] * 4


def test_map_populate_writes_a_writable_private_region() -> None:
    scene = Scene(4, populate=True)
    assert faults(scene.mapped) == 4
    assert scene.words() == [P | X] * 4
    assert faults(scene.write()) == 0


def test_dontneed_drops_pages_and_the_next_read_finds_zeros() -> None:
    scene = Scene(8)
    scene.write()
    scene.advise("dontneed", 2, 3)
    assert scene.words() == [P | X] * 2 + [0] * 3 + [P | X] * 3
    scene.read()
    assert scene.words()[2:5] == [P | Z] * 3


def test_touching_what_is_forbidden_fails_at_the_first_page() -> None:
    scene = Scene(4, prot="r--")
    outcome = scene.write()
    assert outcome.failed == 1
    assert outcome.fault is not None
    assert outcome.fault.code == "SEGV_ACCERR"
    assert scene.words() == [0] * 4


def test_a_region_cannot_be_mapped_where_there_is_one() -> None:
    scene = Scene(4)
    assert scene.world.map("parent", scene.world.processes["parent"].vmas[1].start, 2).errno == 17
