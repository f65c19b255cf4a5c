"""The app with its session: samples in, screens painted, the plan handed to the feed."""

from __future__ import annotations

from typing import Any

from textual.message import Message

from vmtui.observe.sample import Sample
from vmtui.ui.app import VmtuiApp
from vmtui.ui.cost import Cost, CountingDriver
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.session import Session


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
    """Owns the session; every screen asks it for nothing else."""

    def __init__(self, session: Session, *arguments: Any, **options: Any) -> None:
        """An app over a session; the rest as `VmtuiApp` takes it."""
        super().__init__(*arguments, driver_class=CountingDriver, **options)
        self.session = session
        self.cost = Cost()
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
        """Let go of the target at once."""
        self.session.feed.stop()

    def on_sample_arrived(self, message: SampleArrived) -> None:
        """Put it in the journal and paint what is on screen."""
        self.session.take(message.sample)
        screen = self.observed
        if screen is not None:
            screen.look()

    def on_sampler_failed(self, message: SamplerFailed) -> None:
        """An error of ours ends the run: a screen that stands still would lie."""
        raise message.error

    @property
    def observed(self) -> ObserveScreen | None:
        """The level of the microscope that is visible, be it behind a dialog."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, ObserveScreen):
                return screen
        return None
