"""A figure predicted beside the same figure measured, with a verdict and its reason."""

from __future__ import annotations

from vmtui.lab.expected import Expected
from vmtui.lab.figures import Figure
from vmtui.lab.moments import Comparison, Verdict
from vmtui.lab.seen import Seen
from vmtui.lab.text import NOTHING, Text, same
from vmtui.missing import Missing
from vmtui.theory import Answer


def compare(figure: Figure, expected: Expected, seen: Seen) -> Comparison:
    """One line of the table."""
    predicted, measured = figure.predicted(expected), figure.measured(seen)
    remark = figure.remark(seen)
    return Comparison(
        figure.id,
        expected.process if figure.scope == "process" else "",
        predicted,
        measured,
        None if isinstance(measured, Missing) else _difference(predicted, measured),
        _verdict(predicted, measured),
        remark if remark.en else _why(figure, predicted, measured),
    )


def overall(lines: tuple[Comparison, ...]) -> Verdict:
    """The verdict of a step: one wrong figure makes it wrong."""
    verdicts = {line.verdict for line in lines}
    for worst in ("differs", "as predicted", "not measurable here", "not predicted"):
        if worst in verdicts:
            return worst
    return "as predicted"


def _difference(predicted: Answer, measured: int) -> int | None:
    if predicted.low is not None and measured < predicted.low:
        return measured - predicted.low
    if predicted.high is not None and measured > predicted.high:
        return measured - predicted.high
    return None if predicted.low is None and predicted.high is None else 0


def _verdict(predicted: Answer, measured: int | Missing) -> Verdict:
    if isinstance(measured, Missing):
        return "not measurable here"
    if predicted.low is None and predicted.high is None:
        return "not predicted"
    return "as predicted" if predicted.holds(measured) else "differs"


def _why(figure: Figure, predicted: Answer, measured: int | Missing) -> Text:
    if isinstance(measured, Missing):
        unlock = f"; {measured.unlock}" if measured.unlock else ""
        return told(measured.reason + unlock)
    if not predicted.holds(measured):
        low, high = predicted.low, predicted.high
        bound = low if low is not None and measured < low else high
        assert bound is not None
        by = figure.shown(abs(measured - bound)) if figure.names is None else ""
        if not by:
            return Text("something else happened", "別のことが起きた")
        if measured > bound:
            return Text(f"{by} more than predicted", f"予測より {by} 多い")
        return Text(f"{by} less than predicted", f"予測より {by} 少ない")
    return told(predicted.cause) if predicted.cause else NOTHING


def told(reason: str) -> Text:
    """A reason in both languages; in English twice when nobody has translated it."""
    for words, japanese in _REASONS.items():
        if reason.startswith(words):
            return Text(reason, japanese)
    return same(reason)


_REASONS = {
    "too few touches": "割合を言うにはアクセスが少なすぎる",
    "no work is done": "作業をしていない",
    "which pages are still": "どのページが残るかは，回収のしかたによる",
    "how often it is touched": "アクセスの回数は速さによる",
    "some of the pages have": "まずページが戻ってこなければならない",
    "readahead, and lists": "先読みと，一部のページを長く残すリストのため",
    "chance, and memory": "偶然と，ページテーブルやスワップの先読みに使われるメモリのため",
    "frame numbers are shown to root only": "フレーム番号は root にしか見えない",
    "no time is predicted": "時間は予測しない",
    "of the whole machine": "マシン全体の値",
    "the kernel takes frames": "どのフレームを使うかはカーネルが決める",
    "compaction has moved": "その間にコンパクションがフレームを動かした",
    "other processes take": "ほかのプロセスも空きページを取ったり返したりする",
    "free blocks are not": "空きブロックは見ていない",
    "there is no memory cgroup": "メモリ cgroup がない",
    "what is in swap": "スワップにある分はメモリに計上されない",
    "pages are charged": "計上は 64 ページずつで，プログラム自身の分も含む",
    "the kernel charges": "計上は 64 ページずつで，カーネル自身の分も含む",
    "two processes have": "2 つのプロセスの点数がほぼ同じ",
    "whether there is room": "最後の数ページが入るかどうかは，カーネルによる",
    "this kernel does not count": "このカーネルはこの値を数えない",
    "the experiment has no memory group": "専用のメモリ cgroup がない",
    "nothing was poked": "アクセスを試みていない",
    "nothing was read": "何も読んでいない",
    "ptrace(2)": "子プロセスの ptrace が許されていない",
    "swap readahead": "スワップの先読みが隣のページも読み込む",
    "readahead and large": "1 フォルトで入る量は，先読みと大きなフォリオによる",
    "readahead decides": "キャッシュにないファイルのどのページが先に入るかは，先読みによる",
    "the pages arrive": "ページがいつ届くかはディスクによる",
    "whether a file": "ファイルをヒュージページにまとめられるかは，ファイルシステムによる",
    "reclaim of shared": "ヒュージページの共有メモリの回収は予測しない",
    "what the bytes": "そこにあるバイト列が何をするかは予測しない",
    "DAMON, which runs": "動いている DAMON が，誰もマップしていないファイルのページを追い出す",
    "the kernel writes back": "長くダーティなままのページは，カーネルが自分で書き戻す",
    "a page in a batch": "CPU の待ち列にあるページは，ほかに持ち主がいなくても複製される",
    "a copy of the process": "フォルトで凍らせた複製が，いまページを共有している",
    "perf lost": "perf が記録を取りこぼした",
    "perf told": "perf が未知の記録を返した",
    "the specimen": "プロセスが終了していた",
}
