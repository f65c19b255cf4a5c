"""`vmtui export`: every format read back by what others read it with."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyte
import pytest

from tests.cli.running import ROOT, inside, one_sentence
from tests.hostile import PAYLOADS
from tests.record import tapes
from vmtui.cli import export
from vmtui.cli.arguments import COMMANDS
from vmtui.export.figures import MACHINE, PROCESSES, VMAS
from vmtui.record.reader import Recording
from vmtui.record.records import Event

TICKS = 24
COW = ROOT / "assets" / "recordings" / "cow.vmtui"
MARK = Event(tapes.TAKEN_AT + 5.5, "mark", b"deploy \x1b[31m", 0)


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tapes.write(tmp_path / "a.vmtui", tapes.moments(TICKS), [MARK])


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def got(capsysbinary: pytest.CaptureFixture[bytes], *words: object) -> str:
    """What an export that succeeds prints."""
    code = vmtui(*words)
    captured = capsysbinary.readouterr()
    assert (code, captured.err) == (0, b"")
    return captured.out.decode("utf-8")


def vmtui(*words: object) -> int:
    from vmtui.cli import main

    return main(["export", *map(str, words)])


def test_csv_of_processes(tape: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    rows = rows_of(got(capsysbinary, tape, "--format", "csv"))
    assert list(rows[0]) == ["taken_at", "seconds", *(field.id for field in PROCESSES.fields)]
    expected = sum(len(tick.sample.processes) for tick in tapes.moments(TICKS))
    assert len(rows) == expected
    worker = [row for row in rows if row["pid"] == str(tapes.PID)]
    assert [float(row["seconds"]) for row in worker] == list(range(TICKS))
    assert worker[0]["taken_at"] == "1970-01-12T13:46:40.000Z"
    assert worker[0]["minflt_rate"] == "" and worker[5]["minflt_rate"] == "50.0"
    live = [tick.sample.process(tapes.PID) for tick in tapes.moments(TICKS)]
    assert [int(row["rss"]) for row in worker] == [
        one.resident_pages * os.sysconf("SC_PAGE_SIZE") for one in live if one
    ]


def test_csv_of_vmas_and_of_the_machine(
    tape: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    rows = rows_of(got(capsysbinary, tape, "--format", "csv", "--of", "vmas", "--at", 3))
    assert list(rows[0])[2:] == [field.id for field in VMAS.fields]
    assert [row["name"] for row in rows][:2] == ["/usr/bin/worker", "[heap]"]
    assert {row["pid"] for row in rows} == {str(tapes.PID)}
    rows = rows_of(got(capsysbinary, tape, "--format", "csv", "--of", "machine"))
    assert list(rows[0])[2:] == [field.id for field in MACHINE.fields]
    assert len(rows) == TICKS
    assert rows[0]["fault_rate"] == "" and rows[1]["fault_rate"] == "1000.0"


def test_a_span_and_chosen_columns(tape: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    span = ("--from", "+5s", "--to", "50%", "--pid", tapes.PID, "--columns", "rss,growth")
    rows = rows_of(got(capsysbinary, tape, "--format", "csv", *span))
    assert list(rows[0]) == ["taken_at", "seconds", "rss", "growth"]
    assert [row["seconds"] for row in rows] == [f"{at}.0" for at in range(5, 12)]
    first, fifth = tapes.moments(TICKS)[0], tapes.moments(TICKS)[5]
    grown = fifth.sample.processes[1].resident_pages - first.sample.processes[1].resident_pages
    assert int(rows[0]["growth"]) == grown * os.sysconf("SC_PAGE_SIZE")


def test_a_document_a_tick(tape: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    lines = got(capsysbinary, tape, "--format", "jsonl").splitlines()
    documents = [json.loads(line) for line in lines]
    assert [made["tick"] for made in documents] == list(range(TICKS))
    for made in documents:
        assert made["schema"] == "vmtui.export/1"
        assert made["taken_at"].endswith("Z")
        null = {key for row in made["processes"] for key, value in row.items() if value is None}
        assert null <= set(made["missing"])
    events = [event for made in documents for event in made["events"]]
    assert [(event["kind"], event["text"]) for event in events] == [("mark", "deploy \\x1b[31m")]
    (vmas,) = map(json.loads, got(
        capsysbinary, tape, "--format", "jsonl", "--of", "vmas", "--at", 2
    ).splitlines())  # fmt: skip
    assert vmas["vmas"][0]["start"] == "0x400000"
    (machine,) = map(json.loads, got(
        capsysbinary, tape, "--format", "jsonl", "--of", "machine", "--at", 2
    ).splitlines())  # fmt: skip
    assert machine["machine"]["mem_total"] == 24684152 << 10


def test_a_trace(tape: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    trace = json.loads(got(capsysbinary, tape, "--format", "perfetto"))
    events: list[dict[str, Any]] = trace["traceEvents"]
    assert {event["ph"] for event in events} == {"M", "C", "i"}
    for event in events:
        assert isinstance(event["pid"], int) and isinstance(event["name"], str)
        if event["ph"] == "C":
            assert isinstance(event["ts"], int)
            assert all(isinstance(one, (int, float)) for one in event["args"].values())
    rss = [event for event in events if (event["name"], event["pid"]) == ("rss", tapes.PID)]
    assert [event["ts"] for event in rss] == sorted({event["ts"] for event in rss})
    named = {e["pid"]: e["args"]["name"] for e in events if e["name"] == "process_name"}
    assert named[tapes.PID] == "worker"
    guest = [event["args"]["value"] for event in events if event["pid"] == 200
             and event["name"] == "rss"]  # fmt: skip
    assert guest.count(0) == 1, "it went once, and has come back at the end"
    (mark,) = [event for event in events if event["ph"] == "i"]
    assert (mark["ts"], mark["s"]) == (round(MARK.at * 1e6), "g")
    assert mark["name"] == "deploy \\x1b[31m"


def test_parquet_reads_back(tape: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    out = tmp_path / "a.parquet"
    assert vmtui(tape, "--format", "parquet", "-o", out) == 0
    table = parquet.read_table(out)
    assert table.column_names == ["taken_at", "seconds", *(f.id for f in PROCESSES.fields)]
    worker = [row for row in table.to_pylist() if row["pid"] == tapes.PID]
    assert [row["seconds"] for row in worker] == list(range(TICKS))
    assert worker[0]["pss"] is not None and worker[0]["cgroup"] is None
    assert worker[0]["taken_at"].timestamp() == tapes.TAKEN_AT


def test_without_pyarrow_the_extra_is_named(
    tape: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    out = tmp_path / "a.parquet"
    outcome = inside(capsys, "export", str(tape), "--format", "parquet", "-o", str(out))
    assert outcome.code == 5 and one_sentence(outcome)
    assert "vmtui[export]" in outcome.err
    assert not out.exists()


@pytest.mark.parametrize("screen", export.SCREENS)
def test_a_picture_of_every_screen(
    screen: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    tape = tapes.write(tmp_path / "deep.vmtui", tapes.deep(tapes.moments(TICKS)))
    shot = ("--screen", screen, "--size", "100x30")
    text = got(capsysbinary, COW if screen == "stage" else tape, "--format", "svg", *shot)
    picture = ElementTree.fromstring(text)
    assert picture.get("viewBox") == "0 0 1200 720"
    words = " ".join(one.text or "" for one in picture.iter("{http://www.w3.org/2000/svg}text"))
    assert "replay" in words
    assert {"processes": "COMMAND", "process": "[heap]", "pages": "7f0000000000",
            "machine": "MemTotal", "frames": "page-types", "blocks": "transparent",
            "files": "/srv/big.db", "oom": "POINTS", "groups": "shop",
            "stage": "What does fork copy?"}[screen] in words  # fmt: skip


def test_a_film_of_an_experiment_has_all_its_moments(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    with Recording(COW) as recording:
        (experiment,) = recording.experiments
        times = [round(at - experiment.moments[0], 3) for at in experiment.moments]
    cast = got(capsysbinary, COW, "--format", "asciicast", "--screen", "stage")
    events = [json.loads(line) for line in cast.splitlines()[1:]]
    shown = [round(at, 3) for at, kind, _ in events[:-1] if kind == "o"]
    assert (shown[0], shown[-1]) == (0.0, times[-1]) and set(shown) <= set(times)
    lit = [line for line in played(cast)[0].display if "▸" in line]
    assert any("exit child" in line or "unmap buf" in line for line in lit)
    begun = played(cast, until=0.0)[0].display
    assert any("step 0 of 7" in line for line in begun)


def test_an_experiment_that_was_not_recorded_has_no_stage(
    tape: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = inside(capsys, "export", str(tape), "--format", "svg", "--screen", "stage")
    assert outcome.code == 1 and one_sentence(outcome)
    assert "holds no experiment" in outcome.err


def played(cast: str, until: float = float("inf")) -> tuple[pyte.Screen, dict[str, Any]]:
    """A film played to a terminal, as asciinema does."""
    head, *events = map(json.loads, cast.splitlines())
    screen = pyte.Screen(head["width"], head["height"])
    stream = pyte.Stream(screen)
    for at, kind, data in events:
        assert kind in "om"
        if kind == "o" and at <= until:
            stream.feed(data)
    return screen, head


def text_of(picture: str, columns: int, lines: int) -> list[str]:
    """What is written in a picture, letter by letter in its cell; shapes are blank."""
    cells = [[" "] * columns for _ in range(lines)]
    for one in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text"):
        x, y = int(one.get("x", "")) // 12, int(one.get("y", "")) // 24
        for offset, char in enumerate(one.text or ""):
            cells[y][x + offset] = char
    return ["".join(line) for line in cells]


@pytest.mark.parametrize("at", [9, TICKS - 1])
def test_a_film_shows_at_every_moment_what_a_picture_shows(
    at: int, tape: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    how = ("--screen", "process", "--size", "100x30")
    cast = got(capsysbinary, tape, "--format", "asciicast", *how)
    picture = got(capsysbinary, tape, "--format", "svg", *how, "--at", at)
    screen, head = played(cast, until=float(at))
    assert (head["version"], head["timestamp"]) == (2, int(tapes.TAKEN_AT))
    for shown, line in zip(screen.display, text_of(picture, 100, 30), strict=True):
        letters = "".join(char if char < "\u2500" or char > "\u28ff" else " " for char in shown)
        written = "".join(char if char < "\u2500" or char > "\u28ff" else " " for char in line)
        assert letters.rstrip() == written.rstrip()


def test_a_film_sends_only_lines_that_change(
    tape: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    cast = got(capsysbinary, tape, "--format", "asciicast", "--size", "80x24", "--speed", 4)
    _, *events = map(json.loads, cast.splitlines())
    (mark,) = [event for event in events if event[1] == "m"]
    assert mark == [5.5 / 4, "m", "deploy \\x1b[31m"]
    assert [event[0] for event in events] == sorted(event[0] for event in events)
    first, *rest, last = [event for event in events if event[1] == "o"]
    assert [event[0] for event in rest] == [number / 4 for number in range(1, TICKS)]
    assert last[0] == TICKS / 4
    lines = [event[2].count(";1H") for event in (first, *rest)]
    assert lines[0] == 24 and max(lines[1:]) < 24


def test_metrics_of_the_last_sample(tape: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    text = got(capsysbinary, tape, "--format", "openmetrics")
    last = tapes.moments(TICKS)[-1].sample
    assert text.endswith("# EOF\n")
    assert f"vmtui_sample_timestamp_seconds {int(last.taken_at)}\n" in text
    who = f'{{pid="{tapes.PID}",comm="worker",user="mori"}}'
    resident = last.processes[1].resident_pages * os.sysconf("SC_PAGE_SIZE")
    assert f"vmtui_process_rss_bytes{who} {resident}\n" in text
    assert "# TYPE vmtui_process_minflt counter\n" in text
    assert f"vmtui_process_minflt_total{who} {(TICKS - 1) * 50}\n" in text


@pytest.mark.parametrize("form", ["csv", "jsonl", "perfetto", "asciicast", "svg", "openmetrics"])
def test_hostile_names_leave_nothing_that_is_obeyed(
    form: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    size = ("--size", "80x24") if form in ("svg", "asciicast") else ()
    for number, raw in enumerate(PAYLOADS):
        if form in ("svg", "asciicast") and number % 9:
            continue  # the app on every one of them is in tests/ui/screens/test_hostile.py
        ticks = tapes.moments(2, comm=raw[:15], name=raw.replace(b"\n", b"\\012"))
        mark = Event(tapes.TAKEN_AT + 1, "mark", raw)
        path = tapes.write(tmp_path / f"{number}.vmtui", ticks, [mark])
        text = got(capsysbinary, path, "--format", form, *size)
        if form == "asciicast":
            text = "\n".join(played(text)[0].display)
        assert not [char for char in text if not char.isprintable() and char != "\n"], raw
        if form == "csv":
            cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))], raw
            assert all(float(cell) < 0 for cell in cells if cell.startswith("-")), raw
        elif form in ("jsonl", "perfetto"):
            for line in text.splitlines() if form == "jsonl" else [text]:
                json.loads(line)


def test_a_file_is_new_and_its_owners_alone(
    tape: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.csv"
    assert vmtui(tape, "--format", "csv", "-o", out) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    before = out.read_bytes()
    outcome = inside(capsys, "export", str(tape), "--format", "csv", "-o", str(out))
    assert outcome.code == 1 and one_sentence(outcome) and "exists already" in outcome.err
    assert out.read_bytes() == before
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "elsewhere")
    outcome = inside(capsys, "export", str(tape), "--format", "csv", "-o", str(link))
    assert outcome.code == 1 and one_sentence(outcome)
    assert not (tmp_path / "elsewhere").exists()


def test_metrics_replace_a_file_at_once(tape: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "a.prom", tmp_path / "other"
    other.write_text("kept")
    out.symlink_to(other)
    assert vmtui(tape, "--format", "openmetrics", "-o", out) == 0
    assert not out.is_symlink() and other.read_text() == "kept"
    text = out.read_text()
    assert "# TYPE vmtui_process_minflt_total counter\n" in text and "# EOF" not in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.prom", "a.vmtui", "other"]


@pytest.mark.parametrize("cut", [3000, 9000])
def test_a_damaged_recording_leaves_no_half_file(
    cut: int, tape: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.truncate(tape, tape.stat().st_size - cut)
    out = tmp_path / "out"
    for form in export.FORMATS:
        outcome = inside(capsys, "export", str(tape), "--format", form, "-o", str(out))
        if outcome.code:
            assert one_sentence(outcome), outcome
            assert not out.exists()
        out.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "csv"), "needs a recording"),
        (("FILE", "--format", "xls"), "invalid choice"),
        (("FILE", "--format", "csv", "--screen", "machine"), "--screen goes with"),
        (("FILE", "--format", "svg", "--from", "1"), "of one moment"),
        (("FILE", "--format", "csv", "--from", "9", "--to", "3"), "--to is before --from"),
        (("FILE", "--format", "csv", "--at", "noon"), "--at noon: a time is"),
        (("FILE", "--format", "csv", "--columns", "rss,colour"), "no field 'colour'"),
        (("FILE", "--format", "csv", "--of", "machine", "--pid", "1"), "of no process"),
        (("FILE", "--format", "csv", "--of", "vmas", "--pid", "7"), "VMAs of process 7 were not"),
        (("FILE", "--format", "svg", "--size", "1x1"), "is no size"),
        (("FILE", "--format", "svg", "--screen", "process", "--pid", "31"), "not in the recording"),
        (("FILE", "--format", "openmetrics", "--interval", "1"), "name it with -o"),
        (("FILE", "--format", "openmetrics", "--listen", "70000"), "is no port"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_a_sentence(
    words: tuple[str, ...], said: str, tape: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tuple(str(tape) if word == "FILE" else word for word in words)
    outcome = inside(capsys, "export", *words)
    assert outcome.code in (1, 2) and one_sentence(outcome)
    assert said in outcome.err


def test_every_option_is_heeded_by_a_format() -> None:
    from vmtui.cli.arguments import Parser

    parser = Parser(prog="vmtui export", description=COMMANDS["export"])
    export.arguments(parser)
    known = {action.dest for action in parser._actions} - {"help"}
    assert known == {
        *export._EVERY,
        *(name for names in export._OPTIONS.values() for name in names),
    }
    assert set(export._OPTIONS) == set(export.FORMATS)


# As a program


@contextmanager
def running(*words: object, **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "vmtui", "export", *map(str, words)], env=env, **how
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("form", ["csv", "asciicast", "openmetrics"])
def test_a_closed_pipe_ends_it_quietly(form: str, tape: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with running(tape, "--format", form, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_cancelled_it_leaves_no_file_and_a_clean_line(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    tape = tapes.write(tmp_path / "long.vmtui", tapes.moments(400))
    out = tmp_path / "film.cast"
    ours, theirs = pty.openpty()
    words = (tape, "--format", "asciicast", "-o", out)
    with running(*words, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while b"filming" not in said:
            said += os.read(ours, 4096)
        assert out.exists()
        process.send_signal(number)
        assert process.wait(60) == code
        assert not out.exists()
        said += os.read(ours, 4096)
    os.close(ours)
    assert said.endswith(b"\r\x1b[K"), "the line of progress is taken away"
    assert b"Traceback" not in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
def test_a_full_disk_is_a_sentence_and_leaves_no_file(tape: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(small)], check=False,
        capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        with running(
            tape, "--format", "jsonl", "-o", small / "out", stderr=subprocess.PIPE
        ) as process:
            _, said = process.communicate(timeout=60)
        assert process.returncode == 1
        assert said.count(b"\n") == 1 and b"there is no space left for an export" in said
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
