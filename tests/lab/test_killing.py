"""Processes killed in the middle of a run: who, the proof, and that everything else goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from vmtui.kernel import oom, status
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab import commitment
from vmtui.lab.experiment import Experiment, Line
from vmtui.lab.experiments.oom import OOM
from vmtui.lab.hands import Hands
from vmtui.lab.moments import Moment
from vmtui.lab.operations.looking import Measure
from vmtui.lab.operations.operation import Doable, Done
from vmtui.lab.probe import probe
from vmtui.lab.resources import memcg
from vmtui.lab.run import Run
from vmtui.lab.scene import Scene
from vmtui.lab.spawner import Bench
from vmtui.lab.text import same
from vmtui.missing import Missing
from vmtui.theory import Kernel
from vmtui.theory.oom import badness, total_pages


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def kernel(bench: Bench) -> Kernel:
    return probe(bench).kernel


@pytest.fixture
def grouped() -> None:
    if why := memcg.refusal():
        pytest.skip(why.en)


def experiment(*lines: str, figures: tuple[str, ...] = ("killed", "oom_kills")) -> Experiment:
    word = same("test")
    made = tuple(Line(line, same("")) for line in lines)
    return Experiment("test", word, word, word, word, made, figures, (), ())


TWO = (
    "score 0",
    "limit memory 64M swap 0",
    "fork one",
    "in one: score {score}",
    "in one: map few 8M",
    "in one: touch few write",
    "map many 96M",
)


def two(score: int, *more: str) -> Experiment:
    """A child of 8 MiB with that score, and a parent that has promised itself too much."""
    return experiment(*(line.format(score=score) for line in TWO), *more)


def ends(run: Run) -> list[Moment]:
    return [moment for moment in run.moments() if moment.finished_step]


@pytest.mark.usefixtures("grouped")
def test_both_victims_are_the_predicted_ones(bench: Bench, kernel: Kernel) -> None:
    groups = set[str]()
    with Run(OOM, OOM.values({"by": "cgroup"}), bench, kernel) as run:
        moments = ends(run)
        groups |= {moment.group.path for moment in moments if moment.group}
    killed = [moment.kill.killed for moment in moments if moment.kill]
    assert list(dict.fromkeys(killed)) == ["", "small", "large"]
    last = moments[-1]
    assert last.kill is not None
    assert [one.process for one in last.kill.dead] == ["small", "large"]
    assert (last.kill.signal, last.kill.oom_kills) == (signal.SIGKILL, 2)
    assert last.kill.verdict.en.endswith("the OOM killer")
    assert set(last.pids) == {"parent", "middle"}
    before = next(one for one in moments if one.label == "who")
    assert before.kill is not None and before.kill.predicted == "small"
    result = run.result()
    assert (result.stopped, result.restored) == (None, True)
    assert not any(os.path.exists(path) for path in groups)


@pytest.mark.usefixtures("grouped")
def test_who_touches_is_killed_if_it_has_most(bench: Bench, kernel: Kernel) -> None:
    script = two(0, "touch many write", "in one: touch few read")
    with Run(script, {}, bench, kernel) as run:
        moments = ends(run)
    assert moments[-2].kill is not None and moments[-2].kill.killed == "parent"
    assert set(moments[-1].pids) == {"one"}, "the others and the script go on"
    assert run.result().verdict == "as predicted"
    assert run.result().restored


@pytest.mark.usefixtures("grouped")
def test_lines_of_the_dead_are_passed_over(bench: Bench, kernel: Kernel) -> None:
    script = two(1000, "touch many [:52M] write", "in one: touch few read", "exit one", "measure x")
    with Run(script, {}, bench, kernel) as run:
        moments = ends(run)
    assert "one" not in moments[-1].pids
    result = run.result()
    assert (result.stopped, result.verdict, result.restored) == (None, "as predicted", True)
    assert len(result.steps) == len(run.script.steps)


class Assassin(Run):
    """Kills a process during one step, as somebody else might."""

    def _done(self, scene: Scene, process: str, chunk: Doable) -> Done:
        did = super()._done(scene, process, chunk)
        if chunk == Measure("x"):
            os.kill(scene.hands["one"].pid, signal.SIGKILL)
            wait_for(scene.hands["one"])
        return did


def wait_for(hands: Hands) -> None:
    while hands.alive:
        pass


@pytest.mark.usefixtures("grouped")
def test_a_kill_by_somebody_is_not_taken_for_the_oom_killer(bench: Bench, kernel: Kernel) -> None:
    script = two(1000, "measure x", "touch many 0 write", "measure last")
    with Assassin(script, {}, bench, kernel) as run:
        moments = ends(run)
    stabbed = next(moment for moment in moments if moment.label == "x")
    assert stabbed.kill is not None
    assert (stabbed.kill.killed, stabbed.kill.oom_kills) == ("one", 0)
    assert stabbed.kill.verdict.en.endswith("killed by someone")
    line = stabbed.comparison("killed")
    assert line is not None and line.verdict == "differs"
    assert moments[-1].label == "last", "the run goes on with those who live"
    assert [one.verdict for one in moments[-1].comparisons] == ["as predicted"] * 2
    assert run.result().restored


@pytest.mark.usefixtures("grouped")
def test_the_theory_follows_where_it_could_not_say(bench: Bench, kernel: Kernel) -> None:
    # 24M of one and 24M of the other, with the same score: only the kernel can tell.
    even = experiment(
        "score 0", "limit memory 64M swap 0", "fork one", "fork two", "in one: score 500",
        "in two: score 500", "in one: map a 24M", "in two: map b 64M", "in one: touch a write",
        "in two: touch b [:8M] write", "in two: score 500", "in two: touch b [8M:34M] write",
        "measure after", figures=("killed", "oom_kills", "pages_as_predicted"),
    )  # fmt: skip
    with Run(even, {}, bench, kernel) as run:
        moments = ends(run)
    result = run.result()
    assert result.stopped is None and result.restored
    assert all(line.verdict != "differs" for moment in moments for line in moment.comparisons)


def test_where_there_is_no_group_it_is_an_error(bench: Bench, kernel: Kernel) -> None:
    with Run(OOM, OOM.values({"by": "rlimit"}), bench, kernel) as run:
        moments = ends(run)
    refused = [moment for moment in moments if moment.kill and "ENOMEM" in moment.kill.verdict.en]
    assert len(refused) == 1
    assert run.script.steps[refused[0].step].source == "in large: map more 64M anon"
    last = moments[-1]
    assert last.kill is not None and last.group is None
    assert (last.kill.killed, last.kill.predicted) == ("", "")
    assert isinstance(last.kill.oom_kills, Missing)
    assert set(last.pids) == {"parent", "small", "middle", "large"}
    assert (run.result().verdict, run.result().restored) == ("as predicted", True)


@pytest.mark.parametrize("score", [0, 1, 333, 1000])
def test_the_arithmetic_is_the_kernels(bench: Bench, kernel: Kernel, score: int) -> None:
    """/proc/PID/oom_score is the same sum over the whole machine, scaled to 0…2000."""
    lines = (f"score {score}", "map buf 64M", "touch buf write", "pause x")
    with Run(experiment(*lines, figures=()), {}, bench, kernel) as run:
        for moment in run.moments():
            if moment.label != "x":
                continue
            hands = bench.specimens()[-1]
            now = status.read(hands.target)
            total = total_pages(
                commitment.ram_bytes() // PAGE_SIZE, commitment.swap_bytes() // PAGE_SIZE
            )
            rss, swap, tables = (
                0 if isinstance(found, Missing) else found // PAGE_SIZE
                for found in (now.vm_rss_bytes, now.vm_swap_bytes, now.vm_pte_bytes)
            )
            points = badness(rss, swap, tables, score, total)
            assert oom.read(hands.target).score == (1000 + points * 1000 // total) * 2 // 3
    assert run.result().restored
