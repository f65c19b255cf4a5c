"""The app with its session: samples in, screens painted, the plan handed to the feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.message import Message

from vmtui import units
from vmtui.errors import VmtuiError
from vmtui.observe.sample import Sample
from vmtui.text import display
from vmtui.ui.app import VmtuiApp
from vmtui.ui.cost import Cost, CountingDriver
from vmtui.ui.dialogs import Confirm
from vmtui.ui.keymap import bind
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.screens.processes import ProcessesScreen
from vmtui.ui.session import Session
from vmtui.ui.tape_deck import TapeDeck

if TYPE_CHECKING:
    from textual.screen import Screen

    from vmtui.ui.companion import Companion
    from vmtui.ui.lab.laboratory import Laboratory


class SampleArrived(Message):
    """The sampler thread has frozen another tick."""

    def __init__(self, session: Session, sample: Sample) -> None:
        super().__init__()
        self.session, self.sample = session, sample


class SamplerFailed(Message):
    """The sampler thread met an error that is vmtui's own."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


class Observatory(VmtuiApp):
    """Owns the session and the laboratory; every screen asks it for nothing else."""

    DEFAULT_MODE = "observe"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("mode.observe", "mode('observe')"),
        bind("mode.machine", "mode('machine')"),
        bind("mode.lab", "mode('lab')"),
        bind("mode.recordings", "mode('recordings')"),
        bind("record.toggle", "record"),
    ]

    def __init__(
        self,
        session: Session,
        *arguments: Any,
        laboratory: Laboratory | None = None,
        companion: Companion | None = None,
        **options: Any,
    ) -> None:
        """An app over a session; the rest as `VmtuiApp` takes it.

        Args:
            session: what all screens share.
            arguments: see `VmtuiApp`.
            laboratory: another one than that of this machine, for tests.
            companion: the command that was started for this run.
            options: see `VmtuiApp`.
        """
        super().__init__(*arguments, driver_class=CountingDriver, **options)
        self.session = session
        self.cost = Cost()
        self._laboratory = laboratory
        self._companion = companion
        self.deck = TapeDeck(self)
        self.add_mode("observe", self._first_screen)
        self.add_mode("machine", _first_tab)
        self.add_mode("lab", _list_of_experiments)
        self.add_mode("recordings", _list_of_recordings)
        self._note_palette()

    def _note_palette(self) -> None:
        """What drawings need to know of the terminal and the theme."""
        self.session.bars_by_letters = self.palette.bars_by_letters
        self.session.letters_by_default = self.palette.letters_by_default or self.ascii

    def watch_theme(self, name: str) -> None:
        """Another palette may want letters."""
        super().watch_theme(name)
        if hasattr(self, "session"):
            self._note_palette()

    def on_mount(self) -> None:
        """Begin to sample."""
        self._listen(self.session)
        if self._companion is not None:
            self._companion.join(self)
        if self.deck.begins_on_stage:
            self.call_after_refresh(self.deck.open_experiment)
        if self.session.uid == 0 and not self.session.readonly:
            self.run_worker(self._clean_up, thread=True)

    def _listen(self, session: Session) -> None:
        def arrived(sample: Sample) -> None:
            self.post_message(SampleArrived(session, sample))

        def failed(error: BaseException) -> None:
            self.post_message(SamplerFailed(error))

        session.feed.start(arrived, failed)

    def open_session(self, session: Session) -> None:
        """Another session, on screens of its own; those of the one before are gone."""
        is_new = session.clock.current is None
        self.session = session
        self._note_palette()
        self.add_mode("observe", lambda: ProcessesScreen(None, session.process_columns))
        self.add_mode("machine", _first_tab)
        if is_new:
            self._listen(session)

    def _clean_up(self) -> None:
        """Put back what an experiment left that was cut off; says so once."""
        from vmtui.lab.resources.leftovers import clean_up_at_start

        if said := clean_up_at_start():
            self.call_later(self.notify, display(said, None), timeout=10)

    def on_unmount(self) -> None:
        """Let go of the target at once; no process of an experiment stays."""
        self.session.feed.stop()
        self.deck.close()
        if self._laboratory is not None:
            self._laboratory.close()

    def on_sample_arrived(self, message: SampleArrived) -> None:
        """Put it in the journal and paint what is on screen."""
        message.session.take(message.sample)
        if self._companion is not None:
            self._companion.look(message.sample)
        screen = self.observed
        if screen is not None and message.session is self.session:
            screen.look()

    def on_sampler_failed(self, message: SamplerFailed) -> None:
        """An error of ours ends the run: a screen that stands still would lie.

        A place of a recording that cannot be read is none: what was shown stays, as it says.
        """
        if not isinstance(message.error, VmtuiError):
            raise message.error
        self.notify(str(message.error), severity="error", timeout=8)
        if self.observed is not None:
            self.observed.look()

    # The laboratory

    @property
    def laboratory(self) -> Laboratory:
        """Where experiments run; made when it is first asked for."""
        if self._laboratory is None:
            from vmtui.ui.lab.laboratory import Laboratory  # brings numpy and the theory

            self._laboratory = Laboratory()
        return self._laboratory

    def action_mode(self, mode: str) -> None:
        """Another area of the app, as it was left; from within it, back to its first screen."""
        if self.screen.is_modal:
            return
        if mode == "lab" and self.replays:
            self.deck.open_experiment()
            return
        while mode == self.current_mode and len(self.screen_stack) > 1:
            self.pop_screen()
        self.switch_mode(mode)

    # Recordings

    @property
    def replays(self) -> bool:
        """Whether a recording is shown, and nothing live may be asked."""
        return self.session.tape is not None

    def action_record(self) -> None:
        """Begin to record, or stop."""
        self.deck.toggle()
        if self.observed is not None:
            self.observed.look()

    def note_mark(self) -> None:
        """A moment was marked."""
        self.deck.mark()

    async def action_quit(self) -> None:
        """Out of a replay, or out; asks first while something runs that would end with it."""
        if self.deck.inside:
            await self.deck.leave()
            return
        if self._companion is not None and self._companion.running:
            self._companion.ask(self)
            return
        if self.deck.recorder is not None:
            self._ask_about_the_recording()
            return
        if self._laboratory is None or not self._laboratory.busy:
            await super().action_quit()
            return

        def leave(yes: bool | None) -> None:
            if yes:
                self.exit()

        name = self._laboratory.title
        facts = [("running", name), ("then", "its processes end, and what it changed is put back")]
        self.push_screen(Confirm("quit while an experiment runs?", facts, yes="quit"), leave)

    def _ask_about_the_recording(self) -> None:
        recorder = self.deck.recorder
        assert recorder is not None

        def leave(yes: bool | None) -> None:
            if yes:
                self.deck.stop()
                self.call_later(self.action_quit)

        facts = [
            ("recording", display(recorder.path, None)),
            ("for", units.duration(recorder.progress.seconds)),
            ("then", "the file is finished and stays"),
        ]
        self.push_screen(Confirm("quit while something is recorded?", facts, yes="quit"), leave)

    @property
    def observed(self) -> ObserveScreen | None:
        """The level of the microscope that is visible, be it behind a dialog."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, ObserveScreen):
                return screen
        return None


def _first_tab() -> Screen[Any]:
    from vmtui.ui.screens.machine import first_tab

    return first_tab()


def _list_of_recordings() -> Screen[Any]:
    from vmtui.ui.screens.recordings import RecordingsScreen

    return RecordingsScreen()


def _list_of_experiments() -> Screen[Any]:
    from vmtui.ui.screens.lab import ListScreen  # brings the theory

    return ListScreen()
