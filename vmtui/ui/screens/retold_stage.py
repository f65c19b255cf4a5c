"""The stage of an experiment of a recording: nothing runs, every moment can be gone to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from vmtui.draw.lab.scene import Scene
from vmtui.draw.paint import Row, Run
from vmtui.draw.scrub import Happened, Scrub
from vmtui.text import plain
from vmtui.ui.dialogs import Choose, Option
from vmtui.ui.keymap import bind
from vmtui.ui.lab import words as lab_words
from vmtui.ui.lab.retold_run import RetoldRun
from vmtui.ui.lab.staged_run import StagedRun
from vmtui.ui.replaying import replay_words
from vmtui.ui.screens.stage_view import StageView
from vmtui.ui.widgets.scrub_bar import ScrubBar

if TYPE_CHECKING:
    from vmtui.record.reader import RecordedExperiment
    from vmtui.record.retold import Retold
    from vmtui.ui.observatory import Observatory

_ABOUT = (
    "An experiment as it was recorded: the script at the left, its pages at the right, below what "
    "the theory predicted and what the kernel did. Nothing is run, and nothing is changed.",
    "space plays and pauses, → goes to the end of a step, { and } change the speed; [ and ] go "
    "back and forth by one moment, ( and ) by ten, home and end to the first and the last. The "
    "line above the keys can be clicked and dragged; its dots are the ends of steps.",
    "a opens a process of the experiment in the microscope, as it was then; 1 and 2 show the "
    "machine meanwhile. q leaves the replay.",
)


class RetoldStage(StageView):
    """One recorded experiment."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("clock.back", "move(-1)", "back one"),
        bind("clock.forth", "move(1)", "forth one"),
        bind("clock.back_ten", "move(-10)"),
        bind("clock.forth_ten", "move(10)"),
        bind("clock.first", "move(-1000000)", "first moment"),
        bind("clock.now", "move(1000000)", "last moment"),
        bind("lab.reset", "move(-1000000)"),
        bind("lab.observe", "observe", show=True),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "lab.run", "lab.step", "clock.back", "lab.hide", "lab.c", "lab.observe", "lab.machine",
        "lab.notes", "help.show", "app.quit", "rate.faster", "panel.next",
    )  # fmt: skip
    HELP_ROWS: ClassVar[list[Row]] = [(Run(text),) for text in _ABOUT]

    def __init__(self, told: Retold, recorded: RecordedExperiment) -> None:
        """The experiment at its first moment."""
        super().__init__(told.experiment)
        self._told_of, self._recorded = told, recorded
        self._run: RetoldRun | None = None
        self._painted = -1
        self._steps = _ends(told.chunk_counts)

    @property
    def staged(self) -> RetoldRun | None:
        """The run that is shown."""
        return self._run

    @property
    def moments(self) -> Sequence[float]:
        """When each moment was seen, wall clock."""
        return self._recorded.moments

    def below(self) -> Iterable[Widget]:
        """The line to scrub along."""
        yield ScrubBar(id="scrub")

    @property
    def other_lines(self) -> int:
        """That line."""
        return 1

    def on_mount(self) -> None:
        """Begin to read it."""
        super().on_mount()
        tape = self.session.tape
        assert tape is not None and tape.again is not None
        run = RetoldRun(self._told_of, self._recorded, tape.again, self.post_message)
        self._run = run
        run.start()

    def on_screen_suspend(self) -> None:
        """Stand still while nobody looks; what is looked at instead is of the same moment."""
        run, tape = self._run, self.session.tape
        if run is None or tape is None:
            return
        if run.wants_to_run:
            run.pause()
        if run.index >= 0:
            tape.seek_nearest(run.at)

    def on_unmount(self) -> None:
        """Let go of the file."""
        if self._run is not None:
            self._run.close()

    # Painting

    def look(self) -> None:
        """The moment that is shown, and where it is on the line."""
        super().look()
        if self._run is not None and self.is_mounted:
            self.query_one(ScrubBar).say(self._scrub(self._run))

    def scene(self, run: StagedRun) -> Scene:
        """What is drawn of it; of a moment that makes no sense, why it is not."""
        if self._run is not None and self._run.index != self._painted:
            self._painted = self._run.index
            self._maker.come_from(self._run.trail, self._run.focus)
        try:
            return super().scene(run)
        except (LookupError, ValueError, TypeError, ArithmeticError, AssertionError) as error:
            # a file that nobody vouches for: what fits each other one by one may not together
            said = f"this moment cannot be drawn ({type(error).__name__})"
            return replace(self._maker.without_moment(run), message=run.error or said)

    def _scrub(self, run: RetoldRun) -> Scrub:
        steps, moment = len(self._told_of.script.steps), run.latest
        step = 0 if moment is None else moment.step + 1
        japanese = self.language == "ja"
        place = f"{steps} 段階中 {step}" if japanese else f"step {step} of {steps}"
        happened = [Happened(at, plain("")) for at in self._steps]
        return Scrub(
            first=0, last=max(1, run.count - 1), now=max(0, run.index), playing=run.wants_to_run,
            speed=1, happened=happened, speed_words=lab_words.speed(run.speed, self.language),
            place_words=place, reading=run.reading,
        )  # fmt: skip

    def header_state(self, run: StagedRun) -> str:
        """That this is a recording, as everywhere."""
        return "replay"

    def header_words(self, run: StagedRun) -> str:
        """Of which machine."""
        return replay_words(self.session)

    def no_machine_yet(self) -> str:
        """It was not looked at while the run was recorded."""
        if self.language == "ja":
            return "この記録にマシン全体は入っていない"
        return "of the whole machine nothing was recorded with this run"

    # Keys

    def action_run(self) -> None:
        """Play or pause; from the end, once more."""
        run = self._run
        if run is not None:
            (run.pause if run.wants_to_run else run.go_on)()

    def action_step(self) -> None:
        """To the end of this step, or of the next one."""
        if self._run is not None:
            self._run.step()

    def action_move(self, moments: int) -> None:
        """By so many moments."""
        if self._run is not None:
            self._run.move(moments)

    @on(ScrubBar.Sought)
    def _sought(self, event: ScrubBar.Sought) -> None:
        if self._run is not None:
            self._run.seek(round(event.at))

    @on(ScrubBar.Stepped)
    def _stepped(self, event: ScrubBar.Stepped) -> None:
        self.action_move(event.ticks)

    def action_observe(self) -> None:
        """Open a process of the experiment in the microscope, as it was at this moment."""
        run, japanese = self._run, self.language == "ja"
        moment = run.latest if run is not None else None
        if run is None or moment is None or not moment.pids:
            said = "このときプロセスはない" if japanese else "there was no process at this moment"
            self.notify(said, timeout=3)
            return
        found = list(moment.pids.items())[::-1]
        if len(found) == 1:
            self._open(found[0][1])
            return

        def take(index: int | None) -> None:
            if index is not None:
                self._open(found[index][1])

        title = "どのプロセスを観察するか" if japanese else "observe which process?"
        options = [Option(name, str(pid)) for name, pid in found]
        self.app.push_screen(Choose(title, options), take)

    def _open(self, pid: int) -> None:
        from vmtui.ui.screens.process import ProcessScreen

        app = cast("Observatory", self.app)
        app.switch_mode("observe")
        while len(app.screen_stack) > 1:
            app.pop_screen()
        app.push_screen(ProcessScreen(pid, self.session.vma_columns))

    def action_back(self) -> None:
        """To what is observed; where there are more experiments, another one can be chosen."""
        deck = cast("Observatory", self.app).deck
        tape = self.session.tape
        if tape is not None and len(tape.experiments) > 1:
            deck.another_experiment()
        cast("Observatory", self.app).action_mode("observe")


def _ends(counts: tuple[int, ...]) -> list[int]:
    """The index of the last moment of every step; moment 0 is before the first."""
    found, at = [], 0
    for count in counts:
        at += count
        found.append(at)
    return found
