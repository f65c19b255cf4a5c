"""What the app records, and which recording it shows instead of the live kernel."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmtui import units
from vmtui.errors import VmtuiError
from vmtui.text import display
from vmtui.ui.replaying import NOT_IN_REPLAY, session_over

if TYPE_CHECKING:
    from textual.screen import Screen

    from vmtui.record.feed import ReplayFeed
    from vmtui.record.reader import RecordedExperiment
    from vmtui.record.recorder import Progress, Recorder
    from vmtui.ui.observatory import Observatory
    from vmtui.ui.session import Session

_RETOLD = "retold"
"""The mode in which an experiment of a recording stands on its stage."""
_OF_A_SESSION = ("observe", "machine", _RETOLD)
"""Modes whose screens belong to one session."""


class TapeDeck:
    """Belongs to the app and its thread."""

    def __init__(self, app: Observatory) -> None:
        self._app = app
        self._recorder: Recorder | None = None
        self._ending: list[Recorder] = []  # told to stop, the file not finished yet
        self._live: Session | None = None  # of this machine, while something else is shown
        self.given: list[Path] = []
        """Recordings that were named, wherever they are."""
        self.begins_on_stage = False
        """Whether the app opens with the experiment that was recorded."""
        self.replayed: Path | None = None
        """The one that is shown, if it was opened by its file."""

    # Recording

    @property
    def recorder(self) -> Recorder | None:
        """The recording that goes on, if one does."""
        if self._recorder is not None and not self._recorder.progress.running:
            self._recorder = None
        return self._recorder

    @property
    def badge(self) -> str:
        """What the header says of it: `● rec`; empty for nothing."""
        return "● rec" if self.recorder is not None else ""

    def toggle(self) -> None:
        """Begin to record, or stop; says where."""
        if self._app.session.tape is not None:
            self._say(NOT_IN_REPLAY.format(what="recording"))
        elif self.recorder is not None:
            self.stop()
        else:
            self.begin(self._looked_into())

    def begin(self, pids: tuple[int, ...], on_first_tick: Callable[[], None] | None = None) -> bool:
        """Begin to record; says where, or why not.

        Args:
            pids: the processes to record in depth.
            on_first_tick: called from another thread once the first tick is in the file; whoever
                waits for that says itself where the recording is.
        """
        from vmtui.record.place import default_path  # brings numpy
        from vmtui.record.recorder import Recorder

        app = self._app

        def failed(sentence: str) -> None:
            app.call_later(app.notify, sentence, severity="error", timeout=10)

        try:
            path = default_path(os.fsencode(os.uname().nodename))
            recorder = Recorder(
                path, pids, interval=app.session.plan.interval, on_failure=failed,
                on_first_tick=on_first_tick,
            )  # fmt: skip
            recorder.start()
        except VmtuiError as error:
            self._say(str(error), severity="error")
            return False
        self._recorder = recorder
        whom = f" and process {pids[0]} with all its pages" if pids else ""
        if on_first_tick is None:
            self._say(f"recording the machine{whom} to {display(os.fsencode(path))}")
        return True

    def stop(self) -> None:
        """End the recording; says where it is once the file is finished.

        That takes as long as the tick under way: half a second with thousands of processes.
        """
        if self._recorder is None:
            return
        recorder, self._recorder = self._recorder, None
        recorder.finish()
        self._ending.append(recorder)

        def finish() -> None:
            progress = recorder.stop()
            self._app.call_from_thread(self._finished, recorder, progress)

        self._app.run_worker(finish, thread=True, group="recorder")

    def _finished(self, recorder: Recorder, progress: Progress) -> None:
        self._ending.remove(recorder)
        self.given.append(Path(progress.path))
        said = progress.failure or (
            f"recorded {units.duration(progress.seconds)}, {units.size(progress.nbytes)}: "
            f"{display(os.fsencode(progress.path))}"
        )
        self._say(said)

    def close(self) -> None:
        """The app ends: finish the file.

        The user has the terminal back meanwhile: Python waits for such a thread when it ends.
        """
        if self._recorder is not None:
            self._recorder.finish()
            self._ending.append(self._recorder)
            self._recorder = None
        for recorder in self._ending:
            threading.Thread(target=recorder.stop, name="vmtui-finish", daemon=False).start()
        if self._live is not None:
            self._live.feed.stop()

    def mark(self) -> None:
        """Mark the moment in the recording as well."""
        if self.recorder is not None:
            self.recorder.mark()

    def watch(self, pid: int) -> None:
        """Record one more process in depth, when something is recorded."""
        if self.recorder is not None:
            self.recorder.watch(pid)

    def _looked_into(self) -> tuple[int, ...]:
        """The process that is open, or else the one under the cursor of the list."""
        target = self._app.session.plan.target
        if target is None:
            row = getattr(getattr(self._app.observed, "table", None), "row", None)
            found = getattr(row, "pid", None)
            target = found if not getattr(row, "kernel_thread", False) else None
        return () if target is None else (target,)

    # Replaying

    @property
    def inside(self) -> bool:
        """Whether a recording is shown by an app that began with the live kernel."""
        return self._live is not None

    async def replay(self, path: Path, feed: ReplayFeed) -> None:
        """Show a recording in the place of what is shown.

        Args:
            path: the file.
            feed: the same, opened to be shown.
        """
        session = session_over(feed, self._app.settings)
        before = self._app.session
        if before.tape is None:
            self._live = before
            before.wish(
                processes=False, target=None, window=None, visible=(), depth=frozenset(),
                page=None, symbols=None,
            )  # fmt: skip
        else:
            before.feed.stop()
        self.replayed = path
        await self._show(session)
        if feed.begins_with_experiment:
            self.open_experiment()

    async def leave(self) -> None:
        """Back to the live kernel."""
        if self._live is not None:
            self._app.session.feed.stop()
            live, self._live = self._live, None
            self.replayed = None
            await self._show(live)

    async def _show(self, session: Session) -> None:
        """Another session: its screens are new ones."""
        app = self._app
        if app.current_mode in _OF_A_SESSION:
            app.switch_mode("recordings")
        for mode in _OF_A_SESSION:
            if mode in app._modes:
                await app.remove_mode(mode)
        tabs = [name for name in app._installed_screens if name.startswith("machine-")]
        for name in tabs:
            screen: Screen[Any] | Any = app._installed_screens[name]
            app.uninstall_screen(name)
            if not callable(screen) and screen.is_attached:
                await screen.remove()
        app.open_session(session)
        app.switch_mode("observe")

    # Experiments of a recording

    def open_experiment(self) -> None:
        """The stage of the experiment that was recorded; asks which one, if there are more."""
        tape = self._app.session.tape
        found = tape.experiments if tape is not None else ()
        if not found:
            self._say("this recording holds no experiment; in the live app, 3 runs them")
        elif _RETOLD in self._app._modes:
            self._app.switch_mode(_RETOLD)
        elif len(found) == 1:
            self._stage(found[0])
        else:
            from vmtui.ui.dialogs import Choose, Option

            def take(index: int | None) -> None:
                if index is not None:
                    self._stage(found[index])

            options = [
                Option(one.start.title.en, time.strftime("%H:%M:%S", time.localtime(one.began)))
                for one in found
            ]
            self._app.push_screen(Choose("which experiment?", options), take)

    def _stage(self, recorded: RecordedExperiment) -> None:
        from vmtui.record.retold import retold
        from vmtui.ui.screens.retold_stage import RetoldStage

        app = self._app
        try:
            told = retold(recorded.start, app.session.memory_bytes)
        except VmtuiError as error:
            self._say(f"this experiment cannot be shown: {error}", severity="error")
            return
        app.add_mode(_RETOLD, lambda: RetoldStage(told, recorded))
        app.switch_mode(_RETOLD)

    def another_experiment(self) -> None:
        """Leave the stage, so that another experiment can be chosen."""
        self._app.switch_mode("observe")
        self._app.remove_mode(_RETOLD)

    def _say(self, sentence: str, **how: Any) -> None:
        self._app.notify(sentence, timeout=6, **how)
