"""The text readers against the real kernel: a child in a known state; psutil and ps agree."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from vmtui.errors import NotPermitted, NotSupported, ProcessGone
from vmtui.kernel import (
    buddyinfo,
    capabilities,
    cgroup,
    host,
    identity,
    limits,
    meminfo,
    mounts,
    oom,
    pressure,
    smaps_rollup,
    stat,
    statm,
    status,
    swaps,
    vmstat,
    zoneinfo,
)
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.processes import ProcessFiles
from vmtui.kernel.target import Target
from vmtui.missing import Missing

HOSTILE_NAME = b"a) R 1\n"
WRITTEN_BYTES = 16 << 20
CHILD = f"""
import ctypes, mmap, os, sys
ctypes.CDLL(None).prctl(15, {HOSTILE_NAME!r}, 0, 0, 0)
open("/proc/self/oom_score_adj", "w").write("500")
memory = mmap.mmap(-1, {WRITTEN_BYTES}, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(15)
for at in range(0, {WRITTEN_BYTES}, {PAGE_SIZE}):
    memory[at] = 1
os.write(1, b"!")
sys.stdin.read()
"""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@contextmanager
def started(code: str = CHILD) -> Iterator[subprocess.Popen[bytes]]:
    """A child that has done its work and waits."""
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        assert child.stdout.read(1) == b"!"
        wait_until_it_sleeps(child.pid)
        yield child
    finally:
        child.kill()
        child.communicate()


def wait_until_it_sleeps(pid: int) -> None:
    """Its mark is written a moment before it blocks."""
    for _ in range(5000):
        if psutil.Process(pid).status() == psutil.STATUS_SLEEPING:
            return
        time.sleep(0.001)
    pytest.fail("the child does not come to rest")


@pytest.fixture(scope="module")
def child() -> Iterator[subprocess.Popen[bytes]]:
    with started() as process:
        yield process


@pytest.fixture
def target(child: subprocess.Popen[bytes]) -> Iterator[Target]:
    with Target(child.pid) as held:
        yield held


def test_stat(target: Target) -> None:
    found = stat.read(target)
    known = psutil.Process(target.pid)
    assert (found.pid, found.ppid, found.comm) == (target.pid, os.getpid(), HOSTILE_NAME)
    assert (found.state, found.threads, found.nice) == ("S", 1, known.nice())
    assert (found.pgrp, found.session) == (os.getpgid(target.pid), os.getsid(target.pid))
    assert found.minflt >= WRITTEN_BYTES // PAGE_SIZE
    assert found.vsize_bytes == known.memory_info().vms
    assert not found.kernel_thread
    started_at = host.boot_time() + found.start_ticks / host.TICKS_PER_SECOND
    assert abs(started_at - known.create_time()) < 2


def test_stat_against_ps(target: Target) -> None:
    if shutil.which("ps") is None:
        pytest.skip("there is no ps")
    columns = "ppid=,pgid=,sess=,ni=,nlwp=,min_flt=,maj_flt=,vsz="
    told = subprocess.check_output(["ps", "-o", columns, "-p", str(target.pid)])
    found = stat.read(target)
    assert [int(word) for word in told.split()] == [
        found.ppid, found.pgrp, found.session, found.nice, found.threads, found.minflt,
        found.majflt, found.vsize_bytes >> 10,
    ]  # fmt: skip


def test_statm(target: Target) -> None:
    found = statm.read(target)
    known = psutil.Process(target.pid).memory_info()
    assert found.size_pages * PAGE_SIZE == known.vms
    assert found.resident_pages * PAGE_SIZE == known.rss
    assert found.shared_pages * PAGE_SIZE == known.shared


def test_status(target: Target) -> None:
    found = status.read(target)
    assert found.name == HOSTILE_NAME
    assert (found.tgid, found.ppid, found.tracer_pid) == (target.pid, os.getpid(), 0)
    assert (found.uid, found.euid, found.gid) == (os.getuid(), os.geteuid(), os.getgid())
    assert found.ns_pids[0] == target.pid
    assert found.vm_size_bytes == statm.read(target).size_pages * PAGE_SIZE
    assert not isinstance(found.rss_anon_bytes, Missing)
    assert found.rss_anon_bytes >= WRITTEN_BYTES
    assert found.vm_swap_bytes == 0


def test_smaps_rollup(target: Target) -> None:
    for _ in range(20):  # sharing changes while other Pythons come and go: ask between two equals
        found = smaps_rollup.read(target)
        known = psutil.Process(target.pid).memory_full_info()
        if found == smaps_rollup.read(target):
            assert (found.pss_bytes, found.uss_bytes) == (known.pss, known.uss)
            assert found.swap_bytes == known.swap
            break
    assert not isinstance(found.private_dirty_bytes, Missing)
    assert found.private_dirty_bytes >= WRITTEN_BYTES
    assert found.rss_bytes == statm.read(target).resident_pages * PAGE_SIZE


def test_limits(target: Target) -> None:
    found = {limit.name: limit for limit in limits.read(target)}
    for name, number in {
        "Max open files": resource.RLIMIT_NOFILE,
        "Max stack size": resource.RLIMIT_STACK,
        "Max locked memory": resource.RLIMIT_MEMLOCK,
        "Max address space": resource.RLIMIT_AS,
    }.items():
        expected = [
            None if value == resource.RLIM_INFINITY else value
            for value in resource.prlimit(target.pid, number)
        ]
        assert [found[name].soft, found[name].hard] == expected


def test_oom(target: Target) -> None:
    found = oom.read(target)
    assert found.score_adj == 500
    assert found.score > 500


def test_identity(target: Target) -> None:
    found = identity.read(target)
    assert found.exe == os.fsencode(os.path.realpath(sys.executable))
    assert found.cwd == os.fsencode(os.getcwd())
    assert found.parents[0].pid == os.getpid()
    assert found.user == psutil.Process(target.pid).username()
    assert found.create_time == psutil.Process(target.pid).create_time()
    assert target.pid in identity.find(HOSTILE_NAME.decode())


def test_memory_cgroup(target: Target) -> None:
    member = cgroup.path_of(target)
    if isinstance(member, Missing):
        pytest.skip(member.reason)
    try:
        here = mounts.read()
        directory = cgroup.directory_of(member, here)
        account = cgroup.read(member, here)
    except NotSupported as error:
        pytest.skip(str(error))
    with open(os.fsdecode(directory) + "/cgroup.procs") as members:
        assert f"{target.pid}\n" in members.readlines()
    assert isinstance(account.usage_bytes, int) or directory == getattr(here.v2, "directory", None)


def test_kernel_thread() -> None:
    if psutil.Process(2).name() != "kthreadd":
        pytest.skip("process 2 is not a kernel thread here (PID namespace)")
    with Target(2) as thread:
        assert stat.read(thread).kernel_thread
        assert statm.read(thread).resident_pages == 0
        assert status.read(thread).vm_rss_bytes == status.NO_USER_MEMORY
        with pytest.raises((ProcessGone, NotPermitted)):
            smaps_rollup.read(thread)
        assert isinstance(identity.read(thread).exe, Missing)


def test_the_machine_against_psutil() -> None:
    assert meminfo.read()["MemTotal"] == psutil.virtual_memory().total
    assert sum(device.size_bytes for device in swaps.read()) == psutil.swap_memory().total
    assert host.boot_time() == int(psutil.boot_time())
    managed = {
        (zone.node, zone.name)
        for zone in zoneinfo.read()
        if not isinstance(zone.managed_pages, Missing) and zone.managed_pages > 0
    }
    assert managed <= {(zone.node, zone.zone) for zone in buddyinfo.read()}


def test_vmstat_counts_the_faults_of_a_child() -> None:
    before = vmstat.read()["pgfault"]
    with started():
        after = vmstat.read()["pgfault"]
    assert not isinstance(before, Missing)
    assert not isinstance(after, Missing)
    assert after - before >= WRITTEN_BYTES // PAGE_SIZE


def test_pressure_only_rises() -> None:
    try:
        before, after = pressure.read(), pressure.read()
    except NotSupported as error:
        pytest.skip(str(error))
    assert after.some.total_us >= before.some.total_us
    assert not isinstance(after.full, Missing)
    assert after.full.total_us <= after.some.total_us


def test_own_capabilities() -> None:
    with open("/proc/self/status") as lines:
        words = next(line.split() for line in lines if line.startswith("CapEff"))
    assert len(capabilities.effective_capabilities()) == int(words[1], 16).bit_count()


def test_user_namespace() -> None:
    code = "from vmtui.kernel.capabilities import in_initial_user_namespace as first;print(first())"
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("there is no unshare")
    done = subprocess.run(
        [unshare, "-U", sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    if "unshare failed" in done.stderr:
        pytest.skip("user namespaces may not be made here")
    assert done.stdout == "False\n"


def test_kept_descriptors_tell_of_the_end() -> None:
    with ProcessFiles() as files:
        with started() as process:
            pid = process.pid
            assert pid in files.pids()
            raw, line = files.statm(pid), files.stat(pid)
            assert raw is not None
            assert line is not None
            assert statm.parse(raw).resident_pages * PAGE_SIZE > WRITTEN_BYTES
            assert status.parse(files.status(pid)).tgid == pid
            assert files.cmdline(pid).startswith(os.fsencode(sys.executable) + b"\0")
            assert oom.parse(files.oom_score_adj(pid)) == 500
            assert not isinstance(cgroup.parse(files.cgroup(pid)), bytes)
            process.kill()
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            zombie = files.stat(pid)
            assert zombie is not None
            assert stat.parse(zombie).state == "Z"
            assert files.statm(pid) == b"0 0 0 0 0 0 0\n"
        assert files.statm(pid) is None
        assert files.stat(pid) is None
        with pytest.raises(ProcessGone):
            files.status(pid)


@needs_root
def test_a_reused_number_is_not_mistaken_for_the_process() -> None:
    """The next PID is set by hand, as /proc/sys/kernel/ns_last_pid allows."""
    with ProcessFiles() as files:
        for _ in range(50):
            with started("import os, sys; os.write(1, b'!'); sys.stdin.read()") as process:
                pid = process.pid
                assert files.statm(pid) is not None
            try:
                with open("/proc/sys/kernel/ns_last_pid", "w") as last:
                    last.write(str(pid - 1))
            except OSError as error:
                pytest.skip(f"ns_last_pid: {error.strerror}")
            with started("import os, sys; os.write(1, b'!'); sys.stdin.read()") as impostor:
                if impostor.pid == pid:
                    assert files.statm(pid) is None
                    assert files.statm(pid) is not None
                    return
                files.drop(pid)
    pytest.skip("other processes took the number each time")


@needs_root
def test_hidepid_is_counted() -> None:
    code = (
        "import sys; from vmtui.kernel.processes import ProcessFiles;"
        "files = ProcessFiles(sys.argv[1]); pids = files.pids();"
        "seen = sum(files.statm(pid) is not None for pid in pids);"
        "print(seen, files.hidden, len(pids))"
    )
    script = (
        'mount -t proc -o hidepid=1 proc "$1" || exit 77;'
        ' exec setpriv --reuid=65534 --regid=65534 --clear-groups "$2" -c "$3" "$1"'
    )
    with tempfile.TemporaryDirectory(dir="/tmp") as place:  # tmp_path may not be entered by others
        os.chmod(place, 0o755)
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script, "sh", place, sys.executable, code],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("procfs may not be mounted here")
    seen, hidden, listed = map(int, done.stdout.split())
    assert hidden > 0
    assert seen >= 1
    assert seen + hidden <= listed
