"""/proc/kpageflags and /proc/kpagecount: what the kernel knows of each frame of memory.

Documented in Documentation/admin-guide/mm/pagemap.rst, with the bits in
include/uapi/linux/kernel-page-flags.h. Root only, the initial user namespace's root. Linear reads
cost 180–225 ns a frame, single ones 600–900: so frames are sorted, neighbours are read together
(gaps of up to 16 frames too), and the answers go back to the order asked in. `preadv` lets go of
the interpreter's lock, so that two threads halve the wait where two processors are free.
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
Places: TypeAlias = NDArray[np.int64]

_KPAGEFLAGS = f"{PROC}/kpageflags"
_KPAGECOUNT = f"{PROC}/kpagecount"
_WORD = 8
_GAP = 16
"""Frames not asked for that are read along rather than starting another read."""
_BATCH = 1 << 17
"""Frames in the buffer at a time: 1 MiB. No run crosses a multiple of it."""
_COMPOUND = flags.KPF_COMPOUND_HEAD | flags.KPF_COMPOUND_TAIL
_LONG = 16
"""Mean length of runs from which they are copied one by one."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The question cut into runs of rising neighbours, and which reads cover them."""

    asked: int
    """How many frames."""
    positions: Places
    """Where each run begins in the question; runs are in the order of their frames."""
    frames: Places
    """Its first frame."""
    lengths: Places
    """Its frames."""
    read_runs: Places
    """The first run of each read; a read covers runs that nearly touch or overlap."""
    read_lengths: Places
    """Frames of each read."""


def flags_of(pfns: Words, threads: int = 1) -> Words:
    """KPF_* bits of each frame, in the order asked; KPF_NOPAGE past the end of memory.

    Args:
        pfns: uint64 array of frame numbers, any order, repeats allowed.
        threads: how many share the reading.

    Raises:
        NotPermitted: not root.
        NotSupported: the kernel was built without CONFIG_PROC_PAGE_MONITOR.
    """
    return _read(_KPAGEFLAGS, _planned(pfns), flags.KPF_NOPAGE, threads)


def counts_of(pfns: Words, threads: int = 1) -> Words:
    """How many page-table entries map each frame, in the order asked; 0 past the end of memory.

    Raises:
        NotPermitted, NotSupported: as `flags_of`.
    """
    return _read(_KPAGECOUNT, _planned(pfns), 0, threads)


def flags_and_counts(pfns: Words, threads: int = 2) -> tuple[Words, Words]:
    """`flags_of` and `counts_of` the same frames, sorted once.

    Raises:
        NotPermitted, NotSupported: as `flags_of`.
    """
    plan = _planned(pfns)
    flagged = _read(_KPAGEFLAGS, plan, flags.KPF_NOPAGE, threads)
    return flagged, _read(_KPAGECOUNT, plan, 0, threads)


def flags_and_counts_of_entries(entries: Words, threads: int = 2) -> tuple[Words, Words]:
    """The same for present pagemap entries: half the cost where most pages are exclusive.

    Bit 56 says that a page is mapped once, which is its count. Only of a compound page it says
    less (the kernel asks the first page of a huge one), so these are looked up all the same.

    Args:
        entries: uint64 array of pagemap entries, all present, with their frame numbers.
        threads: how many share the reading.

    Raises:
        NotPermitted, NotSupported: as `flags_of`.
    """
    pfns = entries & np.uint64(flags.PM_PFN_MASK)
    flagged = flags_of(pfns, threads)
    known = (entries & np.uint64(flags.PM_EXCLUSIVE)) != 0
    known &= (flagged & np.uint64(_COMPOUND)) == 0
    counts = np.ones(len(entries), np.uint64)
    if not known.all():
        counts[~known] = counts_of(pfns[~known], threads)
    return flagged, counts


def _planned(pfns: Words) -> _Plan:
    if not len(pfns):
        none = np.zeros(0, np.int64)
        return _Plan(0, none, none, none, none, none)
    frames = pfns.view(np.int64)  # at most 55 bits
    cut = np.diff(frames) != 1
    cut |= frames[1:] & (_BATCH - 1) == 0
    positions = np.concatenate(([0], np.flatnonzero(cut) + 1))
    lengths = np.diff(positions, append=len(frames))
    frames = frames[positions]
    order = _ascending(frames)
    positions, lengths, frames = positions[order], lengths[order], frames[order]
    ends = frames + lengths
    apart = frames[1:] > np.maximum.accumulate(ends)[:-1] + _GAP
    apart |= frames[1:] // _BATCH != frames[:-1] // _BATCH
    read_runs = np.concatenate(([0], np.flatnonzero(apart) + 1))
    read_lengths = np.maximum.reduceat(ends, read_runs) - frames[read_runs]
    return _Plan(len(pfns), positions, frames, lengths, read_runs, read_lengths)


def _ascending(frames: Places) -> Places:
    """The order that sorts them. Sorting words that hold frame and place is faster than argsort."""
    shift = len(frames).bit_length()
    if int(frames.max()).bit_length() + shift >= 64:
        return np.argsort(frames, kind="stable")
    keys = frames << shift
    keys |= np.arange(len(frames))
    keys.sort()
    keys &= (1 << shift) - 1
    return keys


def _read(path: str, plan: _Plan, past_the_end: int, threads: int) -> Words:
    """The words of `path` for the planned frames, back in the order of the question."""
    answers = np.empty(plan.asked, np.uint64)
    reads = len(plan.read_runs)
    shares = [range(reads * n // threads, reads * (n + 1) // threads) for n in range(threads)]
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if threads < 2 or reads < 2 * threads:
                _read_share(fd, plan, range(reads), answers, past_the_end)
            else:
                with ThreadPoolExecutor(threads - 1, "kpage") as others:
                    pending = [
                        others.submit(_read_share, fd, plan, share, answers, past_the_end)
                        for share in shares[1:]
                    ]
                    _read_share(fd, plan, shares[0], answers, past_the_end)
                    for share in pending:
                        share.result()
        finally:
            os.close(fd)
    except OSError as error:
        raise translated(error, path, of_process=False) from error
    return answers


def _read_share(fd: int, plan: _Plan, share: range, answers: Words, past_the_end: int) -> None:
    """Fill a buffer with as many whole reads as fit, hand out their runs, and so on."""
    buffer = np.empty(_BATCH, np.uint64)
    room = buffer.data.cast("B")
    ends = np.cumsum(plan.read_lengths)
    bases = plan.frames[plan.read_runs]
    runs_end = np.append(plan.read_runs[1:], len(plan.frames))
    read = share.start
    while read < share.stop:
        before = int(ends[read] - plan.read_lengths[read])
        stop = min(share.stop, int(np.searchsorted(ends, before + _BATCH, side="right")))
        some = slice(read, stop)
        places = ends[some] - plan.read_lengths[some] - before
        for base, place, length in zip(
            bases[some].tolist(), places.tolist(), plan.read_lengths[some].tolist(), strict=True
        ):
            got = os.preadv(fd, [room[place * _WORD : (place + length) * _WORD]], base * _WORD)
            if got < length * _WORD:
                buffer[place + got // _WORD : place + length] = past_the_end
        runs = slice(int(plan.read_runs[read]), int(runs_end[stop - 1]))
        shifts = np.repeat(places - bases[some], runs_end[some] - plan.read_runs[some])
        _hand_out(
            buffer, plan.frames[runs] + shifts, answers, plan.positions[runs], plan.lengths[runs]
        )
        read = stop


def _hand_out(
    source: Words, starts: Places, answers: Words, positions: Places, lengths: Places
) -> None:
    """Copy stretches of the buffer to where they were asked for."""
    total = int(lengths.sum())
    if total >= _LONG * len(lengths):
        for start, position, length in zip(
            starts.tolist(), positions.tolist(), lengths.tolist(), strict=True
        ):
            answers[position : position + length] = source[start : start + length]
        return
    within = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    answers[np.repeat(positions, lengths) + within] = source[np.repeat(starts, lengths) + within]
