"""`fragmentation`: free memory in pieces that nothing large fits into, and how paging uses them."""

from __future__ import annotations

from dataclasses import replace

from vmtui.lab.experiment import SIZE, Experiment, Line, Parameter
from vmtui.lab.operations import compact
from vmtui.lab.text import Text

_COMPACTED = ("compaction", ("yes",))


def _compaction() -> str:
    """Whether this user may compact."""
    return "no" if compact.refused() else "yes"


FRAGMENTATION = Experiment(
    id="fragmentation",
    title=Text("fragmentation", "メモリの断片化"),
    question=Text("Why can free memory be useless?", "空いているのに使えないのはなぜか"),
    answer=Text(
        "It lies in pieces: good for pages alone.",
        "細切れだから．ページとしてなら使える．",
    ),
    why=Text(
        "The kernel keeps free memory in blocks of 1, 2, 4 … 1,024 pages, and merges two "
        "neighbours (buddies) only when both are free. Give back every second page, and none can "
        "merge: much is free, yet nothing large fits. A process does not mind: its page tables "
        "turn scattered frames into one stretch of addresses.",
        "カーネルは空きメモリを 1，2，4，……，1,024 ページのブロックで管理し，"
        "隣り合う相棒（バディ）がどちらも空いたときだけ合体させる．1 ページおきに返すと，"
        "どれも合体できず，空きは多いのに大きなものは入らない．プロセスは困らない．"
        "ページテーブルが，散らばったフレームをひと続きのアドレスに見せるからである．",
    ),
    lines=(
        Line(
            "map wall {size} anon",
            Text("{size} of addresses. No frame yet.", "{size} 分のアドレス．フレームはまだない．"),
        ),
        Line(
            "advise wall nohugepage",
            Text("In pages of 4 KiB only.", "4 KiB のページだけを使う．"),
        ),
        Line(
            "touch wall write",
            Text(
                "Written: frames come from wherever there are some.",
                "全部に書く．フレームは空いているところから来る．",
            ),
        ),
        Line(
            "advise wall dontneed ::2",
            Text(
                "Every second page is given back: holes of one frame.",
                "1 ページおきに返す．フレーム 1 枚の穴が並ぶ．",
            ),
        ),
        Line(
            "map buf {buffer} anon",
            Text(
                "A second region: one stretch of {buffer}.", "2 つ目の領域．ひと続きの {buffer}．"
            ),
        ),
        Line(
            "advise buf nohugepage",
            Text("Again in pages of 4 KiB.", "これも 4 KiB のページで．"),
        ),
        Line(
            "touch buf write",
            Text(
                "Contiguous addresses, out of holes here and there.",
                "アドレスは連続．フレームはあちこちの穴から来る．",
            ),
        ),
        Line(
            "unmap buf",
            Text("Given back: the holes are holes again.", "返す．穴はまた穴に戻る．"),
        ),
        Line(
            "unmap wall",
            Text(
                "All free. Buddies merge, but not all of them at once.",
                "全部空いた．隣どうしは合体するが，一度に全部ではない．",
            ),
        ),
        Line(
            "compact",
            Text(
                "The kernel moves pages together: better, but not as before.",
                "カーネルがページを寄せ集める．よくなるが，元どおりにはならない．",
            ),
            _COMPACTED,
        ),
        Line(
            "measure recovered",
            Text(
                "What has come back: the recovery is partial.",
                "最後に測る．回復は一部にとどまる．",
            ),
        ),
    ),
    figures=(
        "minor_faults",
        "rss",
        "frames",
        "frame_runs",
        "longest_run",
        "holes",
        "from_holes",
        "single_pages",
        "small_free",
        "free_memory",
        "pages_as_predicted",
    ),
    charts=("single_pages", "small_free", "holes"),
    notes=(
        Text(
            "Before every second page goes, ask: half of the region becomes free; how much of that "
            "can a 2 MiB page use? Nothing.",
            "1 ページおきに返す前に，空く半分のうち 2 MiB のページに使える量を問う．まったくない．",
        ),
        Text(
            "Freed pages first wait on per-CPU lists, which buddyinfo leaves out. Order 0 here is "
            "both together; without the lists it looks as if nothing happened.",
            "返したページはまず CPU ごとのリストで待ち，buddyinfo には現れない．"
            "ここのオーダー 0 は両方の合計である．リストを数えないと何も起きないように見える．",
        ),
        Text(
            "The whole machine is shown: others take and give back pages as well, so for its free "
            "blocks only lower bounds can be promised.",
            "表示はマシン全体の値である．ほかのプロセスも取ったり返したりするので，"
            "空きブロックについて約束できるのは下限だけである．",
        ),
        Text(
            "The recovery is partial: blocks that others split in the meantime stay split.",
            "回復は一部にとどまる．その間にほかの者が分割したブロックは，分割されたままである．",
        ),
    ),
    parameters=(
        replace(SIZE, default="64M"),
        Parameter("buffer", Text("size of the second region", "2 つ目の領域の大きさ"), "32M"),
        Parameter(
            "compaction",
            Text("compact at the end", "最後にコンパクションする"),
            "no",
            "choice",
            choices=("no", "yes"),
            suggest=_compaction,
        ),
    ),
    needs=Text("root, for frame numbers and compaction", "フレーム番号とコンパクションには root"),
    without=Text("free blocks only", "空きブロックだけを見る"),
    picture="blocks",
)
