"""Directories of /sys with one number a file: huge page pools, KSM, zram devices.

Readable by anyone; some 10 µs a file.
"""

from __future__ import annotations

from vmtui.errors import VmtuiError
from vmtui.kernel.files import read_system
from vmtui.missing import Missing


def number(path: str) -> int | Missing:
    """The number in a file; what cannot be read or is no number is Missing. Never raises."""
    try:
        raw = read_system(path, 64)
    except VmtuiError as error:
        return Missing.because(error)
    try:
        return int(raw)
    except ValueError:
        return Missing("the kernel's answer is not a number")
