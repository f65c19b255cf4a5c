from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.errors import NotSupported
from vmtui.kernel import cgroup, mounts
from vmtui.kernel.cgroup import NO_LIMIT, Membership, container_of
from vmtui.kernel.mounts import Mount, Mounts
from vmtui.missing import Missing

GROUP = Membership(b"/vmtui-fixture", 1)
hex_id = "0123456789abcdef" * 4


def tree(top: Path, files: dict[str, bytes]) -> bytes:
    """A fake hierarchy under `top`; its root as bytes."""
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(text)
    return bytes(top)


def test_mixed_machine_takes_the_v1_line() -> None:
    assert cgroup.parse(captured("process-cgroup")) == GROUP


def test_v2_alone_and_none_at_all() -> None:
    assert cgroup.parse(b"0::/user.slice/a b\n") == Membership(b"/user.slice/a b", 2)
    assert isinstance(cgroup.parse(b""), Missing)
    assert isinstance(cgroup.parse(b"3:cpuset:/\n"), Missing)


@given(st.binary(max_size=60).filter(lambda name: b"\n" not in name))
def test_any_path(name: bytes) -> None:
    found = cgroup.parse(b"9:name=systemd:/\n4:hugetlb,memory:/%s\n0::/\n" % name)
    assert found == Membership(b"/" + name, 1)


def test_captured_mounts() -> None:
    found = mounts.parse(captured("cgroup-mountinfo"))
    assert found == Mounts(
        Mount(b"/sys/fs/cgroup/memory", b"/"), Mount(b"/sys/fs/cgroup/unified", b"/")
    )


def test_a_mount_point_with_a_space() -> None:
    text = b"35 31 0:32 /docker/ab /my\\040groups rw - cgroup2 cgroup2 rw\n"
    assert mounts.parse(text) == Mounts(None, Mount(b"/my groups", b"/docker/ab"))


def test_v1_account(tmp_path: Path) -> None:
    names = ("usage_in_bytes", "stat", "oom_control", "failcnt")
    files = {f"vmtui-fixture/memory.{name}": captured(f"cgroup1-memory.{name}") for name in names}
    here = Mounts(Mount(tree(tmp_path, files), b"/"), None)
    account = cgroup.read(GROUP, here)
    assert account.limit_bytes == 64 << 20
    assert account.usage_bytes == 8912896
    assert account.left_bytes == (64 << 20) - 8912896
    assert account.swap_bytes == 0
    assert (account.events.limit_hits, account.events.oom_kills) == (0, 0)
    assert isinstance(account.events.high, Missing)


def test_what_is_left_is_the_least_of_all_levels(tmp_path: Path) -> None:
    """A group above is met first, where others use much of it; one that is not visible counts."""
    stat = b"hierarchical_memory_limit 1000000\n"

    def left(above: int, used_above: int) -> int | Missing:
        files = {
            "pod/memory.limit_in_bytes": b"%d\n" % above,
            "pod/memory.usage_in_bytes": b"%d\n" % used_above,
            "pod/box/memory.limit_in_bytes": b"9223372036854771712\n",
            "pod/box/memory.usage_in_bytes": b"4096\n",
            "pod/box/memory.stat": stat,
        }
        place = tmp_path / f"{above}-{used_above}"
        place.mkdir()
        here = Mounts(Mount(tree(place, files), b"/"), None)
        return cgroup.read(Membership(b"/pod/box", 1), here).left_bytes

    assert left(1_000_000, 900_000) == 100_000
    assert left(1_000_000, 1_000_001) == 0
    assert left(9223372036854771712, 900_000) == 1_000_000 - 4096


def test_v1_without_a_limit(tmp_path: Path) -> None:
    files = {
        "memory.usage_in_bytes": b"1\n",
        "memory.stat": b"hierarchical_memory_limit 9223372036854771712\n",
    }
    account = cgroup.read(Membership(b"/", 1), Mounts(Mount(tree(tmp_path, files), b"/"), None))
    assert account.limit_bytes == account.left_bytes == NO_LIMIT
    assert isinstance(account.swap_bytes, Missing)
    assert isinstance(account.events.oom_kills, Missing)
    assert isinstance(account.events.limit_hits, Missing)


def test_v2_account_takes_the_tightest_limit_above(tmp_path: Path) -> None:
    events = b"low 0\nhigh 3\nmax 5\noom 2\noom_kill 1\noom_group_kill 0\n"
    files = {
        "memory.max": b"9000000\n",
        "memory.current": b"8999999\n",
        "pod/memory.max": b"1048576\n",
        "pod/memory.current": b"48576\n",
        "pod/box/memory.max": b"max\n",
        "pod/box/cgroup.controllers": b"memory\n",
        "pod/box/memory.current": b"4096\n",
        "pod/box/memory.swap.current": b"0\n",
        "pod/box/memory.events": events,
    }
    here = Mounts(None, Mount(tree(tmp_path, files), b"/"))
    account = cgroup.read(Membership(b"/pod/box", 2), here)
    assert (account.limit_bytes, account.usage_bytes, account.swap_bytes) == (1 << 20, 4096, 0)
    assert account.left_bytes == 1
    assert account.events == cgroup.MemoryEvents(limit_hits=5, high=3, oom=2, oom_kills=1)


def test_v2_root_has_no_account_but_is_no_error(tmp_path: Path) -> None:
    here = Mounts(None, Mount(tree(tmp_path, {"cgroup.controllers": b"cpu memory\n"}), b"/"))
    account = cgroup.read(Membership(b"/", 2), here)
    assert isinstance(account.usage_bytes, Missing)
    assert account.limit_bytes == account.left_bytes == NO_LIMIT
    assert isinstance(account.events.oom_kills, Missing)


def test_v2_without_the_controller(tmp_path: Path) -> None:
    here = Mounts(None, Mount(tree(tmp_path, {"x/cgroup.controllers": b"\n"}), b"/"))
    with pytest.raises(NotSupported, match="controller"):
        cgroup.read(Membership(b"/x", 2), here)
    with pytest.raises(NotSupported):
        cgroup.read(Membership(b"/gone", 2), here)


def test_where_a_group_lies_in_a_container() -> None:
    here = Mounts(Mount(b"/sys/fs/cgroup/memory", b"/docker/ab"), Mount(b"/cg", b"/"))
    inside = cgroup.directory_of(Membership(b"/docker/ab/job", 1), here)
    assert inside == b"/sys/fs/cgroup/memory/job"
    assert cgroup.directory_of(Membership(b"/docker/ab", 1), here) == b"/sys/fs/cgroup/memory"
    assert cgroup.directory_of(Membership(b"/", 2), here) == b"/cg"
    for outside in (Membership(b"/docker/abc", 1), Membership(b"/../sibling", 2)):
        with pytest.raises(NotSupported, match="outside"):
            cgroup.directory_of(outside, here)
    with pytest.raises(NotSupported, match="not mounted"):
        cgroup.directory_of(Membership(b"/", 2), Mounts(here.v1, None))


def test_a_hostile_group_name_is_cleaned_in_messages() -> None:
    here = Mounts(None, Mount(b"/cg", b"/ab"))
    with pytest.raises(NotSupported) as caught:
        cgroup.directory_of(Membership(b"/\x1b]0;x\x07", 2), here)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("/", ""),
        ("/user.slice/user-1000.slice/session-2.scope", ""),
        ("/system.slice/docker.service", ""),
        ("/system.slice/containerd.service", ""),
        (f"/docker/{hex_id}", "docker"),
        (f"/system.slice/docker-{hex_id}.scope", "docker"),
        (f"/user.slice/user-1000.slice/libpod-{hex_id}.scope/container", "podman"),
        (f"/kubepods/burstable/pod0a1b/{hex_id}", "k8s"),
        (f"/kubepods.slice/kubepods-pod1.slice/docker-{hex_id}.scope", "k8s"),
        (f"/system.slice/crio-{hex_id}.scope", "crio"),
        (f"/system.slice/nerdctl-{hex_id}.scope", "containerd"),
        ("/lxc/web1/system.slice", "lxc"),
        ("/lxc.payload.web1", "lxc"),
        ("/machine.slice/systemd-nspawn@deb.service", "nspawn"),
        ("/machine.slice/machine-deb.scope", "nspawn"),
        ("/machine.slice/machine-qemu\\x2d1\\x2dvm.scope", "vm"),
        ("/ecs/task/1", "ecs"),
        ("/user.slice/app-flatpak-org.x-12.scope", "flatpak"),
        ("/user.slice/snap.firefox.firefox-1.scope", "snap"),
    ],
)
def test_containers(path: str, mark: str) -> None:
    assert container_of(path.encode()) == mark
    assert container_of(b"0::" + path.encode() + b"\n1:cpu:/\n") == mark
