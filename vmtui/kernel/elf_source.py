"""Reading a file that anyone may have written: at offsets, within a budget of bytes and of time.

Never mapped: a mapped file that its owner cuts short ends the program that reads it (SIGBUS).
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from vmtui.errors import NotSupported, ParseError
from vmtui.kernel.files import translated
from vmtui.text import display
from vmtui.units import size

_MOST_AT_ONCE = 1 << 26
"""A symbol table of any size that is read comes in one piece, without a second copy."""


class OutOfTime(NotSupported):
    """Reading took longer than it may: another time it can be faster."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What reading one file may cost."""

    nbytes: int = 256 << 20
    """Bytes read of it, all reads together."""
    seconds: float = 5.0
    """From the first read to the last."""


class Source:
    """A file by its descriptor, or bytes; whoever opened the descriptor closes it."""

    def __init__(self, file: int | bytes, what: str | bytes, budget: Budget = Budget()) -> None:
        """Over an open file.

        Args:
            file: a descriptor, or what would be in the file.
            what: its name for sentences; raw.
            budget: what it may cost.

        Raises:
            VmtuiError: the file cannot be looked at.
        """
        self.what = display(what)
        self._file = file
        self._left = budget.nbytes
        self._seconds = budget.seconds
        self._ends = time.monotonic() + budget.seconds
        try:
            self.nbytes = len(file) if isinstance(file, bytes) else os.fstat(file).st_size
            """How large the file is."""
        except OSError as error:
            raise translated(error, what, of_process=False) from error

    def read(self, offset: int, count: int, part: str) -> bytes:
        """Exactly `count` bytes.

        Args:
            offset: where they begin.
            count: how many.
            part: what they are, for sentences: «symbol table».

        Raises:
            ParseError: the file is shorter.
            NotSupported: the budget of bytes is spent.
            OutOfTime: that of time is.
            VmtuiError: an error of reading.
        """
        if offset < 0 or count < 0 or offset + count > self.nbytes:
            raise ParseError(f"{self.what}: the {part} reaches beyond the end of the file")
        if isinstance(self._file, bytes):
            return self._file[offset : offset + count]
        self._left -= count
        if self._left < 0:
            raise NotSupported(f"{self.what}: too large to look through, at its {part}")
        chunks, at = [], offset
        while at < offset + count:
            self.check_time()
            try:
                chunk = os.pread(self._file, min(_MOST_AT_ONCE, offset + count - at), at)
            except OSError as error:
                raise translated(error, self.what, of_process=False) from error
            if not chunk:
                raise ParseError(f"{self.what}: the file became shorter while it was read")
            chunks.append(chunk)
            at += len(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def check_time(self) -> None:
        """Raise OutOfTime once the time is over."""
        if time.monotonic() > self._ends:
            raise OutOfTime(f"{self.what}: reading it took over {self._seconds:g} seconds")

    def refuse_over(self, most: int, count: int, part: str) -> None:
        """Raise NotSupported where a part is larger than is read."""
        if count > most:
            raise NotSupported(
                f"{self.what}: its {part} of {size(count)} is larger than the {size(most)}"
                " that vmtui reads"
            )
