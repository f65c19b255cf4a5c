"""The laboratory's keys, header and dialogs in Japanese; English is what the keys are called."""

from __future__ import annotations

from vmtui.draw.edges import AREAS
from vmtui.lab.text import Language
from vmtui.ui.lab_run import SPEEDS, State

KEYS = {
    "lab.run": "実行/停止", "lab.step": "一歩", "lab.reset": "やり直し", "lab.hide": "予測を隠す",
    "lab.edit": "変更", "lab.c": "C で", "lab.observe": "観察", "lab.notes": "メモ",
    "lab.overlay": "前回と重ねる", "lab.language": "English", "help.show": "ヘルプ",
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
    return (("1", "観察"), ("3", "実験")) if language == "ja" else AREAS
