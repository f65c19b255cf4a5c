"""`python -m tests.truth.differential --family anon --scripts 1000`: how often theory is right."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time

from tests.truth.differential.actions import FAMILIES
from tests.truth.differential.both import told
from tests.truth.differential.campaign import Campaign, Found
from tests.truth.swap_file import NoSwap, swap_available
from vmtui.lab.probe import probe
from vmtui.lab.spawner import Bench


def main() -> int:
    """A line per family; 1 when anything disagreed."""
    parser = argparse.ArgumentParser(prog="differential")
    parser.add_argument("--family", action="append", choices=FAMILIES)
    parser.add_argument("--scripts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-shrink", action="store_true")
    chosen = parser.parse_args()
    write, wrong = sys.stdout.write, 0
    write(f"{'family':8} scripts actions   faults     pages  counts   tables  wrong  once   /s\n")
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(swap_available())
        except NoSwap as why:
            write(f"no swap: {why}\n")
        bench = stack.enter_context(Bench.open())
        kernel = probe(bench).kernel
        for family in chosen.family or FAMILIES:
            if FAMILIES[family].needs_swap and not kernel.swap:
                continue
            campaign, began = Campaign(bench, kernel), time.monotonic()
            seeds = range(chosen.seed, chosen.seed + chosen.scripts)
            found = campaign.run(family, seeds, shrink=not chosen.no_shrink, tell=_tell)
            campaign.close()
            wrong += len(found)
            f = campaign.figures
            rate = f.actions / (time.monotonic() - began)
            write(f"{family:8} {f.scripts:7,} {f.actions:7,} {f.faults:8,} {f.pages:9,} "
                  f"{f.map_counts:7,} {f.tables:8,} {len(found):6} {len(campaign.once):5} "
                  f"{rate:4.0f}\n")  # fmt: skip
            for one in campaign.once:
                write(f"  once, seed {one.seed}: {one.first}\n")
            sys.stdout.flush()
    return 1 if wrong else 0


def _tell(found: Found) -> None:
    sys.stdout.write(f"seed {found.seed}: {found.first}\n")
    for action in found.shortest:
        sys.stdout.write(f"    {told(action)}\n")
    if found.why:
        sys.stdout.write(f"  {found.why}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
