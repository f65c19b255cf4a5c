import pytest

from tests.theory.scene import B, P, Scene, X, faults
from vmtui.theory import Fault


def fault(scene: Scene, byte: int, kind: str) -> Fault | None:
    return scene.poke(byte, kind).fault  # type: ignore[arg-type]


def absolute(address: int) -> int:
    return address - (B << 12)


@pytest.mark.parametrize("kind", ["read", "write", "exec"])
def test_nothing_is_mapped_at_null(kind: str) -> None:
    assert fault(Scene(1), absolute(0), kind) == Fault("SIGSEGV", "SEGV_MAPERR", 0, "nothing")


def test_after_an_unmap_nothing_is_there() -> None:
    scene = Scene(4)
    scene.world.unmap("parent", B + 1, 1)
    found = fault(scene, 4096 + 5, "read")
    assert found == Fault("SIGSEGV", "SEGV_MAPERR", (B << 12) + 4096 + 5, "nothing")


def test_a_kernel_address_is_not_mapped_for_programs() -> None:
    address = 0xFFFF_8000_0000_0000
    found = fault(Scene(1), absolute(address), "read")
    assert found == Fault("SIGSEGV", "SEGV_MAPERR", address, "kernel")


def test_a_non_canonical_address_has_no_address_in_its_signal() -> None:
    found = fault(Scene(1), absolute(0x8000_0000_0000_0000), "read")
    assert found == Fault("SIGSEGV", "SI_KERNEL", 0, "non-canonical")


def test_the_protection_is_looked_at() -> None:
    for prot, kind in (("r--", "write"), ("---", "read"), ("rw-", "exec")):
        found = fault(Scene(1, prot=prot), 0, kind)
        assert found == Fault("SIGSEGV", "SEGV_ACCERR", B << 12, "region")


def test_the_gap_beside_a_region_allows_nothing() -> None:
    found = fault(Scene(1), 4096, "read")
    assert found == Fault("SIGSEGV", "SEGV_ACCERR", (B << 12) + 4096, "gap")


def test_a_guard_looks_like_nothing_though_the_vma_allows_it() -> None:
    scene = Scene(2)
    scene.advise("guard_install", 1, 1)
    found = fault(scene, 4096, "read")
    assert found == Fault("SIGSEGV", "SEGV_MAPERR", (B << 12) + 4096, "guard page")


def test_past_the_end_of_a_file_it_is_another_signal() -> None:
    scene = Scene(4, backing="file")
    scene.world.truncate("file", 2)
    found = fault(scene, 3 * 4096, "read")
    assert found == Fault("SIGBUS", "BUS_ADRERR", (B << 12) + 3 * 4096, "past the end of the file")


def test_what_is_allowed_goes_well_and_shows_in_no_count() -> None:
    scene = Scene(2)
    outcome = scene.poke(0, "write")
    assert outcome.fault is None
    assert outcome.failed == 0
    assert scene.words() == [0, 0]


def test_the_fork_of_a_poke_leaves_pages_write_protected() -> None:
    scene = Scene(2)
    scene.write()
    assert scene.poke(absolute(0), "read").failed == 1
    assert scene.words() == [P | X] * 2
    assert faults(scene.write()) == 2
