"""What is said of a refusal: the file, safely, and the one step that would unlock it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile import PAYLOADS
from vmtui.errors import NotPermitted, NotSupported, VmtuiError
from vmtui.kernel import refusal
from vmtui.kernel.files import read_system, translated
from vmtui.kernel.target import Target
from vmtui.missing import Missing

STATUS = "Name:\tx\nUid:\t{0}\t{0}\t{0}\t{0}\n"


def proc(place: Path, status: str) -> str:
    (place / "42").mkdir()
    (place / "42" / "status").write_text(status)
    return str(place)


def unlocked(
    monkeypatch: pytest.MonkeyPatch, place: str, *, name: str = "maps", uid: int = 1000,
    capabilities: frozenset[str] = frozenset(), outermost: bool = True,
) -> str:  # fmt: skip
    monkeypatch.setattr(refusal, "effective_capabilities", lambda: capabilities)
    monkeypatch.setattr(refusal, "in_initial_user_namespace", lambda: outermost)
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    return refusal.unlock_of(42, name, place)


def test_somebody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = proc(tmp_path, STATUS.format(0))
    assert unlocked(monkeypatch, place) == "run vmtui as root (CAP_SYS_PTRACE)"
    assert "CAP_SYS_PTRACE" in unlocked(monkeypatch, place, uid=0)


def test_ones_own_that_may_not_be_dumped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = proc(tmp_path, STATUS.format(1000))
    assert "may not be dumped" in unlocked(monkeypatch, place)
    assert "ptrace_scope" in unlocked(monkeypatch, place, name="mem")


def test_one_that_changed_its_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = proc(tmp_path, "Uid:\t1000\t0\t0\t0\n")
    assert "changed its user id" in unlocked(monkeypatch, place)


def test_root_that_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, ptrace = proc(tmp_path, STATUS.format(0)), frozenset({"CAP_SYS_PTRACE"})
    assert "even root" in unlocked(monkeypatch, place, uid=0, capabilities=ptrace)
    inside = unlocked(monkeypatch, place, uid=0, capabilities=ptrace, outermost=False)
    assert inside == "run vmtui as root outside of this container"


def test_a_process_that_is_gone_by_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "run vmtui as root" in unlocked(monkeypatch, str(tmp_path))


def test_the_step_reaches_the_missing_figure() -> None:
    assert Missing.because(NotPermitted("refused", "ask root")).unlock == "ask root"
    error = translated(PermissionError(errno.EACCES, ""), "/proc/kpageflags", of_process=False)
    assert Missing.because(error).unlock == "run vmtui as root"


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.EIO, errno.ESRCH])
def test_hostile_names_are_shown_safely(name: bytes, number: int) -> None:
    path = b"/sys/fs/cgroup/" + name
    for what in (path, path.decode("utf-8", "surrogateescape")):
        for of_process in (True, False):
            sentence = str(translated(OSError(number, ""), what, of_process=of_process))
            assert sentence.isprintable()
            assert "\x1b" not in sentence


def test_a_hostile_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotSupported) as caught:
        read_system(f"{tmp_path}/\x1b]0;owned\x07")
    assert str(caught.value).startswith(f"{tmp_path}/\\x1b]0;owned\\x07: ")


def test_a_real_refusal_names_the_owner() -> None:
    if os.geteuid() == 0:
        pytest.skip("needs an ordinary user")
    with Target(1) as target, pytest.raises(NotPermitted) as caught:
        target.read("maps")
    assert "as root" in caught.value.unlock


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_process_that_proc_hides(tmp_path: Path) -> None:
    """hidepid=2: absent from /proc, and yet alive: refused, and not gone."""
    if not (shutil.which("unshare") and shutil.which("setpriv")):
        pytest.skip("there is no unshare or setpriv")
    code = (
        "import sys; from vmtui.kernel.target import Target\n"
        "try: Target(int(sys.argv[2]), sys.argv[1])\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    script = (
        'mount -t proc -o hidepid=2 proc "$1" || exit 77;'
        ' exec setpriv --reuid=65534 --regid=65534 --clear-groups "$2" -c "$3" "$1" "$4"'
    )
    place = tmp_path / "proc"
    place.mkdir()
    for above in (place, *place.parents):
        if above.stat().st_uid == 0 and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", str(place), sys.executable, code,
         str(os.getpid())],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("procfs may not be mounted here, or nobody can execute no Python")
    assert done.stdout.startswith("NotPermitted"), done
    assert "hidepid" in done.stdout


def test_the_errors_that_have_no_step() -> None:
    assert Missing.because(VmtuiError("x")).unlock == ""
