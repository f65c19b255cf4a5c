"""The laboratory's keys, header and dialogs in Japanese; English is what the keys are called."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui.draw.edges import AREAS
from vmtui.lab import report
from vmtui.lab.text import Language, Text
from vmtui.ui.dialogs import Consent
from vmtui.ui.lab.run import SPEEDS, State
from vmtui.ui.lab.staged_run import StagedRun

KEYS = {
    "lab.run": "実行/停止", "lab.step": "次へ", "lab.reset": "やり直し", "lab.hide": "予測を隠す",
    "lab.edit": "変更", "lab.c": "C で", "lab.observe": "観察", "lab.notes": "メモ",
    "lab.overlay": "前回と重ねる", "lab.machine": "マシン", "lab.language": "English",
    "help.show": "ヘルプ",
    "zoom.in": "開く", "zoom.out": "戻る", "panel.next": "次の図", "rate.faster": "速く",
    "rate.slower": "遅く", "mode.observe": "観察", "app.quit": "終了",
}  # fmt: skip
_STATES = {
    State.PREPARING: ("preparing", "準備中"),
    State.READY: ("ready", "待機中"),
    State.RUNNING: ("running", "実行中"),
    State.PAUSED: ("paused", "停止中"),
    State.OVER: ("done", "終了"),
}
_FULL = SPEEDS[-1][0]


def state(now: State, language: Language) -> str:
    """Where a run is, in a word."""
    return _STATES[now][language == "ja"]


def run_words(now: State, language: Language) -> str:
    """What the key for running does."""
    if now is State.RUNNING:
        return "停止" if language == "ja" else "pause"
    if now is State.OVER:
        return "もう一度" if language == "ja" else "again"
    return "実行" if language == "ja" else "run"


def speed(index: int, language: Language) -> str:
    """How fast it goes."""
    words = SPEEDS[index][0]
    return "全速" if words == _FULL and language == "ja" else words


def modes(language: Language) -> tuple[tuple[str, str], ...]:
    """(key, name) of the areas of the app."""
    if language == "en":
        return AREAS
    return (("1", "観察"), ("2", "マシン"), ("3", "実験"), ("4", "録画"))


def consent(changes: Sequence[Text], title: str, language: Language) -> Consent:
    """The question before an experiment changes something outside its processes."""
    said = [change.of(language) for change in changes]
    if language == "ja":
        return Consent(
            f"「{title}」を実行しますか",
            "この実験は自分のプロセスの外でも，終わるまでのあいだ次のものを変えます：", said,
            "どのように終わっても，元に戻します．前からあるものには触れません．",
        )  # fmt: skip
    return Consent(
        f"run «{title}»?", "Until it ends, it changes something outside its own processes:", said,
        "However it ends, this is put back; what was there before is not touched.",
    )  # fmt: skip


def refused(language: Language) -> str:
    """Why such an experiment is not run with --readonly."""
    if language == "ja":
        return "--readonly で起動したので，プロセスの外を変える実験は実行しません"
    return "started with --readonly: this experiment changes something outside its processes"


def badge(run: StagedRun, language: Language, *, hidden: bool) -> str:
    """The alarm of the first line: pages that differ, or that the machine is changed just now."""
    moment, japanese = run.latest, language == "ja"
    if moment is None or run.run is None:
        return ""
    if moment.wrong and not hidden:
        wrong = f"{moment.wrong:,}"
        return f"{wrong} ページが予測と違う" if japanese else f"{wrong} pages differ"
    begun = run.run.script.steps[: moment.step + 1]
    if run.state is State.OVER or not any(step.operation.changes() for step in begun):
        return ""
    return "マシン変更中" if japanese else "machine changed"


def process_word(process: str, language: Language) -> str:
    """A process as it is called on the stage."""
    word = report.PROCESSES.get(process)
    return word.of(language) if word else process
