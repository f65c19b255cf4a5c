"""`huge-pages`: the same touches with pages of 2 MiB."""

from dataclasses import replace

from vmtui.lab.experiment import SIZE, Experiment, Line, Parameter
from vmtui.lab.resources import hugepool
from vmtui.lab.text import Text

_POOL = ("by", ("hugetlb",))


def _both() -> str:
    """Whether this user may add to the pool of huge pages."""
    return "thp" if hugepool.refused() else "hugetlb"


HUGE_PAGES = Experiment(
    id="huge-pages",
    title=Text("huge pages", "ヒュージページ"),
    question=Text("What changes with 2 MiB pages?", "2 MiB のページで何が変わるか"),
    answer=Text(
        "One fault instead of 512; only hugetlb saves page tables.",
        "フォルトは 512 分の 1．ページテーブルが減るのは hugetlb だけ．",
    ),
    why=Text(
        "A PMD entry can point to 2 MiB of memory itself instead of a table of 512 pages. That "
        "saves faults and entries of the TLB. A transparent one saves no page table: Linux keeps "
        "one in reserve for each, to be able to split it. hugetlb pages are set aside beforehand, "
        "never split, and need none.",
        "PMD の項目は，512 ページ分の表の代わりに，2 MiB のメモリを直接指すことができる．"
        "フォルトと TLB の項目はこれで減る．"
        "透過的なものではページテーブルは減らない．あとで分割できるように，"
        "Linux が 1 枚ずつ預かっているからである．"
        "hugetlb のページは前もって取り分けられ，分割されないので，表も要らない．",
    ),
    lines=(
        Line("map small {size} anon", Text("Ordinary pages first.", "まず普通のページ．")),
        Line("advise small nohugepage", Text("Huge ones forbidden.", "ヒュージページを禁じる．")),
        Line("touch small write", Text("A fault for every 4 KiB.", "4 KiB ごとに 1 フォルト．")),
        Line("unmap small", Text("Given back.", "返す．")),
        Line("map huge {size} anon", Text("The same size again.", "同じ大きさでもう一度．")),
        Line("advise huge hugepage", Text("Huge pages allowed.", "ヒュージページを許す．")),
        Line("touch huge write", Text("A fault for every 2 MiB.", "2 MiB ごとに 1 フォルト．")),
        Line(
            "touch huge write",
            Text(
                "The other 511 pages were there already.", "残りの 511 ページも，もうそこにある．"
            ),
        ),
        Line(
            "protect huge r-- :1",
            Text(
                "One page becomes read-only: the huge page around it is split.",
                "1 ページだけを読み取り専用にする．それを含むヒュージページが分割される．",
            ),
        ),
        Line("unmap huge", Text("Given back.", "返す．")),
        Line(
            "pool {size}",
            Text(
                "Memory set aside for hugetlb, in pieces of 2 MiB.",
                "hugetlb のために 2 MiB ずつ取り分ける．",
            ),
            _POOL,
        ),
        Line(
            "map pooled {size} anon hugetlb",
            Text("Mapped from that pool.", "そのプールからマップする．"),
            _POOL,
        ),
        Line(
            "touch pooled write",
            Text(
                "As few faults, and no table under them. Not in Rss.",
                "フォルトは同じく少なく，下に表もない．Rss には入らない．",
            ),
            _POOL,
        ),
        Line("unmap pooled", Text("Back into the pool.", "プールに戻る．"), _POOL),
        Line("map later {size} anon", Text("A third time.", "3 度目．")),
        Line("touch later write", Text("Small pages at first …", "初めは小さなページで……")),
        Line(
            "advise later collapse",
            Text(
                "… then made huge by request: copied into 2 MiB each.",
                "……頼んでまとめてもらう．中身は 2 MiB ずつ写される．",
            ),
        ),
        Line("unmap later", Text("Done.", "おしまい．")),
    ),
    figures=(
        "minor_faults",
        "rss",
        "anon_huge",
        "hugetlb",
        "page_tables",
        "time",
        "pages_as_predicted",
    ),
    charts=("minor_faults", "anon_huge", "page_tables"),
    notes=(
        Text(
            "Ask whether the page tables shrink. They do not, and that surprises everyone.",
            "ページテーブルは小さくなるかを問う．ならない．これには誰もが驚く．",
        ),
        Text(
            "Do not promise a speed: zeroing 2 MiB at once can cost more than it saves. The table "
            "shows the spread of the times.",
            "速さは約束しない．2 MiB を一度に 0 で埋めるほうが高くつくこともある．"
            "表には時間の幅も出る．",
        ),
    ),
    parameters=(
        replace(SIZE, default="64M", low=2 << 20),
        Parameter(
            "by",
            Text("with which huge pages", "どのヒュージページで"),
            "thp",
            "choice",
            choices=("thp", "hugetlb"),
            suggest=_both,
        ),
    ),
    needs=Text(
        "transparent huge pages not set to never; root for hugetlb",
        "透過的ヒュージページが never でないこと．hugetlb には root",
    ),
    without=Text(
        "small pages as predicted; transparent ones alone",
        "予測どおり小さなページになる．hugetlb は省く",
    ),
)
