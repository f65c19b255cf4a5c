"""An app to be killed: it acquires everything, uses it, puts it back, again and again.

Arguments: the directory for the journal. It ends after the round in which SIGTERM came, with 0 if
everything was put back every time; it says «round» when a round begins.
"""

from __future__ import annotations

import signal
import sys

from tests.lab.resources.machine import PAGE_CLUSTER
from tests.lab.stand import MEBIBYTE_PAGES, mapped, touch
from vmtui.errors import VmtuiError
from vmtui.lab.resources.keeper import Keeper
from vmtui.lab.spawner import Bench

MEBIBYTE = 1 << 20


def main(place: str) -> int:
    """Rounds, until told to stop or until the bench has been killed."""
    stop = False

    def on_term(*_: object) -> None:
        nonlocal stop
        stop = True

    signal.signal(signal.SIGTERM, on_term)
    with Bench.open() as bench:
        while not stop:
            sys.stdout.write("round\n")
            sys.stdout.flush()
            keeper = Keeper(bench, place)
            try:
                _use(bench, keeper)
            except VmtuiError as error:
                sys.stdout.write(f"{error}\n")
                stop = True
            finally:
                left = keeper.restore()
            if left:
                sys.stdout.write("\n".join(left))
                return 1
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is late, while Python goes
    return 0


def _use(bench: Bench, keeper: Keeper) -> None:
    """A child that swaps: it works on twice the memory its group may have."""
    parent = bench.start()
    keeper.swap("file", 64 * MEBIBYTE)
    keeper.swap("zram", 64 * MEBIBYTE)
    keeper.pool(4 * MEBIBYTE)
    keeper.set_value(str(PAGE_CLUSTER), "1")
    group = keeper.group()
    group.add(parent.pid)
    group.limit(16 * MEBIBYTE, None)
    region = mapped(parent, 32 * MEBIBYTE_PAGES)
    child = parent.fork("child")
    for specimen in (parent, child, parent):
        touch(specimen, region, write=specimen is parent)
    child.exit()
    parent.exit()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
