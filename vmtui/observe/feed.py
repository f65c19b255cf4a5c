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

    def first(self, seconds: float) -> Sample | None:
        """Begin already; the first sample, if it comes within that time."""

    def start(self, on_sample: OnSample, on_failure: OnFailure) -> None:
        """Begin; both callbacks may come from another thread."""

    def follow(self, plan: Plan) -> None:
        """What the next ticks shall read."""

    def stop(self) -> None:
        """End, and let go of everything. Returns at once; a tick in flight is dropped."""


class LiveFeed:
    """One thread that samples the kernel. The latest tick wins: nothing is ever queued."""

    def __init__(self, plan: Plan = IDLE) -> None:
        """A feed that will begin with that plan."""
        self._plan = plan
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()  # between the first samples and whoever listens then
        self._listener: tuple[OnSample, OnFailure] | None = None
        self._early: list[Sample | BaseException] = []
        self._sampled = threading.Event()

    def begin(self) -> None:
        """Start the sampler thread before anybody listens; harmless twice."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="vmtui-sampler", daemon=True)
            self._thread.start()

    def first(self, seconds: float) -> Sample | None:
        """The first sample, if it comes within that time."""
        self.begin()
        self._sampled.wait(seconds)
        with self._lock:
            found = self._early[0] if self._early else None
        return None if isinstance(found, BaseException) else found

    def start(self, on_sample: OnSample, on_failure: OnFailure) -> None:
        """Deliver from now on, and what was sampled before. A failure goes to `on_failure`."""
        with self._lock:
            early, self._early = self._early, []
            self._listener = on_sample, on_failure
            for found in early:
                self._tell(found)
        self.begin()

    def follow(self, plan: Plan) -> None:
        """Take a new plan; another target, window or part of the machine is
        looked at without waiting for the tick."""
        old, self._plan = self._plan, plan
        if _urgent(old) != _urgent(plan):
            self._wake.set()

    def stop(self) -> None:
        """Ask the thread to end; it is a daemon, so a long read cannot hold the exit."""
        self._stopping = True
        self._wake.set()

    def _deliver(self, found: Sample | BaseException) -> None:
        with self._lock:
            if self._listener is None:
                self._early = [*self._early[-1:], found]
            else:
                self._tell(found)
        self._sampled.set()

    def _tell(self, found: Sample | BaseException) -> None:
        assert self._listener is not None
        on_sample, on_failure = self._listener
        if isinstance(found, BaseException):
            on_failure(found)
        else:
            on_sample(found)

    def _run(self) -> None:
        sampler = Sampler()
        try:
            while not self._stopping:
                self._wake.clear()
                sample = sampler.tick(self._plan)
                if self._stopping:
                    return
                self._deliver(sample)
                now = time.monotonic()
                self._wake.wait(max(0.01, sampler.due_at(self._plan) - now))
        except BaseException as error:
            if not self._stopping:
                self._deliver(error)
        finally:
            sampler.close()


def _urgent(plan: Plan) -> tuple[object, ...]:
    """What nobody shall wait for until the next tick."""
    symbols = plan.symbols and (plan.symbols.objects, plan.symbols.parts_of)
    return (
        plan.target, plan.window, plan.for_all, plan.page, symbols, plan.depth, plan.frames,
    )  # fmt: skip


class ListFeed:
    """Prepared samples, handed out when the test asks."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = list(samples)
        self._on_sample: OnSample | None = None
        self.plans: list[Plan] = []

    def first(self, seconds: float) -> Sample | None:
        """None is ready before it is asked for."""
        return None

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
