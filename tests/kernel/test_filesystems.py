import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from vmtui.kernel import filesystems

TEXT = rb"""22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:26 / /dev/shm rw - tmpfs tmpfs rw
31 22 0:27 / /mnt/two\040words rw shared:1 - btrfs /dev/vdb rw
32 22 0:28 / /dev/shm rw - ramfs over rw
"""


def test_mounts_and_their_kinds() -> None:
    found = filesystems.parse(TEXT)
    assert found[0] == (b"/", "ext4") and found[2] == (b"/mnt/two words", "btrfs")


def test_the_longest_path_counts_and_the_last_of_equals(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_bytes(TEXT)
    assert filesystems.kind_of("/dev/shm/x", str(table)) == "ramfs"
    assert filesystems.kind_of("/dev/shmx", str(table)) == "ext4"
    assert filesystems.kind_of("/mnt/two words/here", str(table)) == "btrfs"


def test_files_that_have_no_pages(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_bytes(TEXT + b"33 22 0:29 / /proc rw - proc proc rw\nbroken 0:x - proc\n")
    assert filesystems.made_up_devices(str(table)) == {os.makedev(0, 29)}
    assert os.stat("/proc").st_dev in filesystems.made_up_devices()


def test_this_machine() -> None:
    assert filesystems.kind_of("/proc/self/fd") == "proc"


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    filesystems.parse(raw)
