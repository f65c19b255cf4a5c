from tests.theory.scene import B, Scene
from vmtui.theory import Kernel, TableCounts, World, tree, views


def kib(world: World, process: str = "parent") -> int:
    return views.tables(world, process).bytes // 1024


def spread(pages: int, stride: int) -> int:
    world = World()
    for number in range(pages):
        world.map("parent", B + number * stride, 1)
        world.touch("parent", [B + number * stride], True)
    return kib(world)


def test_patterns_cost_what_was_measured() -> None:
    assert spread(1, 1) == 12
    assert spread(512, 512) == 2056
    assert spread(64, 512 * 512) == 516
    assert spread(8, 512**3) == 96


def test_64_mib_in_a_row_cost_136_kib_and_one_table_more_unaligned() -> None:
    scene = Scene(16384)
    scene.write()
    assert kib(scene.world) == 136
    world = World()
    world.map("parent", B + 5, 16384)
    world.touch("parent", range(B + 5, B + 5 + 16384), True)
    assert kib(world) == 140


def test_dontneed_of_a_whole_span_gives_its_table_back() -> None:
    scene = Scene(16384)
    scene.write()
    scene.advise("dontneed")
    assert kib(scene.world) == 8


def test_page_by_page_no_table_comes_back() -> None:
    scene = Scene(1024)
    scene.write()
    for page in range(1024):
        scene.advise("dontneed", page, 1)
    assert scene.tables() == (2, 1, 1)


def test_a_guard_keeps_its_table() -> None:
    scene = Scene(1024)
    scene.advise("guard_install", 3, 1)
    scene.write(1000)
    scene.advise("dontneed")
    assert scene.tables() == (1, 1, 1)


def test_kernels_without_pt_reclaim_keep_all_tables() -> None:
    scene = Scene(1024, kernel=Kernel(reclaims_tables=False))
    scene.write()
    scene.advise("dontneed")
    assert scene.tables() == (2, 1, 1)


def test_unmapping_frees_tables_no_vma_reaches_gaps_included() -> None:
    scene = Scene(1000)
    scene.write()
    scene.world.unmap("parent", B, 1000)
    assert scene.tables() == (1, 1, 1)  # the gap above begins in the last 2 MiB
    scene.world.unmap("parent", B + 1000, 512)
    assert scene.tables() == (0, 0, 0)  # the gap below lies in another 512 GiB
    world = World()
    world.map("parent", B, 1)
    world.touch("parent", [B], True)
    world.unmap("parent", B, 1)
    assert kib(world) == 0


def test_tables_elsewhere_are_added() -> None:
    scene = Scene(1)
    scene.write()
    rest = TableCounts(10, 3, 2)
    assert views.tables(scene.world, "parent", rest) == TableCounts(11, 4, 3)


def test_a_flat_table_of_128_tib_takes_256_gib() -> None:
    assert tree.flat_table_bytes() == 256 << 30


def test_the_tree_agrees_with_the_model() -> None:
    for pages, stride in ((1, 1), (600, 1), (512, 512), (64, 512**2), (8, 512**3)):
        assert tree.spread_tables(pages, stride).bytes == spread(pages, stride) * 1024
    assert tree.dense_tables(16384).bytes == 136 << 10


def test_the_tree_grows_larger_than_flat_just_below_128_tib() -> None:
    pages = tree.crossing_pages()
    assert tree.tree_bytes(pages) <= tree.flat_table_bytes() < tree.tree_bytes(pages + 512)
    assert round(tree.crossing_bytes() / 2**40, 2) == 127.75


def test_badly_spread_the_tree_is_larger_with_256_gib_of_memory() -> None:
    pages = tree.crossing_pages_spread()
    assert tree.tree_bytes(pages, 512) > tree.flat_table_bytes()
    assert tree.tree_bytes(pages - 2**18, 512) < tree.flat_table_bytes()
