"""Groups of every kind. v1 for real where root may; v2 and scopes only against a made-up tree."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.test_memory_group import V2
from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.kernel.cgroup import Membership
from vmtui.kernel.mounts import Mount, Mounts
from vmtui.lab import spawner
from vmtui.lab.resources import cgroupfs, memcg
from vmtui.lab.resources.memcg import MemoryGroup
from vmtui.lab.resources.memcg_scope import ScopeGroup
from vmtui.lab.resources.memcg_v2 import V2Group
from vmtui.lab.spawner import Bench

MIB = 1 << 20


class Tree:
    """A made-up cgroup2 mount in a directory: a write replaces a file's text, as in the real one.

    Its groups get the files that the kernel would make when `make` has made them.
    """

    def __init__(self, top: Path) -> None:
        self.top = top
        self.mounts = Mounts(None, Mount(bytes(top), b"/"))
        self.add("", "memory", "memory")

    def add(self, path: str, controllers: str, subtree: str) -> Path:
        directory = self.top / path
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in V2.items():
            (directory / name).write_bytes(text)
        (directory / "cgroup.procs").write_bytes(b"")
        (directory / "cgroup.kill").write_bytes(b"")
        (directory / "cgroup.controllers").write_text(controllers)
        (directory / "cgroup.subtree_control").write_text(subtree)
        return directory


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def chosen(tree: Tree, path: bytes, systemd: str = "/nowhere") -> MemoryGroup:
    return memcg.choose("vmtui-1-ab", Membership(path, 2), tree.mounts, systemd)


def test_v2_is_beside_the_apps_own_group(tree: Tree) -> None:
    tree.add("jobs", "memory", "memory")
    tree.add("jobs/mine", "memory", "")
    group = chosen(tree, b"/jobs/mine")
    assert (group.kind, group.path) == ("v2", f"{tree.top}/jobs/vmtui-1-ab")
    assert group.directories == (group.path,)
    assert not os.path.exists(group.path), "nothing is made before `make`"
    group.make()
    assert os.path.isdir(group.path)


def test_v2_is_below_the_root_for_who_is_in_it(tree: Tree) -> None:
    assert chosen(tree, b"/").path == f"{tree.top}/vmtui-1-ab"


def test_v2_never_switches_a_controller_on_for_others(tree: Tree) -> None:
    tree.add("jobs", "memory", "")
    tree.add("jobs/mine", "", "")
    with pytest.raises(NotSupported, match="memory controller"):
        chosen(tree, b"/jobs/mine")
    assert (tree.top / "jobs/cgroup.subtree_control").read_text() == ""


def test_v2_limits_and_account(tree: Tree) -> None:
    group = chosen(tree, b"/")
    group.make()
    made = tree.add("vmtui-1-ab", "memory", "")
    group.add(4242)
    group.limit(96 * MIB, 0)
    assert (made / "cgroup.procs").read_text() == "4242"
    assert (made / "memory.max").read_text().startswith(str(96 * MIB))
    assert (made / "memory.swap.max").read_text().startswith("0")
    view = group.reading()
    assert (view.kind, view.path) == ("v2", group.path)
    assert (view.usage, view.oom_kills, view.some_avg10) == (64 * MIB, 1, 4.94)


def test_v2_limits_can_be_taken_away(tree: Tree) -> None:
    group = chosen(tree, b"/")
    group.make()
    made = tree.add("vmtui-1-ab", "memory", "")
    for name in ("memory.max", "memory.swap.max"):
        (made / name).write_text("")
    group.limit(None, None)
    assert (made / "memory.max").read_text() == "max"
    assert (made / "memory.swap.max").read_text() == "max"


def test_a_group_that_exists_is_never_taken(tree: Tree) -> None:
    tree.add("vmtui-1-ab", "memory", "")
    with pytest.raises(VmtuiError):
        chosen(tree, b"/").make()


def test_v2_kills_all_and_removes(tree: Tree) -> None:
    group = chosen(tree, b"/")
    group.make()
    (Path(group.path) / "cgroup.kill").write_text("")
    with pytest.raises(VmtuiError):
        group.remove()  # unlike a real one, the directory has files
    assert (Path(group.path) / "cgroup.kill").read_text() == "1"
    (Path(group.path) / "cgroup.kill").unlink()
    group.remove()
    assert not os.path.exists(group.path)
    group.remove()


def test_who_may_not_is_told(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_args, **_more: False)
    with pytest.raises(NotPermitted):
        chosen(tree, b"/")


def test_where_systemd_runs_it_is_a_scope(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/systemd-run")
    monkeypatch.setattr(os, "getuid", lambda: 0)
    group = chosen(tree, b"/system.slice/sshd.service", str(tree.top))
    assert isinstance(group, ScopeGroup)
    assert (group.kind, group.unit, group.manager) == ("scope", "vmtui-1-ab.scope", "--system")
    assert group.directories == ()


@pytest.mark.parametrize(("controllers", "works"), [("memory pids", True), ("pids", False)])
def test_a_users_systemd_must_have_been_given_memory(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, controllers: str, works: bool
) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/systemd-run")
    tree.add("user.slice/user-1000.slice/user@1000.service", controllers, controllers)
    if not works:
        with pytest.raises(NotSupported, match="memory controller"):
            ScopeGroup.of("vmtui-1-ab", tree.mounts, uid=1000)
        return
    assert ScopeGroup.of("vmtui-1-ab", tree.mounts, uid=1000).manager == "--user"


def test_without_systemd_run(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(NotSupported, match="systemd-run"):
        ScopeGroup.of("vmtui-1-ab", tree.mounts, uid=0)


FAKE_SYSTEMD_RUN = """#!/bin/sh
echo "$@" > "{top}/asking" && mv "{top}/asking" "{top}/asked"
while [ "$1" != "--" ]; do shift; done
shift
exec "$@"
"""


@pytest.fixture
def scope(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScopeGroup]:
    """A scope made by a systemd-run that only does the last part: run the words after `--`."""
    tools = tree.top / "tools"
    tools.mkdir()
    tool = tools / "systemd-run"
    tool.write_text(FAKE_SYSTEMD_RUN.format(top=tree.top))
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    directory = tree.add("user.slice/vmtui-1-ab.scope", "memory", "")

    def member(_self: ScopeGroup, _pid: int) -> Membership | None:
        """In the scope once systemd-run has been there."""
        there = (tree.top / "asked").exists()
        return Membership(b"/user.slice/vmtui-1-ab.scope", 2) if there else None

    monkeypatch.setattr(ScopeGroup, "_member", member)
    made = ScopeGroup("vmtui-1-ab.scope", "--user", tree.mounts)

    def leaf(path: str) -> None:
        tree.add(str(Path(path).relative_to(tree.top)), "memory", "")

    monkeypatch.setattr(cgroupfs, "make", leaf)
    made.make()
    yield made
    placeholder = made._placeholder
    if placeholder is not None:
        placeholder.end()
    assert directory.exists()


def test_a_scope_has_a_leaf_for_the_placeholder_and_one_for_us(
    scope: ScopeGroup, tree: Tree
) -> None:
    asked = (tree.top / "asked").read_text()
    assert "--user --scope" in asked and "Delegate=yes" in asked
    assert "--unit=vmtui-1-ab.scope" in asked
    inside = tree.top / "user.slice/vmtui-1-ab.scope"
    assert scope.path == str(inside / "experiment")
    assert scope._placeholder is not None
    assert (inside / "placeholder/cgroup.procs").read_text() == str(scope._placeholder.pid)
    assert (inside / "cgroup.subtree_control").read_text() == "+memory"
    scope.limit(64 * MIB, None)
    assert (inside / "experiment/memory.max").read_text().startswith(str(64 * MIB))
    assert (inside / "memory.max").read_bytes() == V2["memory.max"], "the scope is systemd's"


def test_systemd_is_asked_where_the_kernel_refuses(
    scope: ScopeGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[list[str]]()

    def refuse(directory: str, name: str, value: str) -> None:
        raise NotPermitted(f"{directory}/{name}")

    def told(command: list[str]) -> str:
        asked.append(command)
        return ""

    monkeypatch.setattr(cgroupfs, "write", refuse)
    monkeypatch.setattr(spawner, "told", told)
    scope.add(77)
    assert asked[0][:2] == ["busctl", "--user"]
    assert asked[0][-4:] == ["vmtui-1-ab.scope", "/experiment", "1", "77"]
    monkeypatch.setattr(spawner, "told", lambda _command: "no such unit")
    with pytest.raises(NotPermitted, match="no such unit"):
        scope.add(77)


def test_a_systemd_run_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "systemd-run"
    tool.write_text("#!/bin/sh\necho 'Failed to connect to bus' >&2\nexit 1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    group = ScopeGroup("vmtui-1-ab.scope", "--user", Mounts(None, Mount(bytes(tmp_path), b"/")))
    with pytest.raises(NotSupported, match="Failed to connect to bus"):
        group.make()
    assert group.path == ""


def test_a_held_process_ends_with_its_pipe() -> None:
    held = spawner.Held(["env"])
    assert held.ended() == ""
    held.end()
    assert held.ended()
    held.end()


@pytest.fixture
def real() -> Iterator[MemoryGroup]:
    """A group on this machine."""
    why = memcg.refusal()
    if why is not None:
        pytest.skip(why.en)
    group = memcg.choose(f"vmtui-{os.getpid()}-test")
    if group.kind != "v1":
        pytest.skip("the memory controller is not on version 1 here")
    group.make()
    try:
        yield group
    finally:
        group.remove()
        assert not any(os.path.exists(directory) for directory in group.directories)


def test_v1_for_real(real: MemoryGroup) -> None:
    with Bench.open() as bench:
        hands = bench.start()
        real.add(hands.pid)
        assert real.pids() == (hands.pid,)
        for memory, swap in ((64 * MIB, 0), (96 * MIB, 32 * MIB), (32 * MIB, None)):
            real.limit(memory, swap)
            view = real.reading()
            assert (view.limit, view.swap_limit) == (memory, swap)
        real.limit(None, None)
        assert real.reading().limit is None
        assert real.reading().oom_kills == 0
        assert isinstance(real.reading().some_avg10, float) or len(real.directories) == 1
        hands.exit()


def test_v1_lets_nobody_survive_its_end(real: MemoryGroup) -> None:
    with Bench.open() as bench:
        hands = bench.start()
        real.add(hands.pid)
        real.remove()
        assert not hands.alive
        hands.end()


def test_what_is_in_use_cannot_be_forbidden(tree: Tree) -> None:
    group = V2Group(f"{tree.top}/gone")
    with pytest.raises(VmtuiError):
        group.limit(MIB, None)
    assert group.pids() == ()
