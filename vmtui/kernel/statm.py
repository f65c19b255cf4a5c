"""Sizes of a process in pages: /proc/PID/statm (Documentation/filesystems/proc.rst, table 1-3).

Readable by anyone; the cheapest figure there is, under 4 µs on a kept descriptor. All 0 for kernel
threads and zombies.
"""

from __future__ import annotations

from typing import NamedTuple

from vmtui.errors import ParseError
from vmtui.kernel.target import Target


class Statm(NamedTuple):
    """Five of the seven numbers; the other two have been 0 since Linux 2.6.

    A tuple, not a dataclass, for the reason given in `stat`.
    """

    size_pages: int
    """Address space."""
    resident_pages: int
    """In memory: file, shared and anonymous pages; hugetlb is not counted."""
    shared_pages: int
    """The part of it that belongs to files and shared memory."""
    text_pages: int
    """Size of the program's code, resident or not."""
    data_pages: int
    """Address space of data and stack."""


def parse(raw: bytes) -> Statm:
    """The record of one statm line.

    Raises:
        ParseError: not seven numbers.
    """
    try:
        size, resident, shared, text, _lib, data, _dirty = map(int, raw.split())
    except ValueError as error:
        raise ParseError("/proc/PID/statm: not seven numbers") from error
    return Statm(size, resident, shared, text, data)


def read(target: Target) -> Statm:
    """The target's sizes now.

    Raises:
        ProcessGone, NotPermitted, ParseError: as named.
    """
    return parse(target.read("statm"))
