"""What the stage shows: a run that goes on in the laboratory, or one that was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from vmtui.lab.experiment import Experiment
from vmtui.lab.moments import Forecast, Moment, Result
from vmtui.lab.played import Played
from vmtui.ui.lab.run import Passing, Past, State


class StagedRun(Protocol):
    """Read from the thread of the user interface; whoever moves it replaces what changes."""

    @property
    def experiment(self) -> Experiment:
        """What is run."""

    @property
    def values(self) -> Mapping[str, str]:
        """Of all its parameters."""

    @property
    def state(self) -> State:
        """Where it is."""

    @property
    def run(self) -> Played | None:
        """Its script; None before it is known."""

    @property
    def forecast(self) -> tuple[Forecast, ...]:
        """What the theory says of every moment, as far as that is known."""

    @property
    def latest(self) -> Moment | None:
        """The moment that is shown."""

    @property
    def past(self) -> tuple[Past, ...]:
        """What the curves need of every moment up to that one."""

    @property
    def glances(self) -> tuple[Passing, ...]:
        """What was seen in passing since."""

    @property
    def finished(self) -> tuple[Moment, ...]:
        """The last moment of every step that is done."""

    @property
    def result(self) -> Result | None:
        """The outcome, once it is over."""

    @property
    def error(self) -> str:
        """Why it could not be run, or ended early."""

    @property
    def speed(self) -> int:
        """Index into `run.SPEEDS`."""

    @property
    def wants_to_run(self) -> bool:
        """Whether it goes on by itself."""

    def seen(self) -> None:
        """What was told has been looked at; the next news may be told."""

    def go_on(self) -> None:
        """To the end, or to the next pause of the script."""

    def step(self) -> None:
        """What is left of this step, or the whole next one."""

    def pause(self) -> None:
        """Stand still."""

    def change_speed(self, step: int) -> str:
        """One faster (1) or slower (−1); its words."""
