"""Every figure of the laboratory, declared once: how it is predicted, measured, and written.

Predictions come from the theory's world alone, measurements from what the kernel says about the
regions, so that the interpreter around them never enters a figure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vmtui import units
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.codes import errno_word, fault_word, names_code, names_of
from vmtui.lab.expected import Expected
from vmtui.lab.operations.contents import word_of
from vmtui.lab.seen import Seen
from vmtui.lab.text import NOTHING, Language, Text
from vmtui.missing import Missing
from vmtui.model.fields.field import Unit
from vmtui.theory import Answer

_NONE = {"none": "なし", "nobody": "なし"}
"""What codes say where nothing or nobody is meant, in Japanese; all other words are names."""
Scope = Literal["process", "experiment"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table, a curve of a chart, a key of the document."""

    id: str
    label: Text
    unit: Unit
    help: Text
    """One sentence: what is counted, and where it is read."""
    predicted: Callable[[Expected], Answer]
    measured: Callable[[Seen], int | Missing]
    scope: Scope = "process"
    names: Callable[[int], str] | None = None
    """The word for a value that is a code."""
    remark: Callable[[Seen], Text] = lambda _: NOTHING
    """A clause beside the measured value, where there is something to add."""
    as_it_goes: bool = False
    """Whether its prediction needs what was seen before the step: there is no forecast of it."""
    of_step: bool = False
    """Whether it counts from the step's beginning, rather than saying what is there now."""

    def shown(self, value: int, language: Language = "en") -> str:
        """A value as people read it."""
        if self.names:
            word = self.names(value)
            return _NONE.get(word, word) if language == "ja" else word
        match self.unit:
            case Unit.BYTES:
                return units.size(value)
            case Unit.ADDRESS:
                return f"{value:#x}"
            case Unit.DURATION:
                return f"{value / 1000:,.1f} ms"
            case _:
                return units.pages(value)

    def plain(self, value: int) -> int | str:
        """A value as documents have it."""
        if self.names:
            return self.names(value)
        return f"{value:#x}" if self.unit is Unit.ADDRESS else value


def _from_smaps(name: str, label: Text, explained: Text, unit: Unit = Unit.BYTES) -> Figure:
    """A figure of smaps, which has kB."""
    step = PAGE_SIZE if unit is Unit.PAGES else 1
    return Figure(
        name,
        label,
        unit,
        explained,
        lambda expected: _scaled(expected.of_smaps(name), step),
        lambda seen: (
            found if isinstance(found := seen.smaps_kb(name), Missing) else found * 1024 // step
        ),
    )


def _scaled(kb: Answer, step: int) -> Answer:
    low, high = (None if end is None else end * 1024 // step for end in (kb.low, kb.high))
    return Answer(low, high, kb.cause)


def _of_blocks(
    name: str, label: Text, unit: Unit, explained: Text, *, of_step: bool = False
) -> Figure:
    """A figure about free blocks and frames, which are looked at together."""
    return Figure(
        name,
        label,
        unit,
        explained,
        lambda expected: expected.of_blocks(name),
        lambda seen: seen.of_blocks(name),
        "experiment",
        as_it_goes=True,
        of_step=of_step,
    )


_ALL = (
    Figure(
        "minor_faults", Text("minor faults", "マイナーフォルト"), Unit.COUNT,
        Text("Page faults of this step that needed no disk; perf samples in the regions, and "
             "getrusage(2) around system calls.",
             "この段階で起きた，ディスクを読まずに済んだページフォルト．"
             "領域内の perf のサンプルと，システムコール前後の getrusage(2) による．"),
        lambda expected: expected.minor, lambda seen: seen.minor, of_step=True),
    Figure(
        "major_faults", Text("major faults", "メジャーフォルト"), Unit.COUNT,
        Text("Page faults of this step that had to wait for a disk, counted as the minor ones.",
             "この段階で起きた，ディスクを待ったページフォルト．数え方はマイナーフォルトと同じ．"),
        lambda expected: expected.major, lambda seen: seen.major, of_step=True),
    Figure(
        "faults", Text("page faults", "ページフォルト"), Unit.COUNT,
        Text("Minor and major faults of this step together.",
             "この段階のマイナーフォルトとメジャーフォルトの合計．"),
        lambda expected: expected.faults, lambda seen: seen.faults, of_step=True),
    Figure(
        "failed_faults", Text("failed faults", "失敗したフォルト"), Unit.COUNT,
        Text("Accesses of this step that ended in a signal.",
             "この段階でシグナルに終わったアクセス．"),
        lambda expected: Answer.exactly(expected.failed), lambda seen: seen.failed, of_step=True),
    _from_smaps("rss", Text("Rss", "Rss"),
                Text("Memory of the regions that is in RAM, shared pages in full; smaps, Rss.",
                     "領域のうち RAM にある分．共有ページも丸ごと数える．smaps の Rss．")),
    _from_smaps("pss", Text("Pss", "Pss"),
                Text("The same with each page divided by how many map it; smaps, Pss.",
                     "同じものを，各ページをマップしている数で割って数える．smaps の Pss．")),
    _from_smaps("private", Text("private pages", "自分だけのページ"),
                Text("Pages that nobody else maps; smaps, Private_Clean and Private_Dirty.",
                     "ほかの誰もマップしていないページ．smaps の Private_Clean と Private_Dirty．"),
                Unit.PAGES),
    _from_smaps("shared", Text("shared pages", "共有ページ"),
                Text("Pages that somebody else maps too; smaps, Shared_Clean and Shared_Dirty.",
                     "ほかにもマップしている者がいるページ．"
                     "smaps の Shared_Clean と Shared_Dirty．"),
                Unit.PAGES),
    _from_smaps("anonymous", Text("anonymous", "匿名ページ"),
                Text("Pages that belong to no file; smaps, Anonymous.",
                     "どのファイルにも属さないページ．smaps の Anonymous．")),
    _from_smaps("swap", Text("in swap", "スワップ"),
                Text("Memory of the regions that is in swap; smaps, Swap.",
                     "領域のうちスワップにある分．smaps の Swap．")),
    _from_smaps("lazy_free", Text("lazily free", "いつでも回収可"),
                Text("Pages given to the kernel to take when it likes; smaps, LazyFree.",
                     "いつ回収してもよいとカーネルに渡したページ．smaps の LazyFree．")),
    _from_smaps("locked", Text("locked", "固定"),
                Text("Memory that mlock(2) keeps; smaps, Locked.",
                     "mlock(2) が離さないメモリ．smaps の Locked．")),
    _from_smaps("anon_huge", Text("in huge pages", "ヒュージページ"),
                Text("Anonymous memory mapped 2 MiB at a time; smaps, AnonHugePages.",
                     "2 MiB 単位でマップされた匿名メモリ．smaps の AnonHugePages．")),
    Figure(
        "page_tables", Text("page tables", "ページテーブル"), Unit.BYTES,
        Text("PTE, PMD and PUD tables above the regions; VmPTE of status less the tables of the "
             "rest of the process.",
             "領域のための PTE，PMD，PUD の表．status の VmPTE から，プロセスの残りの部分の表を"
             "引いたもの．"),
        lambda expected: Answer.exactly(expected.table_bytes), lambda seen: seen.table_bytes),
    Figure(
        "vsz", Text("mapped", "マップ済み"), Unit.BYTES,
        Text("Address space of the regions, with or without memory behind it; maps.",
             "領域のアドレス空間．メモリの有無は問わない．maps による．"),
        lambda expected: Answer.exactly(expected.mapped_bytes), lambda seen: seen.mapped_bytes),
    Figure(
        "vmas", Text("VMAs", "VMA"), Unit.COUNT,
        Text("Entries of maps that lie in the regions.", "領域にある maps の行数．"),
        lambda expected: Answer.exactly(expected.vmas), lambda seen: seen.vmas),
    Figure(
        "copied", Text("pages copied", "複製したページ"), Unit.PAGES,
        Text("Pages once shared with a relative that have a frame of this process's own now; frame "
             "numbers, or bit 56 of pagemap without them.",
             "かつて親子で共有し，いまはこのプロセスが書いて自分のフレームを持つページ．"
             "フレーム番号"
             "による．なければ pagemap のビット 56 による．"),
        lambda expected: expected.copied, lambda seen: seen.copied),
    Figure(
        "frames", Text("frames used", "使用フレーム"), Unit.PAGES,
        Text("Different frames behind the regions of all processes, the zero page left out; "
             "pagemap as root.",
             "全プロセスの領域の背後にある異なるフレームの数．ゼロページは除く．root で読む "
             "pagemap による．"),
        lambda expected: expected.if_sure(expected.frames), lambda seen: seen.frames,
        "experiment"),
    Figure(
        "pages_as_predicted", Text("pages as predicted", "予測どおりのページ"), Unit.PAGES,
        Text("Pages whose entry in pagemap, and frame where it is shown, is the predicted one.",
             "pagemap の内容（見えるときはフレームも）が予測と一致したページ．"),
        lambda expected: expected.if_sure(expected.watched), lambda seen: seen.right,
        "experiment"),
    Figure(
        "contents", Text("the memory says", "メモリの中身"), Unit.TEXT,
        Text("The word that was read.", "読んだ単語．"),
        lambda expected: expected.contents, lambda seen: seen.contents, "experiment", word_of,
        of_step=True),
    Figure(
        "signal", Text("signal", "シグナル"), Unit.TEXT,
        Text("Signal and si_code, by ptrace(2).", "シグナルと si_code．ptrace(2) による．"),
        lambda expected: expected.signal, lambda seen: seen.signal, "experiment", fault_word,
        of_step=True),
    Figure(
        "fault_address", Text("at address", "アドレス"), Unit.ADDRESS,
        Text("si_addr of the signal: 0 where the processor does not say.",
             "シグナルの si_addr．CPU が教えないときは 0．"),
        lambda expected: expected.fault_address, lambda seen: seen.fault_address, "experiment",
        of_step=True),
    Figure(
        "errno", Text("error", "エラー"), Unit.TEXT,
        Text("The error that the system call returned.", "システムコールの結果．"),
        lambda expected: expected.errno, lambda seen: seen.errno, "experiment", errno_word,
        of_step=True),
    Figure(
        "killed", Text("killed", "kill された"), Unit.TEXT,
        Text("Processes that ended in this step without being told to.",
             "この段階で，指示なしに終わったプロセス．"),
        lambda expected: expected.killed,
        lambda seen: names_code(seen.killed), "experiment", names_of, of_step=True),
    Figure(
        "oom_kills", Text("OOM kills", "OOM kill 数"), Unit.COUNT,
        Text("Processes that the OOM killer took in the group, by the group's own counter: "
             "memory.oom_control (v1) or memory.events (v2).",
             "OOM killer がこのグループで kill した数．グループ自身のカウンタ memory.oom_control"
             "（v1）か memory.events（v2）による．"),
        lambda expected: expected.kills, lambda seen: seen.oom_kills,
        "experiment"),
    Figure(
        "group_usage", Text("group has", "グループの使用量"), Unit.BYTES,
        Text("Memory charged to the experiment's cgroup: pages of its processes, of files that "
             "they read first, and of the kernel for them.",
             "実験の cgroup に計上されたメモリ．プロセスのページ，先に読んだファイルのページ，"
             "そのためのカーネルのメモリ．"),
        lambda expected: expected.group_bytes, lambda seen: seen.group_bytes, "experiment"),
    Figure(
        "work_rate", Text("touches a second", "毎秒のアクセス数"), Unit.COUNT,
        Text("Touches of this step's work by the time that they alone took.",
             "この段階の作業でのアクセス数を，アクセスだけにかかった時間で割ったもの．"),
        lambda expected: Answer.unknown("no time is predicted"),
        lambda seen: seen.sight.work.rate, "experiment", of_step=True),
    Figure(
        "misses", Text("misses per 1,000", "1,000 回中のミス"), Unit.COUNT,
        Text("Major faults per 1,000 touches of this step's work: pages that were not in memory; "
             "getrusage.",
             "この段階の作業でのアクセス 1,000 回あたりのメジャーフォルト．"
             "ページがメモリになかった回数．getrusage による．"),
        lambda expected: expected.misses, lambda seen: seen.sight.work.misses,
        "experiment", of_step=True),
    Figure(
        "swapped_out", Text("pages swapped out", "スワップアウト"), Unit.PAGES,
        Text("Pages that went to swap in this step, of the whole machine; vmstat, pswpout.",
             "この段階でスワップに出たページ．マシン全体の値．vmstat の pswpout．"),
        lambda expected: expected.swapped_out, lambda seen: seen.sight.work.swapped_out,
        "experiment", of_step=True),
    Figure(
        "swapped_in", Text("pages swapped in", "スワップイン"), Unit.PAGES,
        Text("Pages that came back from swap in this step, of the whole machine; vmstat, pswpin.",
             "この段階でスワップから戻ったページ．マシン全体の値．vmstat の pswpin．"),
        lambda expected: expected.swapped_in, lambda seen: seen.sight.work.swapped_in,
        "experiment", of_step=True),
    Figure(
        "refaults", Text("refaults", "リフォルト"), Unit.PAGES,
        Text("Pages needed again soon after reclaim had taken them, of the whole machine; vmstat, "
             "workingset_refault.",
             "回収されてすぐまた必要になったページ．マシン全体の値．"
             "vmstat の workingset_refault．"),
        lambda expected: Answer.unknown("of the whole machine"),
        lambda seen: seen.sight.work.refaults, "experiment", of_step=True),
    Figure(
        "committed", Text("promised", "約束した量"), Unit.BYTES,
        Text("Growth of Committed_AS in meminfo since the start: of the whole machine.",
             "開始からの meminfo の Committed_AS の増加．マシン全体の値．"),
        lambda expected: Answer.unknown("of the whole machine"), lambda seen: seen.committed,
        "experiment"),
    Figure(
        "time", Text("time", "時間"), Unit.DURATION,
        Text("Time of the operations of this step, with the way to the worker and back.",
             "この段階の操作にかかった時間．ワーカーとの往復を含む．"),
        lambda expected: Answer.unknown("no time is predicted"), lambda seen: seen.microseconds,
        "experiment", of_step=True, remark=lambda seen: seen.spread),
    Figure(
        "hugetlb", Text("in hugetlb", "hugetlb"), Unit.BYTES,
        Text("Memory from the pool of huge pages, which Rss leaves out; status, HugetlbPages.",
             "ヒュージページのプールから取ったメモリ．Rss には入らない．"
             "status の HugetlbPages．"),
        lambda expected: Answer.exactly(expected.hugetlb_bytes), lambda seen: seen.hugetlb_bytes),
    _of_blocks("frame_runs", Text("contiguous runs", "連続区間"), Unit.COUNT,
               Text("Stretches of frames without a gap behind the regions; pagemap as root.",
                    "領域の背後にある，途切れのないフレームの並びの数．root で読む pagemap "
                    "による．")),
    _of_blocks("longest_run", Text("longest run", "最長の区間"), Unit.PAGES,
               Text("Frames in the longest of these stretches.",
                    "そのうち最長のもののフレーム数．")),
    _of_blocks("holes", Text("holes of one frame", "1 フレームの穴"), Unit.PAGES,
               Text("Frames given back whose buddy is still in use: they cannot merge.",
                    "返したフレームのうち，バディがまだ使用中のもの．合体できない．")),
    _of_blocks("from_holes", Text("taken out of holes", "穴から取ったもの"), Unit.PAGES,
               Text("Frames of this step that the regions had given back before.",
                    "この段階で得たフレームのうち，前に領域が返したもの．"), of_step=True),
    _of_blocks("single_pages", Text("free single pages", "1 ページだけの空き"), Unit.PAGES,
               Text("Free blocks of order 0 and pages on per-CPU lists, of the whole machine; "
                    "buddyinfo and zoneinfo.",
                    "オーダー 0 の空きブロックと，CPU ごとのリストのページ．マシン全体の値．"
                    "buddyinfo と zoneinfo による．")),
    _of_blocks("small_free", Text("free below 2 MiB", "2 MiB 未満の空き"), Unit.BYTES,
               Text("Free memory of the machine in blocks too small for a huge page.",
                    "マシンの空きメモリのうち，ヒュージページには小さすぎるブロックにある分．")),
    _of_blocks("free_memory", Text("free memory", "空きメモリ"), Unit.BYTES,
               Text("All free blocks of the machine and the per-CPU lists.",
                    "マシンのすべての空きブロックと，CPU ごとのリスト．")),
)  # fmt: skip

FIGURES: dict[str, Figure] = {figure.id: figure for figure in _ALL}
"""By id, in the order tables have them."""
