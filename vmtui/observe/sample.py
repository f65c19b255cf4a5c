"""What the kernel said in one tick: one frozen record that every screen is a function of."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vmtui.model.machine import MachineReading
from vmtui.model.processes import ProcessReading

if TYPE_CHECKING:
    from vmtui.observe.machine_depth import MachineDepth
    from vmtui.observe.target_reading import TargetReading


@dataclass(frozen=True, slots=True)
class Sample:
    """One tick. Parts that this tick did not read anew are the objects of an earlier one."""

    number: int
    """Ticks since the sampler started; gaps mean that a slow consumer was skipped."""
    began: float
    """Seconds of the monotonic clock when the first file was opened."""
    ended: float
    """The same when the last was closed."""
    taken_at: float
    """Wall clock at `began`, seconds since 1970."""
    late: float
    """Seconds after the time this tick was due."""
    machine: MachineReading
    processes: tuple[ProcessReading, ...] = ()
    """In PID order."""
    process_tick: int = 0
    """Counts the ticks in which the process list was read; the index into its series."""
    hidden_processes: int = 0
    """Processes that /proc does not let this user enter (hidepid)."""
    target: TargetReading | None = None
    """The process that is looked into."""
    depth: MachineDepth | None = None
    """The machine's dear parts, each the latest known; None until one was on screen."""

    @property
    def took(self) -> float:
        """Seconds the tick needed."""
        return self.ended - self.began

    def process(self, pid: int) -> ProcessReading | None:
        """The reading of one process, by bisection."""
        at = bisect_left(self.processes, pid, key=_pid_of)
        if at < len(self.processes) and self.processes[at].stat.pid == pid:
            return self.processes[at]
        return None


def _pid_of(reading: ProcessReading) -> int:
    return reading.stat.pid
