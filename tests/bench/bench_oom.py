"""How often the OOM killer takes the process that was predicted; as root, on a real group.

    python -m tests.bench.bench_oom [--times 100] [--seed 1]

Every second run has random scores. A run is right when each victim was the predicted one, by
SIGKILL and the group's own counter, every comparison held, and nothing was left behind. Pressure is
`some` and `full` of the whole machine over ten seconds, read at every moment: without another load,
what is outside of the group cannot have more.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from dataclasses import dataclass, field

from tests.bench.bench_lab import say
from vmtui.errors import VmtuiError
from vmtui.kernel import pressure, vmstat
from vmtui.lab.experiments.oom import OOM
from vmtui.lab.moments import Moment
from vmtui.lab.probe import probe
from vmtui.lab.run import Run
from vmtui.lab.spawner import Bench
from vmtui.missing import Missing
from vmtui.theory import Kernel


@dataclass(slots=True)
class Tally:
    """All runs."""

    runs: int = 0
    right: int = 0
    kills: int = 0
    as_predicted: int = 0
    doubted: int = 0
    """Where the theory said beforehand that it cannot tell."""
    by_victim: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    some: float = 0.0
    full: float = 0.0
    of_group: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def see(self, moment: Moment) -> None:
        """The highest pressure."""
        now = pressure.read()
        self.some = max(self.some, now.some.avg10)
        if not isinstance(now.full, Missing):
            self.full = max(self.full, now.full.avg10)
        if moment.group and isinstance(moment.group.some_avg10, float):
            self.of_group = max(self.of_group, moment.group.some_avg10)


def once(values: dict[str, str], bench: Bench, kernel: Kernel, tally: Tally) -> None:
    """One run."""
    began, odd = time.monotonic(), list[str]()
    with Run(OOM, OOM.values(values), bench, kernel) as run:
        for moment in run.moments():
            tally.see(moment)
            line = moment.comparison("killed")
            if line is None or not moment.finished_step:
                continue
            if line.measured or not line.predicted.holds(0):
                names = str(run_names(line.measured))
                proof = moment.kill.verdict.en if moment.kill else ""
                tally.kills += 1
                tally.doubted += line.verdict == "not predicted"
                tally.as_predicted += line.verdict == "as predicted"
                tally.by_victim[names] = tally.by_victim.get(names, 0) + 1
                odd += [] if "OOM killer" in proof else [f"killed {names}: {proof}"]
            odd += [
                f"{run.script.steps[moment.step].source}: {one.key} {one.measured}"
                for one in moment.comparisons
                if one.verdict == "differs"
            ]
        result = run.result()
    if result.stopped:
        odd.append(result.stopped.en)
    if not result.restored:
        odd.append(f"not restored: {run.left}")
    tally.runs += 1
    tally.right += not odd
    tally.seconds.append(time.monotonic() - began)
    tally.wrong += [f"{values}: {one}" for one in odd]


def run_names(code: int | Missing) -> str:
    """Who was killed."""
    from vmtui.lab.codes import names_of

    return "?" if isinstance(code, Missing) else names_of(code)


def main() -> int:
    """Run, and print the figures; 1 when a victim was another one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    chance, tally = random.Random(chosen.seed), Tally()
    before = vmstat.read()["oom_kill"]
    with Bench.open() as bench:
        kernel = probe(bench).kernel
        for number in range(chosen.times):
            values = {"by": "cgroup"}
            if number % 2:
                for name in ("small", "middle", "large"):
                    values[name] = str(chance.randrange(0, 1001, 50))
            try:
                once(values, bench, kernel, tally)
            except VmtuiError as error:
                tally.wrong.append(f"{values}: {error}")
    say(f"user id {os.geteuid()}: {tally.right} of {chosen.times} runs right")
    sure = tally.kills - tally.doubted
    say(f"{tally.as_predicted} of {sure} victims as predicted, {tally.doubted} more in doubt")
    say(f"killed: {tally.by_victim}")
    after = vmstat.read()["oom_kill"]
    if not isinstance(before, Missing) and not isinstance(after, Missing):
        say(f"the machine's own counter rose by {after - before}")
    say(f"highest pressure of the machine: some {tally.some} %, full {tally.full} %")
    say(f"of the group: some {tally.of_group} %")
    if tally.seconds:
        say(f"a run takes {statistics.median(tally.seconds):.2f} s")
    for wrong in tally.wrong[:20]:
        say(f"    {wrong}")
    return int(tally.as_predicted != sure or bool(tally.wrong))


if __name__ == "__main__":
    raise SystemExit(main())
