"""Level 1 at 1 Hz with 2,000 processes beside htop: CPU and bytes to the terminal.

    python -m tests.bench.bench_level1 [--rounds 5] [--seconds 15] [--processes 2000]

Both run with their defaults on a terminal of 160×50 of their own, one after the other in each
round, each for some seconds to settle and then the seconds that count.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from statistics import median

from tests.bench.pty_run import HTOP, VMTUI, PtyRun
from tests.bench.sleepers import MANY, sleepers

SETTLE_SECONDS = 6.0
CPU_GOAL, BYTES_GOAL = 0.35, 10_000


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=15)
    options.add_argument("--processes", type=int, default=MANY)
    asked = options.parse_args()
    found: dict[str, list[tuple[float, float]]] = {"htop": [], "vmtui": []}
    with sleepers(asked.processes), tempfile.TemporaryDirectory() as home:
        for _ in range(asked.rounds):
            for name, command in (("htop", HTOP), ("vmtui", VMTUI)):
                with PtyRun(command, home=home) as run:
                    run.drain(SETTLE_SECONDS)
                    found[name].append(run.over(asked.seconds))
                    run.quit()
    for name, rounds in found.items():
        cpu, bytes_sent = ([each[i] for each in rounds] for i in (0, 1))
        sys.stdout.write(
            f"{name:6} {median(cpu):6.2f} % CPU ({min(cpu):.2f} to {max(cpu):.2f})   "
            f"{median(bytes_sent):7,.0f} B/s ({min(bytes_sent):,.0f} to {max(bytes_sent):,.0f})\n"
        )
    pairs = zip(found["vmtui"], found["htop"], strict=True)
    ratios = [ours[0] / theirs[0] for ours, theirs in pairs]
    sent = median(each[1] for each in found["vmtui"])
    sys.stdout.write(
        f"CPU vmtui / htop: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})   "
        f"goal {CPU_GOAL}: {'reached' if median(ratios) <= CPU_GOAL else 'NOT reached'}\n"
        f"bytes a second: {sent:,.0f}   "
        f"goal {BYTES_GOAL:,}: {'reached' if sent <= BYTES_GOAL else 'NOT reached'}\n"
    )


if __name__ == "__main__":
    main()
