"""Threads that nobody waits for when the app ends: whoever leaves has left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_GRACE_SECONDS = 0.3
"""For a file that is just being written."""


class Unawaited(ThreadPoolExecutor):
    """A daemon thread for each call.

    asyncio's own executor is waited for when the loop ends, and once more when Python ends: a
    search through a recording would hold the shell for as long as it takes.
    """

    def __init__(self) -> None:
        super().__init__(max_workers=1)  # it never starts that one: `submit` is ours
        self._started: list[threading.Thread] = []

    def submit(self, call: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Begin at once."""
        future: Future[Any] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(call(*given, **named))
            except BaseException as error:  # whoever waits is told
                future.set_exception(error)

        thread = threading.Thread(target=run, name="vmtui-aside", daemon=True)
        self._started = [*filter(threading.Thread.is_alive, self._started), thread]
        thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Give them a moment; what is not done by then ends with the process."""
        if not wait:  # the loop closes; it has been waited before
            return
        until = time.monotonic() + _GRACE_SECONDS
        for thread in self._started:
            thread.join(max(0.0, until - time.monotonic()))
