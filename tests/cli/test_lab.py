"""`vmtui lab`: list, show, run, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import ROOT, inside, one_sentence, program
from tests.pty.harness import OnTerminal
from vmtui.lab.experiments import ALL
from vmtui.lab.operations.map import Map
from vmtui.lab.text import Text
from vmtui.record.reader import Recording


def test_list_names_every_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, "lab", "list")
    assert outcome.code == 0
    assert [line.split()[0] for line in outcome.out.splitlines()[1:]] == [e.id for e in ALL]
    japanese = inside(capsys, "lab", "list", "--lang", "ja", "--json")
    found = json.loads(japanese.out)
    assert found["schema"] == "vmtui.lab/1"
    assert [each["name"] for each in found["experiments"]] == [e.id for e in ALL]
    assert "fork は何をコピーするか" in [each["question"] for each in found["experiments"]]


def test_show_has_the_script_the_c_and_the_prediction(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, "lab", "show", "cow", "--size", "4M", "--set", "stride=4")
    assert outcome.code == 0
    assert "  4 in child: touch buf ::4 write" in outcome.out
    assert "if (child == 0)" in outcome.out
    assert "minor faults, child 256" in outcome.out
    assert "pages copied, child 256" in outcome.out
    found = json.loads(inside(capsys, "lab", "show", "cow", "--size", "4M", "--json").out)
    assert found["steps"][1]["predicted"]["minor_faults.parent"] == 1024
    text = inside(capsys, "lab", "show", "cow", "--c").out
    assert text.startswith("#define _GNU_SOURCE") and "int main(void)" in text


def test_run_says_how_every_step_went(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, "lab", "run", "zero-page", "--size", "1M", "--yes")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "1 map buf 1M anon"
    assert "minor faults  " in outcome.out and ", parent" not in outcome.out
    assert lines[-1].startswith("as predicted: ")
    japanese = inside(capsys, "lab", "run", "zero-page", "--size", "1M", "--lang", "ja").out
    assert "マイナーフォルト" in japanese and "（親）" not in japanese
    assert japanese.splitlines()[-1].startswith("予測どおり：")


def test_run_as_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, "lab", "run", "cow", "--size", "1M", "--json")
    assert outcome.code == 0
    found = json.loads(outcome.out)
    assert found["schema"] == "vmtui.lab run/1"
    assert found["restored"] is True and found["verdict"] == "as predicted"
    assert len(found["steps"]) == 7
    for step in found["steps"]:
        null = {name.partition(".")[0] for name, value in step["measured"].items() if value is None}
        assert null <= set(found["missing"])


def test_a_file_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('script = """\nmap buf 64K\ntouch buf write\n"""\nfigures = ["minor_faults"]')
    assert inside(capsys, "lab", "run", str(path)).code == 0
    path.write_text('script = """\nmap buf 64K\ntuoch buf write\n"""')
    outcome = inside(capsys, "lab", "run", str(path))
    assert outcome.code == 1
    assert one_sentence(outcome)
    assert "line 2: expected map or touch" in outcome.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["run", "nothing"], 2, "there is no experiment «nothing»"),
        (["run", "none.toml"], 1, "No such file"),
        (["run", "cow", "--size", "big"], 2, "size is a size of whole pages from 1M to 1G"),
        (["run", "segv", "--size", "1M"], 2, "segv has no parameter «size»; it has none"),
        (["run", "cow", "--set", "stride"], 2, "--set takes KEY=VALUE"),
        (["run", "cow", "--limit", "x"], 2, "--limit takes a size"),
        (["run", "cow", "--limit", "1M"], 1, "it would use 100M"),
        (["run"], 2, "NAME"),
        ([], 2, "list|show|run"),
        (["fly"], 2, "fly"),
    ],
)
def test_wrong_usage_is_one_sentence(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = inside(capsys, "lab", *words)
    assert outcome.code == code
    assert one_sentence(outcome)
    assert said in outcome.err


def changing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every script now changes something outside its processes, or says so."""
    said = (Text("a swap file of 64M is in use", "64M のスワップファイルを使う"),)
    monkeypatch.setattr(Map, "changes", lambda _self: said)


def test_what_would_change_is_listed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changing(monkeypatch)
    shown = inside(capsys, "lab", "show", "mmap", "--size", "1M").out
    assert "changes until its end:\n  • a swap file of 64M is in use\n" in shown
    body = json.loads(inside(capsys, "lab", "show", "mmap", "--json", "--lang", "ja").out)
    assert body["changes"] == ["64M のスワップファイルを使う"]
    listed = json.loads(inside(capsys, "lab", "list", "--json").out)["experiments"]
    mmap = next(one for one in listed if one["name"] == "mmap")
    assert mmap["changes"] == ["a swap file of 64M is in use"] and mmap["without"] == ""


def test_nothing_is_changed_where_nobody_can_be_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changing(monkeypatch)
    outcome = inside(capsys, "lab", "run", "mmap", "--size", "1M")
    assert outcome.code == 2
    assert one_sentence(outcome) and "--yes" in outcome.err
    assert inside(capsys, "lab", "run", "mmap", "--size", "1M", "--yes").code == 0


_ON_TERMINAL = """
import sys
from vmtui.cli import main
from vmtui.lab.operations.map import Map
from vmtui.lab.text import Text
from vmtui.record.reader import Recording
Map.changes = lambda self: (Text("a swap file of 64M is in use", "-"),)
sys.exit(main(["lab", "run", "mmap", "--size", "1M"]))
"""


@pytest.mark.parametrize(("typed", "code"), [("y\r", 0), ("\r", 1), ("no\r", 1), ("\x04", 1)])
def test_on_a_terminal_it_asks(typed: str, code: int) -> None:
    with OnTerminal("-c", _ON_TERMINAL) as running:
        assert running.shows("[y/N]")
        assert "a swap file of 64M is in use" in "\n".join(running.screen.display)
        assert b"1 map" not in running.sent
        running.press(typed)
        assert running.ends_within(30) == code
    assert (b"as predicted" in running.sent) is (code == 0)
    assert (b"nothing was changed" in running.sent) is (code == 1)


def children(pid: int) -> list[str]:
    found = subprocess.run(["ps", "-e", "-o", "pid=,sid=,ppid="], capture_output=True, text=True,
                           check=True)  # fmt: skip
    return [line for line in found.stdout.splitlines() if line.split()[2] == str(pid)]


def test_ctrl_c_cleans_up() -> None:
    words = ["lab", "run", "demand-paging", "--size", "16M", "--set", "rate=1M"]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(
        [sys.executable, "-m", "vmtui", *words],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    assert running.stdout.readline().startswith(b"1 map buf")
    (spawner,) = (line.split()[0] for line in children(running.pid))
    specimens = [line.split()[0] for line in children(int(spawner))]
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert b"Traceback" not in said
    for pid in (spawner, *specimens):
        for _ in range(100):
            if not Path(f"/proc/{pid}").exists():
                break
            time.sleep(0.05)
        assert not Path(f"/proc/{pid}").exists()


def test_without_a_terminal_and_without_unicode() -> None:
    outcome = program("lab", "run", "mmap", "--size", "1M", environ={"LC_ALL": "C"})
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.isascii()
    narrow = program("lab", "list", environ={"COLUMNS": "40"})
    assert max(map(len, narrow.out.splitlines())) <= 40


def test_a_run_is_recorded_into_a_file_that_can_be_given_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cow.vmtui"
    outcome = inside(capsys, "lab", "run", "cow", "--size", "1M", "--record", str(path))
    assert (outcome.code, outcome.err) == (0, "")
    with Recording(path) as recording:
        (experiment,) = recording.experiments
        assert experiment.start.id == "cow" and experiment.start.parameters["size"] == "1M"
        assert experiment.result is not None and experiment.result.verdict == "as predicted"
        assert len(experiment.moments) == sum(experiment.start.chunks) + 1
        parent, child = (recording.moment(1, 3 + experiment.start.chunks[1]).pids[name]
                         for name in ("parent", "child"))  # fmt: skip
        assert len(recording) == len(experiment.start.chunks) + 1
        found = set[int]()
        for index in range(len(recording)):
            listed = {one.stat.pid for one in recording.sample(index).processes}
            assert listed == set(recording.pids(index))
            found |= listed
        assert found == {parent, child}
    again = inside(capsys, "lab", "run", "cow", "--size", "1M", "--record", str(path))
    assert again.code == 1
    assert one_sentence(again) and "exists already" in again.err
