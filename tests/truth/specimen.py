"""A clean process with known memory, for truth tests: made to order, then looked at from outside.

    with Specimen() as specimen:
        area = specimen.map("anon", pages=4096)
        specimen.write(area, step=2)

Every area lies on a 2 MiB border between two PROT_NONE gaps, so that it is a VMA of its own. The
specimen dies with the test (PR_SET_PDEATHSIG, and a closed pipe ends it too).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from vmtui.kernel.files import PAGE_SIZE

NOBODY = 65_534
BLOCK_PAGES = PAGE_SIZE // 8
MADV_DONTNEED, MADV_HUGEPAGE, MADV_NOHUGEPAGE = 4, 14, 15
MADV_MERGEABLE, MADV_COLD, MADV_PAGEOUT, MADV_COLLAPSE = 12, 20, 21, 25
MADV_GUARD_INSTALL, MADV_GUARD_REMOVE = 102, 103
PROT_NONE, PROT_READ, PROT_READ_WRITE = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Area:
    """One VMA of a specimen."""

    start: int
    pages: int

    @property
    def end(self) -> int:
        return self.start + self.pages * PAGE_SIZE

    def part(self, first: int, last: int) -> Area:
        """Pages `first` to `last` of it (last not included)."""
        return Area(self.start + first * PAGE_SIZE, last - first)


class Specimen:
    """A bare Python process that maps and touches memory as told."""

    def __init__(self, *, as_nobody: bool = False) -> None:
        """Start it; `as_nobody` drops to an ordinary user without groups (root only)."""
        source = Path(__file__).with_name("specimen_child.py").read_text(encoding="utf-8")
        user = NOBODY if as_nobody else 0
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", source, str(os.getpid()), str(user)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
        )
        self.pid = self._process.pid
        self._forked: list[int] = []
        self._answer()
        self.at_rest()

    def map(self, kind: str, pages: int, *, private: bool = False, offset_pages: int = 0) -> Area:
        """Anonymous memory. `kind`: anon, shared, hugetlb or none (PROT_NONE)."""
        start = self.tell("map", kind=kind, pages=pages, private=private, offset_pages=offset_pages)
        return Area(int(start), pages)

    def map_file(self, path: Path | None, pages: int, *, private: bool = False) -> Area:
        """A file from its beginning; None is a fresh memfd."""
        name = None if path is None else str(path)
        return Area(int(self.tell("map_file", path=name, pages=pages, private=private)), pages)

    def write(self, area: Area, *, step: int = 1, via: int = 0) -> int:
        """Write one byte to every `step`-th page; how many."""
        return self._touch("write", area, step, via)

    def read(self, area: Area, *, step: int = 1, via: int = 0) -> int:
        """Read one byte of every `step`-th page; how many."""
        return self._touch("read", area, step, via)

    def advise(self, area: Area, advice: int, *, via: int = 0) -> None:
        """madvise(2). Raises OSError."""
        size = area.pages * PAGE_SIZE
        self.tell("advise", via=via, start=area.start, size=size, advice=advice)

    def protect(self, area: Area, prot: int) -> None:
        """mprotect(2)."""
        self.tell("protect", start=area.start, size=area.pages * PAGE_SIZE, prot=prot)

    def unmap(self, area: Area) -> None:
        """munmap(2)."""
        self.tell("munmap", start=area.start, size=area.pages * PAGE_SIZE)

    def lock(self, area: Area) -> None:
        """mlock(2). Raises OSError."""
        self.tell("mlock", start=area.start, size=area.pages * PAGE_SIZE)

    def fork(self) -> int:
        """Fork it; operations with `via` this number are done by the child."""
        self._forked.append(int(self.tell("fork")))
        self.at_rest()
        return self._forked[-1]

    def tell(self, operation: str, *, via: int = 0, **arguments: Any) -> Any:
        """Have an operation done; its answer. Raises OSError with the child's errno."""
        line = json.dumps({"operation": operation, "arguments": arguments, "via": via})
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        answer = self._answer()
        self.at_rest()
        return answer

    def at_rest(self) -> None:
        """Wait until it sleeps: it answers a moment before, and touches its memory till then."""
        for pid in (self.pid, *self._forked):
            for _ in range(20_000):
                raw = Path(f"/proc/{pid}/stat").read_bytes()
                if raw.rpartition(b") ")[2].startswith(b"S"):
                    break
                time.sleep(0.0005)
            else:
                raise RuntimeError(f"process {pid} does not come to rest")

    def close(self) -> None:
        """End it and wait."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Specimen:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _touch(self, operation: str, area: Area, step: int, via: int) -> int:
        asked = {"start": area.start, "stop": area.end, "step": step}
        return int(self.tell(operation, via=via, **asked))

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the specimen ended with {self._process.wait()}")
        answer = json.loads(line)
        if "errno" in answer:
            raise OSError(answer["errno"], answer["error"])
        return answer.get("value")
