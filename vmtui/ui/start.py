"""From the command line into the app: who looks at which machine, and the screen to open with."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmtui.errors import VmtuiError
from vmtui.kernel import capabilities, host, mounts
from vmtui.kernel.identity import user_name
from vmtui.missing import Missing
from vmtui.observe.feed import LiveFeed
from vmtui.text import display
from vmtui.ui.run import run_app
from vmtui.ui.session import Session
from vmtui.ui.settings import Settings
from vmtui.ui.terminal import Terminal

if TYPE_CHECKING:
    from textual.screen import Screen

    from vmtui.record.feed import ReplayFeed
    from vmtui.ui.companion import Companion


def session_of(settings: Settings, *, readonly: bool) -> Session:
    """A live session on this machine."""
    machine = host.read()
    uid = os.geteuid()
    try:
        boot_time = float(host.boot_time())
    except VmtuiError:
        boot_time = 0.0
    memory = machine.memory_bytes
    return Session(
        feed=LiveFeed(),
        host=display(machine.name),
        kernel=display(f"Linux {'.'.join(machine.kernel_release.split('.')[:2])}"),
        memory_bytes=0 if isinstance(memory, Missing) else memory,
        user=display(user_name(uid)),
        uid=uid,
        privileged=_sees_frames(),
        boot_time=boot_time,
        hides_processes=uid != 0 and _hides_processes(),
        readonly=readonly,
        interval=settings.interval,
        history_minutes=settings.history_minutes,
        process_columns=settings.process_columns,
        vma_columns=settings.vma_columns,
    )


def start_on_command(settings: Settings, words: list[str], *, readonly: bool = False) -> int:
    """Start a command, stopped, and run the app on it; returns the exit code.

    Raises:
        VmtuiError, OSError: the command, or the file for its output, cannot be had.
    """
    from vmtui.ui.companion import Companion

    companion = Companion.start(words)
    try:
        return start(settings, pid=companion.pid, readonly=readonly, companion=companion)
    finally:
        with contextlib.suppress(OSError):  # the terminal may be gone
            for sentence in companion.part():
                print(f"vmtui: {sentence}", file=sys.stderr, flush=True)  # noqa: T201


def start(
    settings: Settings,
    *,
    pid: int | None = None,
    readonly: bool = False,
    companion: Companion | None = None,
) -> int:
    """Run the app; returns the exit code.

    Args:
        settings: what the user chose.
        pid: the process to open.
        readonly: whether nothing outside vmtui may be changed.
        companion: the command that was started for this run.
    """
    session = session_of(settings, readonly=readonly)

    def first_screen() -> Screen[Any]:
        from vmtui.ui.screens.processes import ProcessesScreen

        return ProcessesScreen(pid, settings.process_columns)

    def app_of(*arguments: Any, **options: Any) -> Any:
        from vmtui.ui.observatory import Observatory

        return Observatory(session, *arguments, companion=companion, **options)

    def before(terminal: Terminal) -> None:
        if pid is None:
            from vmtui.ui import first_frame

            first_frame.show(session, terminal, settings)

    return run_app(
        session.feed, settings, first_screen, readonly=readonly, app_of=app_of, before=before
    )


def start_replay(
    settings: Settings,
    path: Path,
    feed: ReplayFeed,
    *,
    at: float | None = None,
    speed: float | None = None,
) -> int:
    """Run the app on a recording; returns the exit code.

    Args:
        settings: what the user chose.
        path: the recording.
        feed: the same, opened to be shown.
        at: wall clock of the moment to begin with.
        speed: play at once, so many seconds of it in a second; None stands still.
    """
    from vmtui.ui.replaying import session_over

    session = session_over(feed, settings)
    if speed is not None:
        feed.play()

    def first_screen() -> Screen[Any]:
        from vmtui.ui.screens.processes import ProcessesScreen

        return ProcessesScreen(None, settings.process_columns)

    def app_of(*arguments: Any, **options: Any) -> Any:
        from vmtui.ui.observatory import Observatory

        app = Observatory(session, *arguments, **options)
        app.deck.given.append(path)
        app.deck.begins_on_stage = at is None and speed is None and feed.begins_with_experiment
        app.deck.replayed = path
        return app

    return run_app(feed, settings, first_screen, readonly=True, app_of=app_of)


def _hides_processes() -> bool:
    try:
        return mounts.read().hides_processes
    except VmtuiError:
        return False


def _sees_frames() -> bool:
    """Whether the kernel should show frame numbers; the page reader finds out for certain."""
    try:
        return (
            "CAP_SYS_ADMIN" in capabilities.effective_capabilities()
            and capabilities.in_initial_user_namespace()
        )
    except VmtuiError:
        return False
