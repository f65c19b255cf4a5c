"""The commands as a user runs them, on a specimen in a known state: figures, forms, exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.running import ROOT, Outcome, one_sentence, program
from tests.truth.specimen import MADV_NOHUGEPAGE, NOBODY, Area, Specimen
from vmtui.cli.fields import REGISTRY
from vmtui.kernel.files import PAGE_SIZE
from vmtui.model.vmas import SMAPS_NAMES

AS_ROOT = os.geteuid() == 0
NO_SUCH_PID = str(2**22 + 1)
COMMANDS = {
    "ps": ("ps", "--over", "0.05"),
    "maps": ("maps", "{pid}"),
    "pages": ("pages", "{pid}"),
    "symbols": ("symbols", "{pid}"),
    "machine": ("machine", "--over", "0.05"),
    "doctor": ("doctor",),
    "fields": ("fields",),
}


@dataclass(frozen=True, slots=True)
class Known:
    """A specimen and what was done to it."""

    specimen: Specimen
    private: Area
    shared: Area
    file: Area

    @property
    def pid(self) -> str:
        return str(self.specimen.pid)

    def words(self, command: str) -> list[str]:
        """The command, about the specimen where it is about a process."""
        return [word.format(pid=self.pid) for word in COMMANDS[command]]

    def raw(self, name: str) -> str:
        return Path(f"/proc/{self.pid}/{name}").read_text(errors="replace")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    path = tmp_path_factory.mktemp("commands") / "file"
    path.write_bytes(b"x" * 16 * PAGE_SIZE)
    with Specimen() as specimen:
        private = specimen.map("anon", 64)
        specimen.advise(private, MADV_NOHUGEPAGE)
        specimen.write(private, step=2)
        shared = specimen.map("shared", 32)
        specimen.write(shared.part(0, 8))
        file = specimen.map_file(path, 16, private=True)
        specimen.read(file)
        specimen.write(file.part(0, 4))
        yield Known(specimen, private, shared, file)


def document(*words: str) -> dict[str, Any]:
    outcome = program(*words, "--json")
    assert (outcome.code, outcome.err) == (0, ""), outcome
    made: dict[str, Any] = json.loads(outcome.out)
    assert made["schema"] == f"vmtui.{words[0]}/1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["taken_at"])
    assert isinstance(made["missing"], dict)
    return made


def csv_of(*words: str) -> list[dict[str, str]]:
    outcome = program(*words, "--csv")
    assert (outcome.code, outcome.err) == (0, ""), outcome
    return list(csv.DictReader(io.StringIO(outcome.out)))


def plain_smaps(raw: str) -> dict[int, dict[str, int]]:
    """By first address the lines of smaps, in bytes."""
    found: dict[int, dict[str, int]] = {}
    for line in raw.splitlines():
        if match := re.match(r"([0-9a-f]+)-[0-9a-f]+ ", line):
            now = found.setdefault(int(match[1], 16), {})
        elif match := re.fullmatch(r"(\w+): +(\d+) kB", line):
            now[match[1]] = int(match[2]) * 1024
    return found


def test_maps_are_those_of_smaps(known: Known) -> None:
    found, figures = document("maps", known.pid), plain_smaps(known.raw("smaps"))
    assert found["pid"] == known.specimen.pid
    assert [int(vma["start"], 16) for vma in found["vmas"]] == list(figures)
    steady = {name for name in SMAPS_NAMES if "pss" not in name and "clean" not in name}
    steady -= {"shared_dirty", "private_dirty"}  # who else maps a library comes and goes
    for vma in found["vmas"]:
        lines = figures[int(vma["start"], 16)]
        assert int(vma["end"], 16) - int(vma["start"], 16) == vma["size"] == lines["Size"]
        for name in steady:
            assert vma[name] == lines.get(SMAPS_NAMES[name]), (name, vma["name"])
    for name in steady:
        sums = [lines[SMAPS_NAMES[name]] for lines in figures.values()]
        assert found["totals"][name] == sum(sums)
    kinds = {int(vma["start"], 16): (vma["kind"], vma["rss"]) for vma in found["vmas"]}
    assert kinds[known.private.start] == ("anon", 32 * PAGE_SIZE)
    assert kinds[known.shared.start] == ("shmem", 8 * PAGE_SIZE)
    assert kinds[known.file.start][1] == 16 * PAGE_SIZE
    by_kind = found["totals_by_kind"].values()
    assert sum(part["rss"] for part in by_kind) == found["totals"]["rss"]


def test_maps_against_pmap(known: Known) -> None:
    if shutil.which("pmap") is None:
        pytest.skip("there is no pmap")
    printed = subprocess.check_output(["pmap", "-X", known.pid], text=True).splitlines()
    titles, last = printed[1].split(), printed[-1].split()
    sums = dict(zip(titles[titles.index("Size") :], last, strict=False))
    totals = document("maps", known.pid)["totals"]
    for title, name in (("Size", "size"), ("Rss", "rss"), ("Anonymous", "anonymous")):
        assert int(sums[title]) * 1024 == totals[name]


def test_pages_are_those_that_were_made(known: Known) -> None:
    found, figures = document("pages", known.pid), plain_smaps(known.raw("smaps"))
    rows = {int(row["start"], 16): row for row in found["ranges"]}
    assert rows.keys() == figures.keys()
    for start, row in rows.items():
        assert row["pages"] == row["absent"] + row["present"] + row["swapped"] + row["guard"]
        assert (row["present"] - row["zero"]) * PAGE_SIZE == figures[start]["Rss"], row["name"]
    private = rows[known.private.start]
    assert (private["absent"], private["anon"], private["exclusive"]) == (32, 32, 32)
    shared = rows[known.shared.start]
    assert (shared["absent"], shared["shmem"], shared["kind"]) == (24, 8, "shmem")
    assert (rows[known.file.start]["present"], rows[known.file.start]["anon"]) == (16, 4)
    resident = int(known.raw("statm").split()[1])
    assert found["totals"]["present"] - found["totals"]["zero"] == resident
    one = f"{known.private.start:#x}-{known.private.part(0, 3).end:#x}"
    (row,) = document("pages", known.pid, one)["ranges"]
    assert (row["pages"], row["present"], row["absent"]) == (3, 2, 1)


def test_ps_says_what_proc_says(known: Known) -> None:
    found = document("ps", "--over", "0.05")
    (row,) = [row for row in found["processes"] if row["pid"] == known.specimen.pid]
    assert row["rss"] == int(known.raw("statm").split()[1]) * PAGE_SIZE
    assert (row["ppid"], row["state"], row["threads"]) == (os.getpid(), "S", 1)
    status = dict(line.split(":", 1) for line in known.raw("status").splitlines())
    assert row["page_tables"] == int(status["VmPTE"].split()[0]) * 1024
    assert row["swap"] == int(status["VmSwap"].split()[0]) * 1024
    assert row["minflt"] == int(known.raw("stat").rpartition(") ")[2].split()[7])
    assert row["minflt_rate"] == row["majflt_rate"] == 0
    assert 0 < row["uss"] <= row["pss"] <= row["rss"]
    assert abs(row["start_time"] - time.time()) < 3600
    pids = {int(name) for name in os.listdir("/proc") if name.isdecimal()}
    assert len(pids & {row["pid"] for row in found["processes"]}) > len(pids) // 2


def test_machine_adds_up() -> None:
    found = document("machine", "--over", "0.05")
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert found["memory"]["MemTotal"] == total
    assert sum(part["bytes"] for part in found["accounting"]) == total
    assert found["accounting"][-1]["name"] == "unexplained"
    assert found["rates"]["pgfault"] > 0
    rows = {row["name"]: row["value"] for row in csv_of("machine", "--over", "0.05")}
    assert rows["memory.MemTotal"] == str(total)
    assert any("." in value for name, value in rows.items() if name.startswith("rates."))
    assert all(not value or float(value) is not None for name, value in rows.items()
               if name.startswith(("memory.", "rates.", "accounting.")))  # fmt: skip


def test_doctor_tells_the_state_of_each() -> None:
    found = document("doctor")["capabilities"]
    assert {one["state"] for one in found} <= {"ok", "missing"}
    states = {one["name"]: one["state"] for one in found}
    assert states["stat"] == states["maps"] == states["meminfo"] == "ok"
    assert all(one["reason"] for one in found if one["state"] == "missing")
    assert [row["name"] for row in csv_of("doctor")] == list(states)


def test_fields_are_the_registry() -> None:
    expected = [(of, field.id) for of, fields in REGISTRY.items() for field in fields]
    assert [(one["of"], one["id"]) for one in document("fields")["fields"]] == expected
    assert [(one["of"], one["id"]) for one in csv_of("fields")] == expected


@pytest.mark.parametrize("command", ["maps", "pages"])
def test_csv_and_json_agree(known: Known, command: str) -> None:
    words = known.words(command)
    rows, table = document(*words)["vmas" if command == "maps" else "ranges"], csv_of(*words)
    assert len(rows) == len(table)
    steady = ["start", "end"] + (
        ["size", "perms", "rss", "name", "inode", "swap"] if command == "maps"
        else ["pages", "absent", "present", "swapped", "anon", "guard", "name"]
    )  # fmt: skip
    for row, line in zip(rows, table, strict=True):
        for name in steady:
            said = "" if row[name] is None else str(row[name])
            assert line[name].removeprefix("'") == said.removeprefix("'"), (name, line)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_line_for_each_tick(known: Known, command: str) -> None:
    outcome = program(*known.words(command), "--jsonl", "--interval", "0.05", "--count", "3")
    assert (outcome.code, outcome.err) == (0, "")
    lines = [json.loads(line) for line in outcome.out.splitlines()]
    assert [line["schema"] for line in lines] == [f"vmtui.{command}/1"] * 3
    assert sorted({line["taken_at"] for line in lines}) == [line["taken_at"] for line in lines]


def test_every_tick_is_fresh(known: Known) -> None:
    """What a process changes between two ticks is in the next one, in every figure."""
    words = ["ps", "--jsonl", "--interval", "0.2", "--over", "0.05", "--filter", f"pid:{known.pid}"]
    specimen = known.specimen
    with streaming(*words) as stream:
        assert stream.stdout is not None
        for step in range(1, 4):
            specimen.write(specimen.map("anon", 300 * step), step=2)
            specimen.tell("name", name=f"step {step}")
            Path(f"/proc/{known.pid}/oom_score_adj").write_text(str(step * 100))
            stream.stdout.readline()
            stream.stdout.readline()  # that one may have been on its way
            (row,) = json.loads(stream.stdout.readline())["processes"]
            status = dict(line.split(":", 1) for line in known.raw("status").splitlines())
            rollup = dict(line.split(":", 1) for line in known.raw("smaps_rollup").splitlines()[1:])
            assert row["comm"] == f"step {step}"
            assert row["oom_score_adj"] == step * 100
            assert row["oom_score"] == int(known.raw("oom_score"))
            assert row["rss"] == int(known.raw("statm").split()[1]) * PAGE_SIZE
            assert row["page_tables"] == int(status["VmPTE"].split()[0]) * 1024
            assert row["minflt"] == int(known.raw("stat").rpartition(") ")[2].split()[7])
            dirty = int(rollup["Private_Dirty"].split()[0]) * 1024
            assert row["uss"] >= dirty > 150 * step * PAGE_SIZE


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("pages", "{pid}", "0x0-0x1000"), 1, "no VMA"),
        (("pages", "{pid}", "0x0-0xffff800000000000"), 2, "beyond"),
        (("pages", "{pid}", "0xfffffffffffff000-0xffffffffffffffff"), 2, "beyond"),
        (("pages", "{pid}", "7fff-0"), 2, "range"),
        (("maps", "{pid}", "--json", "--csv"), 2, "not allowed"),
        (("nonsense",), 2, "command"),
        (("ps", "--columns", "colour"), 2, "colour"),
        (("maps", NO_SUCH_PID), 3, NO_SUCH_PID),
        (("pages", NO_SUCH_PID), 3, NO_SUCH_PID),
    ],
)
def test_exit_codes(known: Known, words: tuple[str, ...], code: int, told: str) -> None:
    outcome = program(*(word.format(pid=known.pid) for word in words))
    assert outcome.code == code, outcome
    assert one_sentence(outcome), outcome
    assert told in outcome.err


@pytest.mark.parametrize("command", COMMANDS)
def test_head_ends_it_quietly(known: Known, command: str) -> None:
    for form in ("", "--json", "--csv", "--jsonl --interval 0.05"):
        line = f"{sys.executable} -m vmtui {' '.join(known.words(command))} {form}"
        done = subprocess.run(
            ["bash", "-c", f"{line} | head -1 >/dev/null; echo ${{PIPESTATUS[0]}}"],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert (done.stdout, done.stderr) == ("0\n", ""), form


@pytest.mark.parametrize(
    "words",
    [
        ("ps", "--over", "1000"),
        ("ps", "--jsonl", "--interval", "1000"),
        ("machine", "--over", "1000"),
    ],
)
def test_ctrl_c_while_it_waits(words: tuple[str, ...]) -> None:
    with streaming(*words) as stream:
        assert stream.stderr is not None and stream.stdout is not None
        if "--jsonl" in words:
            assert stream.stdout.readline().startswith("{")
        else:
            wait_until_it_measures(stream.pid)
        stream.send_signal(signal.SIGINT)
        assert stream.wait(30) == 130
        assert stream.stderr.read() == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_the_c_locale_gets_ascii(known: Known, command: str) -> None:
    for form in ("", "--json", "--csv"):
        outcome = program(*known.words(command), *form.split(), environ={"LC_ALL": "C"})
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out.isascii()


@pytest.mark.parametrize("command", COMMANDS)
def test_tables_without_a_terminal(known: Known, command: str) -> None:
    outcome = program(*known.words(command), environ={"TERM": "dumb"})
    assert (outcome.code, outcome.err) == (0, "")
    assert "\x1b" not in outcome.out
    narrow = program(*known.words(command), environ={"COLUMNS": "60"})
    assert max(map(len, narrow.out.splitlines())) <= 60


def test_as_nobody(known: Known) -> None:
    with Specimen(as_nobody=True) if AS_ROOT else Specimen() as own:
        area = own.map("anon", 10)
        own.write(area.part(0, 4))
        for words in (("maps", str(own.pid)), ("pages", str(own.pid)), ("ps",), ("machine",)):
            outcome = nobody(*words, "--json")
            assert (outcome.code, outcome.err) == (0, ""), outcome
        outcome = nobody("pages", str(own.pid), f"{area.start:#x}-{area.end:#x}", "--json")
        (row,) = json.loads(outcome.out)["ranges"]
        assert (row["present"], row["absent"], row["exclusive"]) == (4, 6, 4)
    if not AS_ROOT:
        return
    for command in ("maps", "pages"):
        refused = nobody(command, known.pid)
        assert refused.code == 4
        assert one_sentence(refused), refused
        assert "as root" in refused.err
    mine = [row for row in json.loads(nobody("ps", "--json").out)["processes"]
            if row["pid"] == known.specimen.pid]  # fmt: skip
    assert mine[0]["pss"] is None
    assert mine[0]["rss"] == int(known.raw("statm").split()[1]) * PAGE_SIZE


def nobody(*words: str) -> Outcome:
    """The program as the user nobody; as oneself where one is no root."""
    if not AS_ROOT:
        return program(*words)
    dropped = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if shutil.which("setpriv") is None:
        pytest.skip("there is no setpriv")
    probe = subprocess.run(
        [*dropped, sys.executable, "-c", f"import os; os.listdir({str(ROOT)!r})"],
        capture_output=True, check=False,
    )  # fmt: skip
    if probe.returncode:
        pytest.skip("nobody can execute no Python here, or not enter the checkout")
    done = subprocess.run(
        [*dropped, sys.executable, "-m", "vmtui", *words],
        env=os.environ | {"PYTHONPATH": str(ROOT), "HOME": "/nonexistent"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr)


@contextmanager
def streaming(*words: str) -> Iterator[subprocess.Popen[str]]:
    """The program, running; ended in any case."""
    with subprocess.Popen(
        [sys.executable, "-m", "vmtui", *words],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as stream:  # fmt: skip
        try:
            yield stream
        finally:
            stream.kill()


def wait_until_it_measures(pid: int) -> None:
    """It has started, and now sleeps between its two readings without doing anything."""
    process = psutil.Process(pid)
    quiet, before = 0, None
    for _ in range(3000):
        now = process.cpu_times(), process.status()
        quiet = quiet + 1 if now == before and now[1] == psutil.STATUS_SLEEPING else 0
        if quiet == 20:
            return
        before = now
        time.sleep(0.02)
    pytest.fail("it does not come to its wait")


def test_a_vma_wider_than_what_is_read_at_a_time() -> None:
    """40 GiB reserved, three pages of them written: piece by piece, and runs go across pieces."""
    with Specimen() as wide:
        area = wide.map("anon", 10 << 20)
        wide.advise(area, MADV_NOHUGEPAGE)
        for page in (0, 5 << 20, (10 << 20) - 1):
            wide.write(area.part(page, page + 1))
        found = document("pages", str(wide.pid), f"{area.start:#x}-{area.end:#x}", "--runs")
    (row,) = found["ranges"]
    assert (row["pages"], row["present"], row["anon"]) == (10 << 20, 3, 3)
    assert row["absent"] == (10 << 20) - 3
    assert [(run["pages"], run["state"]) for run in found["runs"]] == [
        (1, "anon"), ((5 << 20) - 1, "absent"), (1, "anon"), ((5 << 20) - 2, "absent"), (1, "anon"),
    ]  # fmt: skip
