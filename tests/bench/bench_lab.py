"""How often all exact predictions of each experiment hold, and how long it takes.

    python -m tests.bench.bench_lab [--times 20] [--sizes 1M,16M,256M,1G] [--glances 6.7] [NAME …]

A run counts as right when every exact figure and every page was as predicted at every moment, not
only at the ends of the steps. The slowest moment is the longest time between two of them; with
glances, `unseen` is the longest time with neither a moment nor a glance.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from vmtui.errors import VmtuiError
from vmtui.lab.experiment import Experiment, ParameterError
from vmtui.lab.experiments import ALL, BY_ID
from vmtui.lab.limits import Limits
from vmtui.lab.probe import probe
from vmtui.lab.run import Run
from vmtui.lab.spawner import Bench
from vmtui.lab.words import size_of
from vmtui.theory import Kernel

_LIMITS = Limits(3 << 30, 600.0)


@dataclass(slots=True)
class Score:
    """Runs of one experiment at one size."""

    held: int = 0
    runs: int = 0
    figures: int = 0
    pages: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    unseen: float = 0.0
    seen_at: float = 0.0
    """When somebody last saw something of the run that goes on."""
    wrong: list[str] = field(default_factory=list)

    def see(self) -> None:
        """Something new of the run is there."""
        now = time.monotonic()
        self.unseen = max(self.unseen, now - (self.seen_at or now))
        self.seen_at = now


def main() -> int:
    """Run everything and print the table; 1 when something held in fewer than 19 of 20."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--sizes", default="1M,16M,256M,1G")
    parser.add_argument("--glances", type=float, default=6.7, help="a second; 0 for none")
    parser.add_argument("names", nargs="*", default=[one.id for one in ALL])
    chosen = parser.parse_args()
    bad = False
    say(f"user id {os.geteuid()}, {chosen.times} runs each, {chosen.glances:g} glances a second")
    head = f"{'experiment':16}{'size':>6}{'held':>9}{'exact figures':>15}{'pages compared':>16}"
    say(f"{head}{'s a run':>9}{'slowest':>9}{'unseen':>9}")
    with Bench.open() as bench:
        kernel = probe(bench).kernel
        for name in chosen.names:
            experiment = BY_ID[name]
            for size in sizes(experiment, chosen.sizes.split(",")):
                score = Score()
                for _ in range(chosen.times):
                    once(experiment, size, bench, kernel, score, glances=chosen.glances)
                line = f"{name:16}{size or '–':>6}{score.held:>6}/{score.runs:<2}"
                line += f"{score.figures:>15,}{score.pages:>16,}"
                line += f"{score.seconds / score.runs:>9.2f}{score.slowest:>9.2f}"
                say(f"{line}{score.unseen:>9.2f}")
                for wrong in score.wrong[:5]:
                    say(f"    {wrong}")
                bad |= score.held < 0.95 * score.runs
    return int(bad)


def sizes(experiment: Experiment, wanted: list[str]) -> Iterator[str]:
    """Those the experiment can have; "" when it has none."""
    parameters = {parameter.id: parameter for parameter in experiment.parameters}
    if "size" not in parameters:
        yield ""
        return
    for size in wanted:
        try:
            yield parameters["size"].checked(size)
        except ParameterError:
            continue  # too large for this one


@contextmanager
def glancing(run: Run, rate: float, score: Score) -> Iterator[None]:
    """Another thread glances at the run so many times a second, as the stage does."""
    over = threading.Event()

    def glance() -> None:
        while not over.wait(1 / rate):
            if run.glance().chart:
                score.see()

    thread = threading.Thread(target=glance)
    if rate:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if rate:
            thread.join()


def once(
    experiment: Experiment, size: str, bench: Bench, kernel: Kernel, score: Score, *, glances: float
) -> None:
    """One run, every moment of it counted."""
    chosen = {"size": size} if size else {}
    if "rate" in {parameter.id for parameter in experiment.parameters}:
        chosen["rate"] = f"{max(4096, (size_of(size) or 0) // 2)}"
    run = Run(experiment, experiment.values(chosen), bench, kernel, limits=_LIMITS)
    wrong, last = "", 0.0
    score.seen_at = 0.0
    try:
        with glancing(run, glances, score):
            for moment in run.moments():
                score.see()
                score.slowest = max(score.slowest, moment.at - last)
                last = moment.at
                for line in moment.comparisons:
                    score.figures += line.predicted.exact and line.difference is not None
                    if line.verdict == "differs" and not wrong:
                        wrong = f"step {moment.step + 1}: {line.key} {line.why.en}"
                score.pages += sum(view.pages for view in moment.regions)
    except VmtuiError as error:
        wrong = wrong or f"{type(error).__name__}: {error}"
    result = run.result()
    if result.stopped is not None:
        wrong = wrong or result.stopped.en
    if not result.restored:
        wrong = wrong or "not everything was cleaned up"
    score.runs += 1
    score.held += not wrong
    score.seconds += last
    if wrong:
        score.wrong.append(wrong)


def say(line: str) -> None:
    """Print it at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
