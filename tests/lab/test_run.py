"""Runs: they stop cleanly, whatever happens, and say why."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from vmtui.errors import ProcessGone
from vmtui.kernel import meminfo, memory_settings
from vmtui.kernel.target import Target
from vmtui.lab import collector
from vmtui.lab.comparing import compare
from vmtui.lab.experiment import Experiment, Line
from vmtui.lab.experiments import BY_ID
from vmtui.lab.kinship import Kinship, how_many, unlike
from vmtui.lab.limits import Limits, TooMuch, of_this_machine
from vmtui.lab.moments import Mark, Moment
from vmtui.lab.probe import probe
from vmtui.lab.report import body, difference, row, verdict_line
from vmtui.lab.run import Run
from vmtui.lab.script import ScriptError
from vmtui.lab.spawner import Bench
from vmtui.lab.text import NOTHING, Text, same
from vmtui.theory import Kernel

LIMITS = Limits(64 << 20, 60.0)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def kernel(bench: Bench) -> Kernel:
    return probe(bench).kernel


def experiment(script: str, *figures: str) -> Experiment:
    return Experiment(
        "test", same("test"), NOTHING, NOTHING, NOTHING,
        tuple(Line(line, NOTHING) for line in script.splitlines()), figures, (), (),
    )  # fmt: skip


def run_of(
    bench: Bench, kernel: Kernel, script: str, *figures: str, limits: Limits = LIMITS
) -> Run:
    return Run(experiment(script, *figures), {}, bench, kernel, limits=limits)


def gone(pids: set[int]) -> bool:
    for pid in pids:
        try:
            with Target(pid) as target:
                if target.alive():
                    return False
        except ProcessGone:
            continue
    return True


def test_a_glance_in_passing_is_near_what_a_look_measures(bench: Bench, kernel: Kernel) -> None:
    run = run_of(bench, kernel, "map a 16M\ntouch a write\nunmap a", "rss", "page_tables")
    assert run.glance().chart == {}
    ended = []
    for moment in run.moments():
        chart = run.glance().chart
        for key in ("rss.parent", "page_tables.parent"):
            assert abs(chart[key] - moment.chart[key]) <= 1 << 20
        ended.append(chart["rss.parent"] >> 20)
    assert ended[0] == 0 and max(ended) in (15, 16, 17) and ended[-1] <= 1
    assert run.glance().chart == {}


def test_old_objects_rest_while_it_runs(bench: Bench, kernel: Kernel) -> None:
    usual = gc.get_threshold()
    moments = run_of(bench, kernel, "map a 4K").moments()
    next(moments)
    assert gc.get_threshold()[2] > 1_000_000
    with collector.old_ones_rest():
        pass
    assert gc.get_threshold()[2] > 1_000_000
    moments.close()  # type: ignore[attr-defined]
    assert gc.get_threshold() == usual


def test_swap_that_came_or_went_since_the_probe_is_known(bench: Bench, kernel: Kernel) -> None:
    stale = replace(kernel, swap=not kernel.swap, hugetlb_pages=kernel.hugetlb_pages + 1)
    script = "map buf 64K anon\ntouch buf write\nadvise buf pageout"
    with run_of(bench, stale, script, "rss", "swap") as run:
        assert run.kernel == kernel
        run.kernel = stale  # as if it had stood there while the swap came or went
        *_, last = run.moments()
        assert run.kernel == kernel
        rss, swap = last.comparison("rss", "parent"), last.comparison("swap", "parent")
        assert rss is not None and swap is not None
        assert rss.predicted.exact and swap.predicted.exact
        assert rss.verdict == swap.verdict == "as predicted"


def test_an_abandoned_run_leaves_nothing(bench: Bench, kernel: Kernel) -> None:
    run = run_of(bench, kernel, "map a 4M\ntouch a write\nfork c\npoke null read\nexit c")
    moments = run.moments()
    pids: set[int] = set()
    for moment in moments:
        pids |= set(moment.pids.values()) | ({moment.fault.pid} if moment.fault else set())
        if moment.fault:
            break
    moments.close()  # type: ignore[attr-defined]
    assert len(pids) == 3
    assert gone(pids)
    assert run.result().restored
    assert run.result().verdict == "differs"


def test_an_exception_of_whoever_watches_leaves_nothing(bench: Bench, kernel: Kernel) -> None:
    run = run_of(bench, kernel, "map a 4M\nfork c\nmeasure x\nmeasure y")
    pids: set[int] = set()
    with pytest.raises(KeyboardInterrupt), run:
        for moment in run.moments():
            pids |= set(moment.pids.values())
            if moment.step == 2:
                raise KeyboardInterrupt
    assert len(pids) == 2 and gone(pids)


def test_interrupted_in_the_middle_of_a_request(bench: Bench, kernel: Kernel) -> None:
    run = run_of(bench, kernel, "map a 4M\nfork c\ntouch a write\nmeasure y")
    moments, pids = run.moments(), set[int]()
    for moment in moments:
        pids |= set(moment.pids.values())
        if moment.step == 1:
            for hands in bench.specimens():
                if hands.name == "parent":
                    hands._waiting = True  # as if Ctrl-C had come before the answer
            break
    moments.close()  # type: ignore[attr-defined]
    assert len(pids) == 2 and gone(pids)


def test_killed_from_outside_it_says_so(bench: Bench, kernel: Kernel) -> None:
    run = run_of(bench, kernel, "map a 4M\nmeasure x\ntouch a write\nmeasure y")
    for moment in run.moments():
        if moment.step == 1:
            run.stop()
    result = run.result()
    assert result.stopped is not None and "SIGKILL" in result.stopped.en
    assert result.restored
    assert verdict_line(result, "en").startswith("stopped: ")


def test_a_touch_that_would_kill_is_not_done(bench: Bench, kernel: Kernel) -> None:
    run = run_of(bench, kernel, "map a 64K anon private r--\ntouch a write\nmeasure never")
    assert [moment.step for moment in run.moments()] == [-1, 0]
    result = run.result()
    assert result.stopped is not None
    assert result.stopped.en == "line 2 would end in SIGSEGV; `poke` does that safely"
    assert complete(result.stopped)


def complete(text: Text) -> bool:
    return bool(text.en and text.ja and text.en != text.ja)


def test_it_stops_after_its_time(bench: Bench, kernel: Kernel) -> None:
    run = run_of(bench, kernel, "map a 64K\nmeasure x\nmeasure y", limits=Limits(1 << 20, 1e-9))
    assert [moment.step for moment in run.moments()] == [-1, 0]
    stopped = run.result().stopped
    assert stopped is not None and "the most" in stopped.en


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("map a 128M\ntouch a write", "it would use 128M"),
        ("map a 128M anon populate", "it would use 128M"),
        ("map a 1M\ntouch a write rate 4K", "it would take 256 s"),
    ],
)
def test_too_much_is_refused(bench: Bench, kernel: Kernel, script: str, expected: str) -> None:
    with pytest.raises(TooMuch, match=expected):
        run_of(bench, kernel, script)


def test_limits_of_this_machine() -> None:
    assert of_this_machine().nbytes <= 1 << 30
    raised = of_this_machine(2 << 40).nbytes
    assert raised < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def test_a_small_or_fragile_machine_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(memory_settings, "panics_on_oom", lambda: True)
        with pytest.raises(TooMuch, match="panic_on_oom"):
            of_this_machine()
    small = meminfo.MemInfo({"MemAvailable": 900 << 20})
    monkeypatch.setattr(meminfo, "read", lambda: small)
    with pytest.raises(TooMuch, match="only 900M of memory is available"):
        of_this_machine()
    monkeypatch.setattr(meminfo, "read", lambda: meminfo.MemInfo({"MemAvailable": 5 << 30}))
    assert of_this_machine().nbytes == 512 << 20


def test_a_wrong_script_is_refused(bench: Bench, kernel: Kernel) -> None:
    with pytest.raises(ScriptError):
        run_of(bench, kernel, "touch nothing write")


def moments_of(run: Run) -> list[Moment]:
    return list(run.moments())


def test_chunks_add_up(bench: Bench, kernel: Kernel) -> None:
    run = run_of(
        bench, kernel, "map a 4M\ntouch a ::3 write\ntouch a read random 7", "minor_faults"
    )
    moments = moments_of(run)
    second = [moment for moment in moments if moment.step == 1]
    assert len(second) == 10
    counts = [moment.chart["minor_faults.parent"] for moment in second]
    assert counts == sorted(counts) and counts[-1] == 342
    assert moments[-1].chart["minor_faults.parent"] == 682
    assert [moment.part for moment in second][-1] == 1.0
    assert [moment.finished_step for moment in second].count(True) == 1
    assert run.result().verdict == "as predicted"


def test_shared_memory_mapped_twice(bench: Bench, kernel: Kernel) -> None:
    script = "map a 2M memfd box shared\nmap b 2M memfd box shared\ntouch a write\ntouch b ::2 read"
    run = run_of(bench, kernel, script, "minor_faults", "rss", "pss", "shared")
    assert all(not moment.wrong for moment in run.moments())
    assert run.result().verdict == "as predicted"


def test_an_unexpected_refusal_is_shown(bench: Bench, kernel: Kernel) -> None:
    run = run_of(bench, kernel, "map a 64K memfd box shared\nadvise a free")
    last = moments_of(run)[-1]
    line = last.comparison("errno")
    assert line is not None and row(line, "en").measured == "EINVAL"
    assert line.verdict == "as predicted"


def test_a_poke_is_shown_frozen(bench: Bench, kernel: Kernel) -> None:
    run = run_of(bench, kernel, "map a 64K anon private r--\npoke a+8K write", "signal", "pss")
    last = None
    for moment in run.moments():
        last = moment
        if moment.fault:
            assert moment.fault.pid != moment.pids["parent"]
            with Target(moment.fault.pid) as target:
                assert target.alive()
    assert last is not None and last.fault is not None
    assert last.fault.measured == last.fault.predicted == "SIGSEGV SEGV_ACCERR"
    assert last.fault.measured_address == last.fault.address
    assert last.fault.as_predicted
    assert last.fault.lies_in.en == "a"


def test_the_document_has_the_keys(bench: Bench, kernel: Kernel) -> None:
    cow = BY_ID["cow"]
    run = Run(cow, cow.values({"size": "1M"}), bench, kernel, limits=LIMITS)
    moments_of(run)
    found = body(run.result())
    assert found["experiment"] == "cow"
    assert found["parameters"] == {"size": "1M", "stride": "10"}
    assert found["verdict"] == "as predicted" and found["restored"] is True
    step = found["steps"][3]
    assert step["title"] == "in child: touch buf ::10 write"
    assert step["predicted"]["minor_faults.child"] == 26
    assert step["measured"]["minor_faults.child"] == 26
    assert step["difference"]["minor_faults.child"] == 0
    assert all(set(each) == {"title", "predicted", "measured", "difference", "verdict", "why"}
               for each in found["steps"])  # fmt: skip


def test_marks_in_a_fork(bench: Bench, kernel: Kernel) -> None:
    script = "map a 64K\ntouch a write\nfork c\nin c: touch a ::4 write\nexit c"
    moments = moments_of(run_of(bench, kernel, script))
    parent, child = moments[4].regions
    assert (parent.process, child.process) == ("parent", "c")
    assert parent.marks.tolist() == [Mark.ORIGINAL, *[Mark.SAME] * 3] * 4
    assert child.marks.tolist() == [Mark.COPY, *[Mark.SAME] * 3] * 4
    (alone,) = moments[5].regions
    assert not alone.marks.any()


def test_frames_shared_otherwise_than_predicted_are_found() -> None:
    predicted = np.array([1, 2, 3, 1, -1, 0, 4], np.int64)
    measured = np.array([11, 12, 13, 11, -1, 0, 14], np.int64)
    assert not unlike(predicted, measured).any()
    measured[3] = 15
    assert unlike(predicted, measured).tolist() == [False, False, False, True, *[False] * 3]
    measured[3] = 11
    measured[6] = 13
    assert unlike(predicted, measured).any()
    measured[6] = 0
    assert unlike(predicted, measured).tolist()[6]
    assert how_many(predicted) == 4


def test_marks_are_forgotten_with_the_process() -> None:
    kinship = Kinship()
    before = {"a": np.array([5, 6, 0], np.int64)}
    kinship.forked("parent", "child", before)
    views = {"parent": {"a": np.array([5, 6, 7], np.int64)},
             "child": {"a": np.array([5, 9, 8], np.int64)}}  # fmt: skip
    marks = kinship.marks(views)
    assert marks["parent"]["a"].tolist() == [Mark.SAME, Mark.ORIGINAL, Mark.NONE]
    assert marks["child"]["a"].tolist() == [Mark.SAME, Mark.COPY, Mark.NONE]
    kinship.ended("child")
    del views["child"]
    assert not kinship.marks(views)["parent"]["a"].any()


def test_differences_have_signs() -> None:
    from vmtui.lab.figures import FIGURES
    from vmtui.lab.moments import Comparison
    from vmtui.missing import Missing
    from vmtui.theory import Answer

    def line(
        predicted: Answer, measured: int | Missing, off: int | None, verdict: str
    ) -> Comparison:
        return Comparison("minor_faults", "", predicted, measured, off, verdict, NOTHING)  # type: ignore[arg-type]

    exact, ranged = Answer.exactly(8), Answer.between(0, 8, "readahead")
    assert difference(line(exact, 8, 0, "as predicted")) == "0 ="
    assert difference(line(ranged, 5, 0, "as predicted")) == "0 ≈"
    assert difference(line(exact, 6, -2, "differs")) == "−2 ≠"
    assert difference(line(exact, Missing("no"), None, "not measurable here")) == "–"
    assert row(line(ranged, 5, 0, "as predicted"), "ja").predicted == "0–8"
    assert callable(compare) and FIGURES["minor_faults"].shown(12_000) == "12,000"
