"""A moment of a run as the plain values the stage draws, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from vmtui import units
from vmtui.draw.lab import scene
from vmtui.draw.lab.timeline import Timeline
from vmtui.draw.lab.words import EN, JA
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab import report
from vmtui.lab.figures import FIGURES
from vmtui.lab.moments import Moment
from vmtui.lab.operations.work import Work
from vmtui.lab.played import Played
from vmtui.lab.text import Language
from vmtui.missing import Missing
from vmtui.ui.lab import curves, pictures
from vmtui.ui.lab.blocks import blocks_of
from vmtui.ui.lab.blocks import words_of as blocks_words
from vmtui.ui.lab.cliff import cliff_of
from vmtui.ui.lab.cliff import words_of as cliff_words
from vmtui.ui.lab.glow import Eye
from vmtui.ui.lab.kill import kill_of
from vmtui.ui.lab.kill import words_of as kill_words
from vmtui.ui.lab.machine import machine
from vmtui.ui.lab.run import Past, State
from vmtui.ui.lab.staged_run import StagedRun
from vmtui.ui.lab.words import process_word

DrawnT = TypeVar("DrawnT")
WordsT = TypeVar("WordsT")


class SceneMaker:
    """Keeps what must stay the same from one painting to the next."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.hidden = self.as_c = self.whole = False
        self.first_chart = 0
        """Which chart stands first."""
        self.on_machine = False
        """Whether the whole machine is shown in place of the experiment's picture."""
        self.before: tuple[Past, ...] = ()
        """The run before, to be drawn under this one."""
        self._eye = Eye()

    def reset(self) -> None:
        """Another run begins."""
        self._eye = Eye()

    def come_from(self, trail: Sequence[Moment], focus: Mapping[str, int]) -> None:
        """As if these moments had been painted before the one that comes, and all before them.

        Args:
            trail: the latest moments before it, oldest first.
            focus: where one looked when the last of them was painted.
        """
        self._eye = Eye()
        for moment in trail:
            self._eye.look(moment)
        self._eye.focus = dict(focus)

    def make(self, run: StagedRun, *, letters: bool, bars_by_letters: bool) -> scene.Scene:
        """What the stage shows of a run now."""
        experiment, language, moment = run.experiment, self.language, run.latest
        words = JA if language == "ja" else EN
        done = done_short = ""
        if run.result is not None:
            done = report.verdict_line(run.result, language)
            done_short = report.verdict_line(run.result, language, short=True)
        if run.run is None or moment is None:
            return self.without_moment(run)
        self._eye.look(moment)
        line = Timeline(run.run.chunk_counts)
        return scene.Scene(
            question=experiment.question.of(language),
            answer=experiment.answer.of(language),
            why=experiment.why.of(language),
            steps=self._steps(run, run.run),
            words=words,
            step=moment.step,
            part=moment.part,
            hidden=self.hidden,
            as_c=self.as_c,
            letters=letters,
            bars_by_letters=bars_by_letters,
            whole=self.whole,
            figures=tuple(self._figures(run.run, moment)),
            tiles=tuple(self._tiles(moment)) if experiment.picture != "tables" else (),
            curves=tuple(curves.charts(run, line, language, self.first_chart, self.before)),
            trees=tuple(pictures.trees(moment, self._eye.glow, language))
            if experiment.picture == "tables"
            else (),
            cost=pictures.map_cost() if experiment.picture == "tables" else None,
            fault=pictures.fault(moment.fault, moment, language),
            is_about_faults=experiment.picture == "fault",
            promises=pictures.promises(run.finished, run.run, moment)
            if experiment.picture == "commit"
            else None,
            saved=pictures.saved(moment),
            blocks=_with(blocks_of(moment.blocks, language), blocks_words(language))
            if experiment.picture == "blocks"
            else None,
            cliff=_with(
                cliff_of(moment.work, language, working=_works(run.run, moment)),
                cliff_words(language),
            )
            if experiment.picture == "cliff"
            else None,
            kill=_with(kill_of(moment.kill, moment.group, language), kill_words(language))
            if experiment.picture == "kill"
            else None,
            machine=machine(run.past, line, words, run.glances) if self.on_machine else None,
            starts=tuple(line.starts),
            now=line.at(*curves.here(run, moment)),
            message=run.error if run.state is State.OVER else "",
            done=done,
            done_short=done_short,
            page_bytes=PAGE_SIZE,
            focus=dict(self._eye.focus),
        )

    def without_moment(self, run: StagedRun) -> scene.Scene:
        """What is shown while there is nothing to see, or of what cannot be shown."""
        experiment, language = run.experiment, self.language
        words = JA if language == "ja" else EN
        return scene.Scene(
            experiment.question.of(language), "", experiment.why.of(language),
            self._lines_before(run), words, hidden=self.hidden, message=run.error,
        )  # fmt: skip

    # The script

    def _lines_before(self, run: StagedRun) -> tuple[scene.Operation, ...]:
        """The script before anything is known but its lines."""
        return tuple(
            scene.Operation(_filled(line.source, run.values))
            for line in run.experiment.lines
            if line.applies(run.values)
        )

    def _steps(self, run: StagedRun, course: Played) -> tuple[scene.Operation, ...]:
        before: Mapping[str, int] = run.past[0].chart if run.past else {}
        did: list[str] = []
        for moment in run.finished:
            did.append(self._did(before, moment))
            before = moment.chart
        return tuple(
            scene.Operation(
                step.source,
                course.told(index).of(self.language),
                step.c_lines(course.script.layout),
                did[index] if index < len(did) else "",
            )
            for index, step in enumerate(course.script.steps)
        )

    def _did(self, before: Mapping[str, int], moment: Moment) -> str:
        """What a step did: its faults, and how much memory came or went."""
        faults = sum(
            value for key, value in moment.chart.items()
            if key.partition(".")[0] in ("minor_faults", "major_faults")
        )  # fmt: skip
        grown = sum(value for key, value in moment.chart.items() if key.startswith("rss."))
        grown -= sum(value for key, value in before.items() if key.startswith("rss."))
        said = []
        if faults:
            said.append(f"フォルト {faults:,}" if self.language == "ja" else f"{faults:,} faults")
        if grown:
            said.append(f"Rss {units.change(grown)}")
        if error := pictures.errno_of(moment):
            said.append(FIGURES["errno"].shown(error))
        if moment.fault is not None and not isinstance(moment.fault.measured, Missing):
            said = [moment.fault.measured.partition(" ")[2] or moment.fault.measured]
        return ("，" if self.language == "ja" else ", ").join(said)

    # The table

    def _figures(self, run: Played, moment: Moment) -> Iterator[scene.Figure]:
        acting = run.script.steps[moment.step].process if moment.step >= 0 else ""
        for line in moment.comparisons:
            row = report.row(line, self.language, several=run.script.several)
            last = line.figure_id == "pages_as_predicted"
            rank = -1 if last else 0 if line.process in ("", acting) else 1
            yield scene.Figure(
                row.label, row.predicted, row.measured, row.difference,
                differs=line.verdict == "differs", why=row.why, rank=rank, strong=last,
            )  # fmt: skip

    # Pages

    def _tiles(self, moment: Moment) -> Iterator[scene.Tile]:
        for view in moment.regions:
            if view.mapped:
                process = process_word(view.process, self.language)
                yield scene.Tile(
                    process, view.pid, view.name, view.start, view.states, view.marks,
                    self._eye.glow.of(view), view.pages, self._facts(moment, view.process),
                )  # fmt: skip

    def _facts(self, moment: Moment, process: str) -> str:
        said = []
        for figure in ("rss", "pss"):
            line = moment.comparison(figure, process)
            if line is not None and not isinstance(line.measured, Missing):
                said.append(
                    f"{FIGURES[figure].label.of(self.language)} {units.size(line.measured)}"
                )
        return "  ".join(said)


def _filled(source: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        source = source.replace(f"{{{name}}}", value)
    return source


def _works(run: Played, moment: Moment) -> bool:
    """Whether a stretch of work is under way."""
    if moment.step < 0 or moment.finished_step:
        return False
    return isinstance(run.script.steps[moment.step].operation, Work)


def _with(drawn: DrawnT | None, words: WordsT) -> tuple[DrawnT, WordsT] | None:
    return None if drawn is None else (drawn, words)
