"""What the levels inside a process share: which part of the sample is theirs."""

from __future__ import annotations

import time

from vmtui.missing import Missing
from vmtui.model.vmas import Vmas
from vmtui.observe.sample import Sample
from vmtui.observe.target_reading import TargetReading
from vmtui.text import DisplayText, display, plain


def reading_of(sample: Sample | None, pid: int) -> TargetReading | None:
    """What a sample knows of the process; None when it was not looked at then."""
    target = sample.target if sample else None
    return target if target and target.pid == pid else None


def vmas_of(sample: Sample | None, pid: int) -> Vmas | None:
    """Its VMAs in a sample, where they are known."""
    reading = reading_of(sample, pid)
    return reading.vmas if reading and isinstance(reading.vmas, Vmas) else None


def crumb(reading: TargetReading | None, pid: int) -> DisplayText:
    """PID and name."""
    if reading is None or isinstance(reading.stat, Missing):
        return plain(str(pid))
    return DisplayText(f"{pid} {display(reading.stat.comm)}")


def ended(reading: TargetReading | None) -> str:
    """That the process has exited, and when; empty while it runs."""
    if reading is None or reading.ended_at is None:
        return ""
    if isinstance(reading.stat, Missing):
        return "cannot be attached"
    return "exited at " + time.strftime("%H:%M:%S", time.localtime(reading.ended_at))


def address_of(typed: str) -> int | None:
    """An address as people type it, with or without 0x; None if it is none."""
    try:
        return int(typed.strip().removeprefix("0x"), 16)
    except ValueError:
        return None
