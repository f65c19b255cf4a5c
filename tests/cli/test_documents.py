"""Documents as the contract has them: keys, types, sums; and the same commands as a program."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import inside, program

PS = """
    pid ppid user comm state rss pss uss swap page_tables minflt majflt minflt_rate majflt_rate
    threads start_time
""".split()  # noqa: SIM905 (a list of 30 quoted words takes 30 lines)
MAPS = """
    start end perms offset device inode name kind size rss pss pss_dirty shared_clean
    shared_dirty private_clean private_dirty referenced anonymous ksm lazyfree anon_huge_pages
    shmem_pmd_mapped file_pmd_mapped shared_hugetlb private_hugetlb swap swap_pss locked
    thp_eligible vm_flags
""".split()  # noqa: SIM905 (a list of 30 quoted words takes 30 lines)
PAGES = """
    start end pages absent present swapped zero anon file shmem huge exclusive shared dirty ksm
    locked guard
""".split()  # noqa: SIM905 (a list of 30 quoted words takes 30 lines)
KINDS = {"heap", "stack", "anon", "file", "shmem", "vdso", "hugetlb", "special"}


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """A command's document, its envelope checked."""
    outcome = inside(capsys, *words, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found: dict[str, Any] = json.loads(outcome.out)
    assert found["schema"] == f"vmtui.{words[0]}/1"
    moment = datetime.fromisoformat(found["taken_at"])
    offset = moment.utcoffset()
    assert offset is not None and not offset
    assert all(isinstance(why, str) and why for why in found["missing"].values())
    return found


def check_nulls(rows: list[dict[str, Any]], missing: dict[str, str]) -> None:
    """Whatever is null has its reason."""
    null = {key for row in rows for key, value in row.items() if value is None}
    assert null <= set(missing)


def is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def test_ps(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "ps", "--over", "0.05")
    rows = found["processes"]
    assert all(set(PS) <= set(row) for row in rows)
    check_nulls(rows, found["missing"])
    own = next(row for row in rows if row["pid"] == os.getpid())
    assert own["ppid"] == os.getppid()
    assert own["rss"] > own["pss"] > 0
    assert own["pss"] >= own["uss"]
    assert is_count(own["minflt"]) and own["minflt_rate"] >= 0
    assert abs(own["start_time"] - datetime.fromisoformat(found["taken_at"]).timestamp()) < 86_400


def test_ps_of_kernel_threads_is_null_not_zero(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "ps", "--over", "0.05", "--filter", "pid:2")
    if not found["processes"] or found["processes"][0]["comm"] != "kthreadd":
        pytest.skip("kernel threads are not visible here")
    (thread,) = found["processes"]
    assert thread["rss"] is None and thread["swap"] is None
    assert "kernel thread" in found["missing"]["rss"]


def test_ps_filters_sorts_and_chooses(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("ps", "--over", "0.05", "--sort", "pid", "--columns", "pid,comm", "--csv")
    outcome = inside(capsys, *words, "--filter", f"pid:{os.getpid()}")
    head, *rows = csv.reader(io.StringIO(outcome.out))
    assert head == ["pid", "comm"]
    assert [row[0] for row in rows] == [str(os.getpid())]
    sorted_rows = list(csv.reader(io.StringIO(inside(capsys, *words).out)))[1:]
    pids = [int(row[0]) for row in sorted_rows]
    assert pids == sorted(pids)


def test_maps(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "maps", str(os.getpid()))
    assert found["pid"] == os.getpid()
    rows = found["vmas"]
    assert all(set(MAPS) <= set(row) for row in rows)
    check_nulls(rows, found["missing"])
    for row in rows:
        start, end = int(row["start"], 16), int(row["end"], 16)
        assert row["start"].startswith("0x")
        assert end - start == row["size"]
        assert row["kind"] in KINDS
        assert isinstance(row["thp_eligible"], bool)
        assert is_count(row["rss"]) and is_count(row["offset"])
    assert {"heap", "stack", "file", "anon"} <= {row["kind"] for row in rows}
    for figure in ("size", "rss", "pss", "private_dirty"):
        assert found["totals"][figure] == sum(row[figure] for row in rows)
    by_kind = found["totals_by_kind"]
    assert sum(part["count"] for part in by_kind.values()) == len(rows)


def test_maps_as_a_table_and_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    table = inside(capsys, "maps", str(os.getpid())).out.splitlines()
    assert table[0].split()[:2] == ["ADDRESS", "SIZE"]
    assert table[-1].endswith(" VMAs")
    rows = list(csv.DictReader(io.StringIO(inside(capsys, "maps", str(os.getpid()), "--csv").out)))
    assert len(rows) == len(table) - 2
    assert set(MAPS) <= set(rows[0])


def test_pages(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "pages", str(os.getpid()))
    assert (found["pid"], found["page_size"]) == (os.getpid(), os.sysconf("SC_PAGE_SIZE"))
    rows = found["ranges"]
    assert all(set(PAGES) <= set(row) for row in rows)
    check_nulls(rows, found["missing"])
    for row in (*rows, found["totals"]):
        assert row["pages"] == row["absent"] + row["present"] + row["swapped"] + row["guard"]
    assert found["totals"]["pages"] == sum(row["pages"] for row in rows)
    assert found["totals"]["present"] > 1000
    assert "runs" not in found


def test_machine(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "machine", "--over", "0.05")
    assert found["memory"]["MemTotal"] > 1 << 27
    assert found["rates"]["pgfault"] >= 0
    assert {"some", "full"} <= set(found["pressure"] or {"some": 0, "full": 0})
    parts = found["accounting"]
    assert parts[-1]["name"] == "unexplained"
    assert sum(part["bytes"] for part in parts) == found["memory"]["MemTotal"]
    assert all(set(zone) == {"node", "zone", "orders"} for zone in found["free_blocks"])
    assert all({"path", "size", "used"} <= set(device) for device in found["swaps"])
    assert found["huge_pages"]["size"] > 0


def test_machine_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "pages").write_bytes(b"x" * 8192)
    (named,) = asked(capsys, "machine", "--files", str(tmp_path / "pages"))["files"]
    assert (named["path"], named["size"], named["cached"]) == (str(tmp_path / "pages"), 8192, 8192)
    assert named["holders"] == []
    found = asked(capsys, "machine", "--files")
    holders = {holder["pid"] for file in found["files"] for holder in file["holders"]}
    assert os.getpid() in holders
    assert found["cached"] == sum(file["cached"] or 0 for file in found["files"])
    null = ("cached", "dirty", "evicted")
    check_nulls(found["files"], found["missing"] | dict.fromkeys(null, ""))
    assert inside(capsys, "machine", "--files", str(tmp_path / "nothing")).code == 1


def test_machine_oom(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "machine", "--oom")["oom"]
    (own,) = [one for one in found["candidates"] if one["pid"] == os.getpid()]
    adjusted = own["score_adj"] * (found["total"] // 1000)
    assert own["points"] == own["rss"] + own["swap"] + own["tables"] + adjusted
    assert found["total"] > 1 << 15


def test_machine_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = inside(capsys, "machine", "--over", "0.05", "--csv")
    values = dict(csv.reader(io.StringIO(outcome.out)))
    assert int(values["memory.MemTotal"]) == sum(
        int(value) for name, value in values.items() if name.startswith("accounting.")
    )


def test_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "doctor")
    capabilities = {one["name"]: one for one in found["capabilities"]}
    assert all(set(one) == {"name", "state", "reason", "unlock"} for one in capabilities.values())
    assert {one["state"] for one in capabilities.values()} <= {"ok", "missing"}
    assert all(one["reason"] for one in capabilities.values() if one["state"] == "missing")
    assert capabilities["stat"]["state"] == capabilities["smaps"]["state"] == "ok"
    flags = capabilities["kpageflags"]["state"]
    assert flags == capabilities["frame numbers"]["state"]
    if os.geteuid():
        assert flags == "missing"
        assert "root" in capabilities["kpageflags"]["unlock"]


def test_fields(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, "fields")
    entries = found["fields"]
    assert all(entry["help"].endswith(".") for entry in entries)
    assert all(entry["source"] and entry["shell"] for entry in entries)
    ids = {(entry["of"], entry["id"]) for entry in entries}
    assert len(ids) == len(entries)
    assert {("process", name) for name in PS} <= ids
    assert {("vma", name) for name in MAPS} <= ids
    assert {("pages", name) for name in set(PAGES) - {"start", "end"}} <= ids


@pytest.mark.parametrize("command", ["ps", "maps", "pages", "machine", "doctor", "fields"])
@pytest.mark.parametrize("environ", [{"LC_ALL": "C"}, {"TERM": "dumb"}, {"COLUMNS": "20"}])
def test_every_command_in_poor_surroundings(command: str, environ: dict[str, str]) -> None:
    words = [str(os.getpid())] if command in ("maps", "pages") else []
    outcome = program(command, *words, environ=environ)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out
    assert "\x1b" not in outcome.out
    if "LC_ALL" in environ:
        assert outcome.out.isascii()
    if "COLUMNS" in environ:
        assert max(map(len, outcome.out.splitlines())) <= 20


def test_a_stream_of_documents() -> None:
    outcome = program("machine", "--jsonl", "--interval", "0.1", "--count", "3", "--over", "0.05")
    moments = [json.loads(line)["taken_at"] for line in outcome.out.splitlines()]
    assert len(moments) == 3
    assert moments == sorted(set(moments))
