"""The few calls that change the machine, and the few looks that undoing needs. Standard library.

Failures are OSErrors with the path in `filename`.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Mapping
from typing import Any

ZRAM = "/sys/class/zram-control"
"""Reading its `hot_add` makes a device."""
PREFER = 0x8000
"""SWAP_FLAG_PREFER: the lowest bits are the priority; without it the kernel gives the lowest."""

_libc = ctypes.CDLL(None, use_errno=True)
_BRACKETS = re.compile(r"\[([^]]+)\]")


def swapon(path: str, flags: int) -> None:
    """swapon(2)."""
    if _libc.swapon(os.fsencode(path), flags):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)


def swapoff(path: str) -> None:
    """swapoff(2): its pages come back to memory."""
    if _libc.swapoff(os.fsencode(path)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)


def write(path: str, text: str) -> None:
    """One write(2) to a file that exists."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode("ascii"))
    except OSError as error:
        error.filename = path
        raise
    finally:
        os.close(fd)


def read(path: str) -> str:
    """A small file, without the newline at its end."""
    with open(path, encoding="ascii", errors="backslashreplace") as file:
        return file.read().strip()


def value(path: str) -> str:
    """A setting: of `always [madvise] never` the word in brackets."""
    text = read(path)
    chosen = _BRACKETS.search(text)
    return chosen[1] if chosen else text


def swap_used(path: str) -> int | None:
    """Bytes in use of a swap; None when it is not switched on."""
    with open("/proc/swaps", encoding="utf-8", errors="surrogateescape") as swaps:
        for line in list(swaps)[1:]:
            name, _kind, _size, used, _priority = line.rsplit(maxsplit=4)
            if name == path:
                return int(used) << 10
    return None


def available() -> int:
    """MemAvailable, in bytes."""
    with open("/proc/meminfo", encoding="ascii") as meminfo:
        for line in meminfo:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    return 0


def zram_devices() -> dict[str, int]:
    """The sequence number of every zram device (a number is never used twice in a boot), by name.

    A kernel before 5.15 has none: then 0.
    """
    found = {}
    for name in os.listdir("/sys/block"):
        if name.startswith("zram"):
            try:
                found[name.removeprefix("zram")] = int(read(f"/sys/block/{name}/diskseq"))
            except FileNotFoundError:
                found[name.removeprefix("zram")] = 0
    return found


def add_zram() -> int:
    """A new zram device; its number."""
    return int(read(f"{ZRAM}/hot_add"))


def zram_of(facts: Mapping[str, Any], learned: Mapping[str, Any] | None) -> str | None:
    """Which device is the one we made; None when there is none.

    When it is not known whether it was made: the only new one since, if nobody uses it.
    """
    devices = zram_devices()
    if learned is not None:
        number = str(learned["number"])
        return number if devices.get(number) == learned["sequence"] else None
    new = [
        number
        for number, sequence in devices.items()
        if facts["before"].get(number) != sequence
        and read(f"/sys/block/zram{number}/disksize") == "0"
    ]
    return new[0] if len(new) == 1 else None
