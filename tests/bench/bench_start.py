"""The first useful frame beside htop's, with 2,000 processes; numpy must not be imported for it.

    python -m tests.bench.bench_start [--rounds 9] [--processes 2000]

Useful is the frame that lists processes: the moment each shows its own command line in its list on
a terminal of 160×50, where both stand near the top. Each round starts both once, in turn.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from statistics import median

from tests.bench.pty_run import HTOP, VMTUI, PtyRun
from tests.bench.sleepers import MANY, sleepers

GOAL = 1.2
CONTESTANTS = (("htop", HTOP, "htop -d 10"), ("vmtui", VMTUI, "-m vmtui"))
"""Name, command, and what its line in the list contains."""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--processes", type=int, default=MANY)
    asked = options.parse_args()
    walls: dict[str, list[float]] = {"htop": [], "vmtui": []}
    cpus: dict[str, list[float]] = {"htop": [], "vmtui": []}
    numpy = False
    with sleepers(asked.processes), tempfile.TemporaryDirectory() as home:
        for _ in range(asked.rounds):
            for name, command, line in CONTESTANTS:
                with PtyRun(command, home=home) as run:
                    at = run.shown(line)
                    if at is None:
                        sys.exit(f"{name} did not show itself")
                    walls[name].append(at)
                    cpus[name].append(run.spent().cpu_seconds)
                    numpy = numpy or run.has_mapped("numpy")
                    run.quit()
    for name, times in walls.items():
        sys.stdout.write(
            f"{name:6} {1e3 * median(times):6.0f} ms ({1e3 * min(times):.0f} to "
            f"{1e3 * max(times):.0f}), {1e3 * median(cpus[name]):.0f} ms of CPU\n"
        )
    ratios = [ours / theirs for ours, theirs in zip(walls["vmtui"], walls["htop"], strict=True)]
    sys.stdout.write(
        f"first useful frame, vmtui / htop: {median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f})   "
        f"goal {GOAL}: {'reached' if median(ratios) <= GOAL else 'NOT reached'}\n"
        f"numpy imported before it: {'YES' if numpy else 'no'}\n"
    )


if __name__ == "__main__":
    main()
