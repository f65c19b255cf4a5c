"""The account of a group: v1 from captured text, v2 from text made by the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.captured import captured
from vmtui.errors import NotSupported
from vmtui.kernel import memory_group
from vmtui.missing import Missing

V2 = {
    "cgroup.controllers": b"memory\n",
    "cgroup.procs": b"41\n42\n",
    "memory.max": b"100663296\n",
    "memory.current": b"67108864\n",
    "memory.swap.max": b"268435456\n",
    "memory.swap.current": b"4096\n",
    "memory.events": b"low 0\nhigh 0\nmax 99\noom 3\noom_kill 3\n",
    "memory.events.local": b"low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 0\n",
    "memory.stat": b"anon 60000000\nfile 5000000\npgmajfault 7\nworkingset_refault_anon 5\n"
    b"workingset_refault_file 2\n",
    "memory.pressure": b"some avg10=4.94 avg60=1.00 avg300=0.20 total=99\n"
    b"full avg10=3.10 avg60=1.00 avg300=0.20 total=90\n",
}


def put(directory: Path, files: dict[str, bytes]) -> bytes:
    for name, text in files.items():
        (directory / name).write_bytes(text)
    return bytes(directory)


def v1(directory: Path, **more: bytes) -> bytes:
    """A v1 group with the captured text, and what is added by name."""
    names = ("memory.usage_in_bytes", "memory.stat", "memory.oom_control", "memory.failcnt")
    files = {name: captured(f"cgroup1-{name}") for name in names}
    files["memory.limit_in_bytes"] = b"67108864\n"
    return put(directory, files | {name.replace("__", "."): text for name, text in more.items()})


def test_v1(tmp_path: Path) -> None:
    found = memory_group.read_v1(v1(tmp_path, memory__memsw__limit_in_bytes=b"67108864\n"))
    assert found.limit == 64 << 20
    assert found.swap_limit == 0
    assert found.usage > 0
    assert isinstance(found.anon, int) and found.anon > 0
    assert found.oom_kills == 0


def test_v1_counts_both_ways_of_meeting_the_limit(tmp_path: Path) -> None:
    directory = v1(tmp_path, memory__failcnt=b"3\n", memory__memsw__failcnt=b"4\n")
    assert memory_group.read_v1(directory).failures == 7


def test_v1_without_limits_and_without_swap_accounting(tmp_path: Path) -> None:
    directory = v1(tmp_path, memory__limit_in_bytes=b"9223372036854771712\n")
    found = memory_group.read_v1(directory)
    assert found.limit is None
    assert isinstance(found.swap_limit, Missing)


def test_v2(tmp_path: Path) -> None:
    found = memory_group.read_v2(put(tmp_path, V2))
    assert (found.limit, found.usage) == (96 << 20, 64 << 20)
    assert (found.swap_limit, found.swap) == (256 << 20, 4096)
    assert (found.anon, found.file) == (60_000_000, 5_000_000)
    assert (found.failures, found.oom_kills) == (12, 1), "those of the group alone"
    assert (found.major_faults, found.refaults_anon, found.refaults_file) == (7, 5, 2)


def test_v2_of_kernels_without_local_events(tmp_path: Path) -> None:
    files = {name: text for name, text in V2.items() if name != "memory.events.local"}
    assert memory_group.read_v2(put(tmp_path, files)).oom_kills == 3


def test_v2_without_limits(tmp_path: Path) -> None:
    found = memory_group.read_v2(
        put(tmp_path, V2 | {"memory.max": b"max\n", "memory.swap.max": b"max\n"})
    )
    assert (found.limit, found.swap_limit) == (None, None)


def test_v2_without_the_controller(tmp_path: Path) -> None:
    with pytest.raises(NotSupported):
        memory_group.read_v2(put(tmp_path, {"cgroup.controllers": b"\n"}))


def test_pressure(tmp_path: Path) -> None:
    found = memory_group.read_pressure(put(tmp_path, V2))
    assert (found.some_avg10, found.full_avg10) == (4.94, 3.10)
    assert isinstance(memory_group.read_pressure(None).some_avg10, Missing)
    assert isinstance(memory_group.read_pressure(bytes(tmp_path / "none")).full_avg10, Missing)
