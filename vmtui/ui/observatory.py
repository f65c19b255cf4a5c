"""The app with its session: samples in, screens painted, the plan handed to the feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.message import Message

from vmtui.observe.sample import Sample
from vmtui.ui.app import VmtuiApp
from vmtui.ui.cost import Cost, CountingDriver
from vmtui.ui.dialogs import Confirm
from vmtui.ui.keymap import bind
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.session import Session

if TYPE_CHECKING:
    from textual.screen import Screen

    from vmtui.ui.lab_run import Laboratory


class SampleArrived(Message):
    """The sampler thread has frozen another tick."""

    def __init__(self, sample: Sample) -> None:
        super().__init__()
        self.sample = sample


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
        bind("mode.lab", "mode('lab')"),
    ]

    def __init__(
        self,
        session: Session,
        *arguments: Any,
        laboratory: Laboratory | None = None,
        **options: Any,
    ) -> None:
        """An app over a session; the rest as `VmtuiApp` takes it.

        Args:
            session: what all screens share.
            arguments: see `VmtuiApp`.
            laboratory: another one than that of this machine, for tests.
            options: see `VmtuiApp`.
        """
        super().__init__(*arguments, driver_class=CountingDriver, **options)
        self.session = session
        self.cost = Cost()
        self._laboratory = laboratory
        self.add_mode("observe", self._first_screen)
        self.add_mode("lab", _list_of_experiments)
        self._note_palette()

    def _note_palette(self) -> None:
        """What drawings need to know of the terminal and the theme."""
        self.session.bars_by_letters = self.palette.bars_by_letters
        self.session.letters_by_default = self.palette.letters_by_default

    def watch_theme(self, name: str) -> None:
        """Another palette may want letters."""
        super().watch_theme(name)
        if hasattr(self, "session"):
            self._note_palette()

    def on_mount(self) -> None:
        """Begin to sample."""

        def arrived(sample: Sample) -> None:
            self.post_message(SampleArrived(sample))

        def failed(error: BaseException) -> None:
            self.post_message(SamplerFailed(error))

        self.session.feed.start(arrived, failed)

    def on_unmount(self) -> None:
        """Let go of the target at once; no process of an experiment stays."""
        self.session.feed.stop()
        if self._laboratory is not None:
            self._laboratory.close()

    def on_sample_arrived(self, message: SampleArrived) -> None:
        """Put it in the journal and paint what is on screen."""
        self.session.take(message.sample)
        screen = self.observed
        if screen is not None:
            screen.look()

    def on_sampler_failed(self, message: SamplerFailed) -> None:
        """An error of ours ends the run: a screen that stands still would lie."""
        raise message.error

    # The laboratory

    @property
    def laboratory(self) -> Laboratory:
        """Where experiments run; made when it is first asked for."""
        if self._laboratory is None:
            from vmtui.ui.lab_run import Laboratory  # brings numpy and the theory

            self._laboratory = Laboratory()
        return self._laboratory

    def action_mode(self, mode: str) -> None:
        """Another area of the app, as it was left; from within it, back to its first screen."""
        if self.screen.is_modal:
            return
        while mode == self.current_mode and len(self.screen_stack) > 1:
            self.pop_screen()
        self.switch_mode(mode)

    async def action_quit(self) -> None:
        """Ask first while an experiment has processes."""
        if self._laboratory is None or not self._laboratory.busy:
            await super().action_quit()
            return

        def leave(yes: bool | None) -> None:
            if yes:
                self.exit()

        name = self._laboratory.title
        facts = [("running", name), ("then", "its processes end")]
        self.push_screen(Confirm("quit while an experiment runs?", facts, yes="quit"), leave)

    @property
    def observed(self) -> ObserveScreen | None:
        """The level of the microscope that is visible, be it behind a dialog."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, ObserveScreen):
                return screen
        return None


def _list_of_experiments() -> Screen[Any]:
    from vmtui.ui.screens.lab import ListScreen  # brings the theory

    return ListScreen()
