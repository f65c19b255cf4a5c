"""The janitor: a process that outlives the app only to put everything back.

Run by its path in a bare interpreter, in a session of its own, before the first change. It waits
at the other end of a socket that closes when the app dies in any way, or when the app has put
everything back itself. Then it does what the journal says, and ends.
"""

from __future__ import annotations

import os
import signal
import sys

if __name__ == "__main__":
    sys.path.append(os.path.abspath(f"{os.path.dirname(__file__)}/../../.."))

from vmtui.lab.resources import undo


def main(lifeline: int, path: str) -> None:
    """Wait for the end of the app, then put back what the journal at `path` tells of."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    os.write(lifeline, b".")  # everything is imported: nothing has to be read from a disk any more
    try:
        while os.read(lifeline, 1):
            pass
    except ConnectionError:
        pass
    undo.take_over(path)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
