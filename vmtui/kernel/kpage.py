"""/proc/kpageflags and /proc/kpagecount: what the kernel knows of each frame of memory.

Documented in Documentation/admin-guide/mm/pagemap.rst, with the bits in
include/uapi/linux/kernel-page-flags.h. Root only, the initial user namespace's root. Linear reads
cost 180–225 ns a frame, single ones 600–900: so frames are sorted, neighbours are read together
(gaps of up to 16 frames too), and the answers go back to the order asked in. `preadv` lets go of
the interpreter's lock, so that one thread per file halves the wait.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vmtui.kernel import flags
from vmtui.kernel.files import PROC, translated

Words: TypeAlias = NDArray[np.uint64]

_KPAGEFLAGS = f"{PROC}/kpageflags"
_KPAGECOUNT = f"{PROC}/kpagecount"
_WORD = 8
_GAP = 16
"""Frames not asked for that are read along rather than starting another read."""
_BATCH = 1 << 17
"""Frames in the buffer at a time: 1 MiB."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Frames in rising order, cut into runs that one read each covers."""

    frames: Words
    """The frames asked for, sorted."""
    order: NDArray[np.intp]
    """Where each of them stood in the question."""
    firsts: NDArray[np.intp]
    """Index in `frames` where each run begins."""


def flags_of(pfns: Words) -> Words:
    """KPF_* bits of each frame, in the order asked; KPF_NOPAGE past the end of memory.

    Args:
        pfns: uint64 array of frame numbers, any order, repeats allowed.

    Raises:
        NotPermitted: not root.
        NotSupported: the kernel was built without CONFIG_PROC_PAGE_MONITOR.
    """
    return _read(_KPAGEFLAGS, _planned(pfns), flags.KPF_NOPAGE)


def counts_of(pfns: Words) -> Words:
    """How many page-table entries map each frame, in the order asked; 0 past the end of memory.

    Raises:
        NotPermitted, NotSupported: as `flags_of`.
    """
    return _read(_KPAGECOUNT, _planned(pfns), 0)


def flags_and_counts(pfns: Words, threads: int = 2) -> tuple[Words, Words]:
    """`flags_of` and `counts_of` the same frames, sorted once; one thread per file, or one in all.

    Raises:
        NotPermitted, NotSupported: as `flags_of`.
    """
    plan = _planned(pfns)
    if threads < 2:
        return _read(_KPAGEFLAGS, plan, flags.KPF_NOPAGE), _read(_KPAGECOUNT, plan, 0)
    with ThreadPoolExecutor(1, "kpagecount") as other:
        counted = other.submit(_read, _KPAGECOUNT, plan, 0)
        flagged = _read(_KPAGEFLAGS, plan, flags.KPF_NOPAGE)
        return flagged, counted.result()


def _planned(pfns: Words) -> _Plan:
    count = len(pfns)
    if not count:
        nothing = np.zeros(0, np.intp)
        return _Plan(np.zeros(0, np.uint64), nothing, nothing)
    shift = np.uint64(max(1, (count - 1).bit_length()))
    if int(pfns.max()).bit_length() + int(shift) <= 64:
        # Frame and position in one word: sorting words is several times faster than argsort.
        keys = pfns << shift
        keys |= np.arange(count, dtype=np.uint64)
        keys.sort()
        order = (keys & ((np.uint64(1) << shift) - np.uint64(1))).astype(np.intp)
        frames = keys
        frames >>= shift
    else:
        order = np.argsort(pfns, kind="stable")
        frames = pfns[order]
    cut = np.diff(frames) > _GAP
    cut |= np.diff(frames // np.uint64(_BATCH)) != 0  # so that a run fits the buffer
    firsts = np.concatenate(([0], np.flatnonzero(cut) + 1))
    return _Plan(frames, order, firsts)


def _read(path: str, plan: _Plan, past_the_end: int) -> Words:
    """The words of `path` for the planned frames, back in the order of the question."""
    answers = np.empty(len(plan.frames), np.uint64)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _read_runs(fd, plan, answers, past_the_end)
        finally:
            os.close(fd)
    except OSError as error:
        raise translated(error, path, of_process=False) from error
    return answers


def _read_runs(fd: int, plan: _Plan, answers: Words, past_the_end: int) -> None:
    """Fill the buffer with as many whole runs as fit, then hand out their words, and again."""
    if not len(plan.frames):
        return
    lasts = np.append(plan.firsts[1:], len(plan.frames)) - 1
    bases = plan.frames[plan.firsts]
    lengths = (plan.frames[lasts] - bases).astype(np.intp) + 1
    ends = np.cumsum(lengths)
    buffer = np.empty(_BATCH, np.uint64)
    room = buffer.data.cast("B")
    run = 0
    while run < len(bases):
        before = int(ends[run] - lengths[run])
        stop = int(np.searchsorted(ends, before + _BATCH, side="right"))
        places = ends[run:stop] - lengths[run:stop] - before
        for base, place, length in zip(
            bases[run:stop].tolist(), places.tolist(), lengths[run:stop].tolist(), strict=True
        ):
            got = os.preadv(fd, [room[place * _WORD : (place + length) * _WORD]], base * _WORD)
            if got < length * _WORD:
                buffer[place + got // _WORD : place + length] = past_the_end
        first, last = int(plan.firsts[run]), int(lasts[stop - 1]) + 1
        members = np.diff(np.append(plan.firsts[run:stop], last))
        shifts = places - bases[run:stop].astype(np.intp)
        index = plan.frames[first:last].astype(np.intp)
        index += np.repeat(shifts, members)
        answers[plan.order[first:last]] = buffer[index]
        run = stop
