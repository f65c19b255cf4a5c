"""What nobody expects, each as the shortest script."""

from tests.theory.scene import B, P, S, Scene, X, Z, faults


def test_1_a_child_does_not_see_pages_that_were_only_read() -> None:
    scene = Scene(8)
    scene.read()
    scene.fork()
    assert scene.words("child") == [0] * 8
    scene = Scene(8)
    scene.read()
    scene.write(0)
    scene.fork()
    assert scene.words("child") == [P] + [P | Z] * 7


def test_2_a_guard_in_shared_memory_saves_the_child_its_faults() -> None:
    scene = Scene(40, backing="memfd", shared=True)
    scene.read()
    scene.advise("guard_install", 39, 1)
    scene.fork()
    assert faults(scene.read(*range(39), by="child")) == 0


def test_3_one_private_write_takes_two_frames() -> None:
    scene = Scene(1, backing="memfd")
    scene.write()
    assert len(scene.world.objects["memfd"].frames) == 1
    assert scene.frames()[0] != scene.world.objects["memfd"].frames[0].id


def test_4_what_was_freed_and_written_again_is_gone_at_the_second_pageout() -> None:
    scene = Scene(1)
    scene.write()
    scene.advise("free")
    scene.write()
    scene.advise("pageout")
    assert scene.words() == [P | X]
    scene.advise("pageout")
    assert scene.words() == [S]


def test_5_zeros_are_read_from_swap_at_once_other_pages_come_from_memory() -> None:
    zeros, written = Scene(1), Scene(1)
    zeros.advise("populate_write")
    written.write()
    for scene in (zeros, written):
        scene.advise("pageout")
    assert zeros.read().major.high == 1
    assert written.read().major.high == 0


def test_6_exclusive_and_yet_copied() -> None:
    scene = Scene(1)
    scene.write()
    scene.advise("pageout")
    scene.fork()
    scene.read(by="child")
    assert scene.words("child") == [P | X]
    assert scene.write(by="child").copied == 1


def test_7_pageout_after_a_fork_does_nothing_and_says_nothing() -> None:
    scene = Scene(1)
    scene.write()
    scene.fork()
    assert scene.advise("pageout").errno == 0
    assert scene.words() == [P]


def test_8_paged_out_shared_memory_is_empty_in_pagemap_and_swap_in_smaps() -> None:
    scene = Scene(1, backing="memfd", shared=True)
    scene.write()
    scene.advise("pageout")
    assert scene.words() == [0]
    assert scene.smaps().swap == 4


def test_9_memory_appears_inside_mprotect() -> None:
    scene = Scene(1, prot="r--")
    scene.world.lock("parent", B, 1)
    assert faults(scene.protect("rw-")) == 1
    assert scene.smaps().rss == 4


def test_10_a_childs_byte_makes_512_pages_of_the_parent_look_exclusive() -> None:
    scene = Scene(512)
    scene.advise("hugepage")
    scene.write()
    scene.fork()
    scene.write(0, by="child")
    assert all(word & X for word in scene.words())
    assert scene.counts()[1] == 2


def test_12_one_byte_dirties_a_whole_folio_of_a_file() -> None:
    scene = Scene(512)
    world = scene.world
    world.file("large", 512, folio_pages=256)
    start = B + 1024
    world.map("parent", start, 512, backing="large", shared=True)
    assert faults(world.touch("parent", [start], True)) == 1
    assert sum(frame.dirty for frame in world.objects["large"].frames.values()) == 256
