"""A recording made as root, looked at by nobody, in an empty environment, without /proc."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.pty.harness import ROOT, OnTerminal
from vmtui.record.recorder import Recorder

_ELSEWHERE = r"""
set -e
keep=$1; hidden=$2; shift 2
number=0
for needed in "$@"; do
    [ "$needed" = -- ] && break
    number=$((number + 1))
    mkdir "$keep/$number"
    mount --bind "$needed" "$keep/$number"
done
[ -z "$hidden" ] || mount -t tmpfs -o mode=755 none "$hidden"
number=0
while [ "$1" != -- ]; do
    number=$((number + 1))
    mkdir -p "$1"
    mount --bind "$keep/$number" "$1"
    shift
done
shift
mount -t tmpfs -o mode=555 none /proc
exec setpriv --reuid=65534 --regid=65534 --clear-groups \
    env -i TERM=xterm-256color LANG=C.UTF-8 PYTHONPATH="$ROOT" "$@"
"""


def elsewhere(where: Path, *arguments: str) -> OnTerminal:
    """`vmtui` on another machine, as far as one can tell."""
    needed = [sys.base_prefix, *([sys.prefix] if sys.prefix != sys.base_prefix else []), str(ROOT)]
    hidden = next((str(one) for path in needed for one in reversed(Path(path).parents)
                   if not one.stat().st_mode & 0o001), "")  # fmt: skip
    needed = [path for path in needed if hidden and path.startswith(hidden)]
    keep = where / "keep"
    keep.mkdir()
    command = [
        "unshare", "-m", "sh", "-c", _ELSEWHERE, "sh", str(keep), hidden, *needed, "--",
        sys.executable, "-m", "vmtui", *arguments,
    ]  # fmt: skip
    launch = f"import os; os.execvp('unshare', {command!r})"
    return OnTerminal("-c", launch, columns=120, lines=35, ROOT=str(ROOT))


@pytest.fixture(name="recorded")
def _recorded(tmp_path: Path) -> Path:
    if os.geteuid():
        pytest.skip("recording as root needs root")
    if not (shutil.which("unshare") and shutil.which("setpriv")):
        pytest.skip("there is no unshare or setpriv")
    recorder = Recorder(tmp_path / "root.vmtui", [os.getpid()], interval=0.1)
    recorder.run(0.3)
    assert not recorder.progress.failure
    copy = tmp_path / "copy.vmtui"
    copy.write_bytes((tmp_path / "root.vmtui").read_bytes())
    copy.chmod(0o644)
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == 0 and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)
    return copy


def test_it_is_replayed_down_to_a_page(recorded: Path, tmp_path: Path) -> None:
    with elsewhere(tmp_path, "replay", str(recorded)) as app:
        if not app.shows("replay"):
            assert b"Traceback" not in app.sent
            pytest.skip(f"no mount namespace can be made here: {app.sent[-200:]!r}")
        assert app.shows("COMMAND"), "\n".join(app.screen.display)
        app.press(f":{os.getpid()}\r")
        assert app.shows("VMAs")
        assert app.shows("rw-p") or app.shows("r--p")
        app.press("\r")
        assert app.shows("cell")
        assert app.shows("all")
        app.press("]")
        app.press("2")
        assert app.shows("Overview")
        app.press("q")
        assert app.ends_within(15) == 0, app.sent[-500:]
    assert b"Traceback" not in app.sent


def test_an_experiment_is_shown_on_its_stage(recorded: Path, tmp_path: Path) -> None:
    cow = recorded.with_name("cow.vmtui")
    cow.write_bytes((ROOT / "assets" / "recordings" / "cow.vmtui").read_bytes())
    cow.chmod(0o444)
    with elsewhere(tmp_path, "replay", str(cow)) as app:
        if not app.shows("What does fork copy?"):
            assert b"Traceback" not in app.sent
            pytest.skip(f"no mount namespace can be made here: {app.sent[-200:]!r}")
        app.press("\x1b[F")  # end
        assert app.shows("exact predictions")
        assert app.shows("step 7 of 7")
        app.press("q")
        assert app.ends_within(15) == 0, app.sent[-500:]
