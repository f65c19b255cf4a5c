"""An app to be killed: it keeps a bench busy with all that a specimen can do, for ever."""

from __future__ import annotations

import random
import sys

from tests.lab.stand import mapped, touch
from vmtui.lab.measure import Meter
from vmtui.lab.spawner import Bench


def main() -> None:
    """Say which session to look for, then work until killed or interrupted."""
    with Bench.open() as bench:
        sys.stdout.write(f"{bench.pid}\n")
        sys.stdout.flush()
        chance = random.Random()
        while True:
            parent = bench.start()
            region = mapped(parent, chance.randrange(1, 20_000))
            with Meter(parent) as meter:
                touch(parent, region, write=True)
                meter.look([region])
            child = parent.fork("child")
            grandchild = child.fork("grandchild")
            if isinstance(bench.directory, str):
                grandchild.file("data", 50)
            child.poke(0, "read")
            touch(child, region, write=True)
            if chance.random() < 0.5:
                child.exit()
            touch(grandchild, region, write=True)
            grandchild.exit()
            parent.exit()


if __name__ == "__main__":
    main()
