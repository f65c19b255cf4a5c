"""Every frame of the machine in long reads: /proc/kpageflags, kpagecount and kpagecgroup.

Documentation/admin-guide/mm/pagemap.rst. One u64 a frame; root only, the initial user namespace's
root. The kernel's cost is 180–260 ns a frame for flags, 170 for counts, 110 for cgroups, which
`preadv` spends without the interpreter's lock. `kpage` is for single frames in any order.

A frame that has no memory reads as KPF_NOPAGE on some kernels and as 0 on others (6.18): which
frames are memory is in `memory_map`.
"""

from __future__ import annotations

import os
from types import TracebackType
from typing import Literal

from vmtui.kernel.files import PROC, translated
from vmtui.kernel.regions import Words

FrameFact = Literal["kpageflags", "kpagecount", "kpagecgroup"]
_WORD = 8
_MOST_FRAMES = 1 << 52


class FrameFile:
    """One of the three files, open. Reads may come from several threads."""

    def __init__(self, name: FrameFact = "kpageflags", proc: str = PROC) -> None:
        """Open it.

        Raises:
            NotPermitted: not root.
            NotSupported: the kernel was built without it (kpagecgroup: without CONFIG_MEMCG).
        """
        self._path = f"{proc}/{name}"
        self._fd = -1
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise translated(error, self._path, of_process=False) from error

    def read(self, first: int, out: Words) -> int:
        """The words of `len(out)` frames from frame `first` on; how many of them there are.

        What lies past the end of memory is left as it was.

        Raises:
            NotPermitted, VmtuiError: by errno.
        """
        room, done = out.data.cast("B"), 0
        while done < len(room):
            try:
                got = os.preadv(self._fd, [room[done:]], first * _WORD + done)
            except OSError as error:
                raise translated(error, self._path, of_process=False) from error
            if not got:
                break
            done += got
        return done // _WORD

    def end(self) -> int:
        """The first frame number past the end of memory.

        Raises:
            NotPermitted, VmtuiError: by errno.
        """
        low, high = 0, _MOST_FRAMES
        try:
            while low < high:
                middle = (low + high) // 2
                if os.pread(self._fd, _WORD, middle * _WORD):
                    low = middle + 1
                else:
                    high = middle
        except OSError as error:
            raise translated(error, self._path, of_process=False) from error
        return low

    def close(self) -> None:
        """Let go of the descriptor; harmless twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> FrameFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
