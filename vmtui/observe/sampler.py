"""One tick after another: reads what the plan asks for and freezes it into a sample."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vmtui.kernel.allocator import give_back_large_blocks
from vmtui.model.fields.field import Cost
from vmtui.model.processes import ProcessReading
from vmtui.observe.machine_sampler import MachineSampler
from vmtui.observe.plan import Plan
from vmtui.observe.process_sampler import ROLLUP_SHARE, ProcessSampler
from vmtui.observe.sample import Sample

if TYPE_CHECKING:  # numpy comes with these; most runs never look into the depth
    from vmtui.observe.machine_depth import DepthReader, MachineDepth, Source
    from vmtui.observe.target_reading import TargetReading
    from vmtui.observe.target_sampler import NoTarget, TargetSampler

_EXPECTING_SECONDS = 0.2
"""Between two ticks while something on screen comes to be known for the first time."""
_UNSEEN_LIST_SECONDS = 5.0
"""How often the process list is read while it is not on screen."""


class Sampler:
    """Belongs to one thread. `tick` never raises a VmtuiError: failures are in the sample."""

    def __init__(
        self, rollup_share: float = ROLLUP_SHARE, sources: Mapping[str, Source] | None = None
    ) -> None:
        """Nothing is read yet.

        Args:
            rollup_share: as `ProcessSampler`.
            sources: the dear parts of the machine and how often they are read; None for as often
                as somebody who looks at them wants.
        """
        self._machine = MachineSampler()
        self._processes = ProcessSampler(rollup_share=rollup_share)
        self._target: TargetSampler | NoTarget | None = None
        self._sources = sources
        self._depth: DepthReader | None = None
        self._for_all: frozenset[Cost] = frozenset()
        self._list: tuple[ProcessReading, ...] = ()
        self._list_at = self._slow_at = float("-inf")
        self._list_tick = 0
        self._number = 0
        self._due = time.monotonic()
        self._began = self._due

    def due_at(self, plan: Plan) -> float:
        """When the next tick should begin, in seconds of the monotonic clock."""
        if (plan.window or plan.page) is not None and plan.target is not None:
            return self._began + min(plan.page_interval, plan.interval)
        if plan.eager and any(
            part is not None and part.expecting for part in (self._target, self._depth)
        ):
            return self._began + min(_EXPECTING_SECONDS, plan.interval)
        return self._slow_at + plan.interval

    def tick(self, plan: Plan) -> Sample:
        """Read what is due by now."""
        began, taken_at = time.monotonic(), time.time()
        late = max(0.0, began - self._due)
        slow = began >= self._slow_at + plan.interval * 0.98
        if slow:
            self._slow_at = began
        machine = self._machine.read(slow)
        self._read_list(plan, began, slow)
        target = self._read_target(plan, slow)
        depth = self._look_deeper(plan, slow)
        self._number += 1
        self._began = began
        sample = Sample(
            number=self._number,
            began=began,
            ended=time.monotonic(),
            taken_at=taken_at,
            late=late if self._number > 1 else 0.0,
            machine=machine,
            processes=self._list,
            process_tick=self._list_tick,
            hidden_processes=self._processes.hidden,
            target=target,
            depth=depth,
        )
        self._due = max(self.due_at(plan), sample.ended)
        return sample

    def _read_list(self, plan: Plan, now: float, slow: bool) -> None:
        changed = plan.for_all != self._for_all
        self._for_all = plan.for_all
        if plan.processes:
            due = slow or changed
        else:
            due = now >= self._list_at + max(_UNSEEN_LIST_SECONDS, plan.interval)
        if due or not self._list:
            self._list = self._processes.read(plan)
            self._list_at = now
            self._list_tick += 1

    def _read_target(self, plan: Plan, slow: bool) -> TargetReading | None:
        if self._target is not None and self._target.pid != plan.target:
            self._let_go()
        if plan.target is None:
            return None
        if self._target is None:
            from vmtui.observe.target_sampler import sampler_of  # numpy: only from here on

            give_back_large_blocks()
            self._target = sampler_of(plan.target)
        return self._target.read(plan, slow)

    def _look_deeper(self, plan: Plan, slow: bool) -> MachineDepth | None:
        if self._depth is None:
            if not plan.depth:
                return None
            from vmtui.observe.machine_depth import SOURCES, DepthReader

            self._depth = DepthReader(self._sources or SOURCES)
        return self._depth.look(plan.depth, plan.frames, slow)

    def _let_go(self) -> None:
        if self._target is not None:
            self._target.close()
        self._target = None

    def close(self) -> None:
        """Let go of every descriptor."""
        self._processes.close()
        self._let_go()
        if self._depth is not None:
            self._depth.close()
