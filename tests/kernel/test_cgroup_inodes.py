"""From a cgroup's inode to its path, in a tree of our own."""

from __future__ import annotations

from pathlib import Path

from vmtui.kernel.cgroup_inodes import path_of
from vmtui.kernel.mounts import Mount, Mounts
from vmtui.missing import Missing


def test_finds_the_directory(tmp_path: Path) -> None:
    inner = tmp_path / "system" / "a\x1bb"
    inner.mkdir(parents=True)
    here = Mounts(None, Mount(bytes(tmp_path), b"/"))
    assert path_of(inner.stat().st_ino, here) == b"/system/a\x1bb"
    assert path_of(tmp_path.stat().st_ino, here) == b"/"


def test_says_why_not(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / str(number)).mkdir()
    here = Mounts(Mount(bytes(tmp_path), b"/"), None)
    for inode, most, words in (
        (0, 100, "charged to no"),
        (1 << 60, 100, "no directory"),
        (1 << 60, 10, "among the first 10"),
    ):
        why = path_of(inode, here, most)
        assert isinstance(why, Missing)
        assert words in why.reason
    assert isinstance(path_of(1, Mounts(None, None)), Missing)
