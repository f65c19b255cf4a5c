"""`vmtui diff`: two moments, two files, the peak, the leaks; what cannot be compared says why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import inside, one_sentence
from tests.hostile import PAYLOADS
from tests.record import tapes
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.record.reader import CannotReplay, Recording

TICKS = 30


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """A process that grows in waves, 30 s long."""
    return tapes.write(tmp_path / "one.vmtui", tapes.moments(TICKS))


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Ten seconds of the same on another host."""
    return tapes.write(tmp_path / "two.vmtui", tapes.moments(10), host=b"elsewhere")


def document(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    outcome = inside(capsys, "diff", *words, "--json")
    assert outcome.code == 0, outcome.err
    made: dict[str, Any] = json.loads(outcome.out)
    assert made["schema"] == "vmtui.diff/1" and made["taken_at"].endswith("Z")
    return made


def resident(second: int) -> int:
    """Pages of its anonymous VMA at that second."""
    target = tapes.moments(second + 1)[-1].targets[0]
    vmas = target.reading.vmas
    assert not isinstance(vmas, Missing)
    rss = vmas[2].rss
    assert not isinstance(rss, Missing)
    return rss // PAGE_SIZE


def test_one_recording_from_beginning_to_end(
    capsys: pytest.CaptureFixture[str], tape: Path
) -> None:
    made = document(capsys, str(tape))
    assert (made["a"]["sample"], made["b"]["sample"]) == (0, TICKS - 1)
    assert made["seconds"] == TICKS - 1 and made["same_machine"] is True
    (row,) = [row for row in made["vmas"] if row["start"] == f"{tapes.ANON.start:#x}"]
    assert row["rss_delta"] == (resident(TICKS - 1) - resident(0)) * PAGE_SIZE
    assert row["pid_a"] == row["pid_b"] == tapes.PID
    assert row["change"] in ("grew", "shrank") and row["cause"]
    assert {row["change"] for row in made["vmas"]} <= {"grew", "shrank", "same"}
    assert {one["name"] for one in made["machine"]} >= {"anon", "free", "pgfault"}


def test_two_moments_of_one(capsys: pytest.CaptureFixture[str], tape: Path) -> None:
    for second in (f"{tape}@11", "@11", "@1970-01-12T13:46:51+00:00"):
        made = document(capsys, f"{tape}@2", second)
        assert (made["a"]["seconds"], made["b"]["seconds"]) == (2, 11)
        (row,) = [row for row in made["vmas"] if row["start"] == f"{tapes.ANON.start:#x}"]
        assert row["rss_delta"] == (resident(11) - resident(2)) * PAGE_SIZE
        assert {"touched", "quality"} <= set(row["causes"]) and "private dirty" in row["cause"]


def test_a_file_with_an_at_in_its_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tapes.write(tmp_path / "db@noon.vmtui", tapes.moments(4))
    assert document(capsys, str(path))["b"]["seconds"] == 3
    assert document(capsys, f"{path}@1")["a"]["seconds"] == 1


def test_two_hosts_by_name(capsys: pytest.CaptureFixture[str], tape: Path, other: Path) -> None:
    made = document(capsys, f"{tape}@12", str(other))
    assert made["same_machine"] is False
    assert (made["a"]["host"], made["b"]["host"]) == ("host", "elsewhere")
    assert {row["pages_appeared"] for row in made["vmas"]} == {None}
    assert "of two processes" in made["missing"]["pages_appeared"]
    assert made["leaks"] == [] and "leaks" in made["missing"]


def test_a_service_that_was_started_anew(
    capsys: pytest.CaptureFixture[str], tape: Path, tmp_path: Path
) -> None:
    """Same machine and boot, another PID: by its name."""

    def renumbered(tick: tapes.Recorded) -> tapes.Recorded:
        sample, (target,) = tick.sample, tick.targets
        processes = [
            replace(one, stat=one.stat._replace(pid=500, start_ticks=9))
            if one.stat.pid == tapes.PID else one
            for one in sample.processes
        ]  # fmt: skip
        ordered = tuple(sorted(processes, key=lambda one: one.stat.pid))
        reading = replace(target.reading, pid=500)
        return tapes.Recorded(
            replace(sample, processes=ordered), (replace(target, reading=reading),)
        )

    ticks = [renumbered(tick) for tick in tapes.moments(12)]
    later = tapes.write(tmp_path / "later.vmtui", ticks)
    for more in ([], ["--pid", "100"], ["--name", "worker"], ["--pid", "100", "--pid-b", "500"]):
        made = document(capsys, str(tape), str(later), *more)
        assert made["same_machine"] is True
        assert {(row["pid_a"], row["pid_b"]) for row in made["vmas"]} == {(100, 500)}
        assert {row["pages_appeared"] for row in made["vmas"]} == {None}


def test_tables_for_people(
    capsys: pytest.CaptureFixture[str], tape: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = inside(capsys, "diff", f"{tape}@9", "@11").out
    lines = out.splitlines()
    assert lines[0].startswith("A  one.vmtui @ 9.0 s") and lines[1].startswith("B  one.vmtui @ 11")
    assert all(len(line) <= 80 for line in lines)
    for words in ("process 100 worker", "CAUSE", "touched", "processes", "machine", "faults"):
        assert words in out


def test_csv_has_every_field(capsys: pytest.CaptureFixture[str], tape: Path) -> None:
    head, *rows = inside(capsys, "diff", str(tape), "--csv").out.splitlines()
    assert head.startswith("pid_a,pid_b,change,rss_delta,rss_before") and "causes" in head
    assert len(rows) == 5


def test_the_peak(
    capsys: pytest.CaptureFixture[str], tape: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    sizes = [
        one.resident_pages
        for tick in tapes.moments(TICKS)
        if (one := tick.sample.process(tapes.PID))
    ]
    made = document(capsys, str(tape), "--peak")
    assert made["peak"]["pid"] == tapes.PID
    assert made["b"]["sample"] == sizes.index(max(sizes)) > made["a"]["sample"]
    assert made["peak"]["rss"] == max(sizes) * PAGE_SIZE > made["peak"]["climbed_from"]
    out = inside(capsys, "diff", str(tape), "--peak", "--pid", "100").out
    assert "process 100 was largest at B" in out and "touched" in out


def test_leaks(capsys: pytest.CaptureFixture[str], tape: Path) -> None:
    rising = document(capsys, f"{tape}@0", "@11")
    assert rising["leaks"][0]["start"] == f"{tapes.ANON.start:#x}"
    first = rising["leaks"][0]
    assert first["bytes_per_second"] > 0 and first["seconds_to_limit"] > 0
    assert first["limit_of"] == "machine" and first["rises"] <= first["steps"] == 11
    out = inside(capsys, "diff", f"{tape}@0", "@11", "--leaks").out
    assert "A MINUTE" in out and "no limit is set" in out
    out = inside(capsys, "diff", str(tape), "--leaks").out
    assert "nothing only ever grew in 29 s" in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["{tape}@nonsense"], 2, "a time is seconds from the first sample"),
        (["{tape}@"], 2, "after @ comes a time"),
        (["{tape}@500"], 2, "lies outside"),
        (["{tape}", "{tape}", "--peak"], 2, "--peak looks through one recording"),
        (["{tape}", "--pid", "100", "--name", "x"], 2, "use one of them"),
        (["{tape}", "--pid-b", "100"], 2, "goes with --pid"),
        (["{tape}", "--pid", "7"], 1, "was not recorded"),
        (["{tape}", "--name", "nobody"], 1, "no process called «nobody»"),
        (["{tape}", "--peak", "--pid", "999"], 1, "in no sample"),
        (["{gone}"], 1, "there is no"),
    ],
)
def test_what_cannot_be_compared_says_why(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str], tape: Path
) -> None:
    filled = [word.format(tape=tape, gone=tape.with_name("gone.vmtui")) for word in words]
    outcome = inside(capsys, "diff", *filled)
    assert outcome.code == code and said in outcome.err
    assert one_sentence(outcome)


def test_what_is_damaged_between_is_passed_over(
    capsys: pytest.CaptureFixture[str], tape: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Recording.sample

    def damaged(self: Recording, index: int) -> Any:
        if index in (4, 5):
            raise CannotReplay("it is damaged there")
        return read(self, index)

    monkeypatch.setattr(Recording, "sample", damaged)
    made = document(capsys, f"{tape}@0", "@11")
    assert made["leaks"][0]["steps"] == 9
    assert document(capsys, str(tape), "--peak")["peak"]["pid"] == tapes.PID
    outcome = inside(capsys, "diff", f"{tape}@4", "@11")
    assert outcome.code == 1 and "damaged" in outcome.err and one_sentence(outcome)


def test_pages_of_another_size(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tapes.write(tmp_path / "big.vmtui", tapes.moments(2), page_size=65536)
    outcome = inside(capsys, "diff", str(path))
    assert outcome.code == 5 and one_sentence(outcome)


@pytest.mark.parametrize("name", [one for one in PAYLOADS if b"\0" not in one and one][:12])
def test_names_are_harmless(
    name: bytes, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    vma_name = b"/" + name.replace(b"\n", b"\\012")
    ticks = tapes.moments(4, comm=name[:15], name=vma_name)
    path = tapes.write(tmp_path / "x.vmtui", ticks, host=name)
    for form in ([], ["--json"], ["--csv"]):
        out = inside(capsys, "diff", str(path), *form).out
        assert out and all(line.isprintable() for line in out.splitlines())
