"""Many processes that do nothing: a small Python forks them, so nothing need be compiled.

Each dies with its parent, is called `sleeper`, and has `sleeper` in its command line. As forks of
one interpreter they map 40 VMAs and share most of their pages: dearer to look at than sleepers in
C, for every contestant alike.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "sleeper"
MANY = 2_000
_PROGRAM = """
import ctypes, gc, os, signal, sys
libc = ctypes.CDLL(None)
libc.prctl(1, signal.SIGKILL)
libc.prctl(15, b"sleeper")
gc.disable()
gc.freeze()
parent = os.getpid()
try:
    for _ in range(int(sys.argv[1])):
        if os.fork() == 0:
            libc.prctl(1, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(0)
            libc.pause()
            os._exit(0)
except OSError as error:
    sys.exit(f"sleepers: {error}")
print("!", flush=True)
sys.stdin.read()
os._exit(0)
"""


@contextmanager
def sleepers(count: int = MANY) -> Iterator[int]:
    """That many processes while the context lasts; gives the PID of their parent."""
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory) / NAME
        program.write_text(_PROGRAM)
        command = [sys.executable, "-I", "-S", str(program), str(count)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
            try:
                assert parent.stdout is not None
                if parent.stdout.readline() != b"!\n":
                    sys.exit("the sleepers could not be made")
                yield parent.pid
            finally:
                parent.kill()
