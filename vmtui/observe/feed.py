"""Where samples come from: the live kernel, or a list in a test. The screens cannot tell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from vmtui.observe.plan import IDLE, Plan
from vmtui.observe.sample import Sample
from vmtui.observe.sampler import Sampler

OnSample = Callable[[Sample], None]
OnFailure = Callable[[BaseException], None]


class Feed(Protocol):
    """Delivers samples until it is stopped."""

    def start(self, on_sample: OnSample, on_failure: OnFailure) -> None:
        """Begin; both callbacks may come from another thread."""

    def follow(self, plan: Plan) -> None:
        """What the next ticks shall read."""

    def stop(self) -> None:
        """End, and let go of everything. Returns at once; a tick in flight is dropped."""


class LiveFeed:
    """One thread that samples the kernel. The latest tick wins: nothing is ever queued."""

    def __init__(self) -> None:
        self._plan = IDLE
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self, on_sample: OnSample, on_failure: OnFailure) -> None:
        """Start the sampler thread. A failure of the sampler itself goes to `on_failure`."""
        self._thread = threading.Thread(
            target=self._run, args=(on_sample, on_failure), name="vmtui-sampler", daemon=True
        )
        self._thread.start()

    def follow(self, plan: Plan) -> None:
        """Take a new plan; another target or window is looked at without waiting for the tick."""
        old, self._plan = self._plan, plan
        if (old.target, old.window, old.for_all) != (plan.target, plan.window, plan.for_all):
            self._wake.set()

    def stop(self) -> None:
        """Ask the thread to end; it is a daemon, so a long read cannot hold the exit."""
        self._stopping = True
        self._wake.set()

    def _run(self, on_sample: OnSample, on_failure: OnFailure) -> None:
        sampler = Sampler()
        try:
            while not self._stopping:
                self._wake.clear()
                plan = self._plan
                sample = sampler.tick(plan)
                if self._stopping:
                    return
                on_sample(sample)
                now = time.monotonic()
                self._wake.wait(max(0.01, sampler.due_at(plan) - now))
        except BaseException as error:
            if not self._stopping:
                on_failure(error)
        finally:
            sampler.close()


class ListFeed:
    """Prepared samples, handed out when the test asks."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = list(samples)
        self._on_sample: OnSample | None = None
        self.plans: list[Plan] = []

    def start(self, on_sample: OnSample, on_failure: OnFailure) -> None:
        """Remember whom to tell, and deliver the first sample."""
        self._on_sample = on_sample
        self.deliver()

    def follow(self, plan: Plan) -> None:
        """Remember what the screens wished for."""
        self.plans.append(plan)

    def deliver(self, count: int = 1) -> None:
        """Hand out the next `count` samples."""
        assert self._on_sample is not None
        for _ in range(min(count, len(self._samples))):
            self._on_sample(self._samples.pop(0))

    def stop(self) -> None:
        """Nothing to let go of."""
