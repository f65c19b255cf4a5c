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
        "One fault for 512; only hugetlb saves tables.",
        "フォルトは 512 分の 1．表は hugetlb だけ減る．",
    ),
    why=Text(
        "A PMD entry can point to 2 MiB of memory instead of a table of 512 pages. That saves "
        "faults and TLB entries. A transparent huge page saves no page table: Linux keeps one in "
        "reserve, to be able to split it. hugetlb pages are set aside beforehand, are never split, "
        "and need none.",
        "PMD のエントリは，512 ページ分の表の代わりに，2 MiB のメモリを直接指すことができる．"
        "これでフォルトと，TLB のエントリが減る．"
        "透過的ヒュージページではページテーブルは減らない．あとで分割できるように，"
        "Linux が 1 枚ずつ控えておくからである．"
        "hugetlb のページは前もって確保され，分割されないので，その表も要らない．",
    ),
    lines=(
        Line("map small {size} anon", Text("Ordinary pages first.", "まず普通のページ．")),
        Line("advise small nohugepage", Text("No huge pages here.", "ヒュージページを禁じる．")),
        Line("touch small write", Text("A fault for every 4 KiB.", "4 KiB ごとに 1 フォルト．")),
        Line("unmap small", Text("Given back.", "返す．")),
        Line("map huge {size} anon", Text("The same size again.", "同じ大きさでもう一度．")),
        Line("advise huge hugepage", Text("Huge pages allowed.", "ヒュージページを許す．")),
        Line(
            "touch huge write",
            Text("One fault brings 512 pages.", "1 フォルトで 512 ページが来る．"),
        ),
        Line(
            "touch huge write",
            Text(
                "Again: every page is there, no fault.",
                "もう一度書く．ページはもうあるので，フォルトは 0．",
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
                "Memory is set aside for hugetlb, in pages of 2 MiB.",
                "hugetlb のために，2 MiB のページを確保しておく．",
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
                "Just as few faults, and no table below. Rss does not count them.",
                "フォルトは同じく少なく，下に表もない．Rss には入らない．",
            ),
            _POOL,
        ),
        Line("unmap pooled", Text("Back into the pool.", "プールに戻る．"), _POOL),
        Line("map later {size} anon", Text("A third time.", "3 度目．")),
        Line(
            "touch later write",
            Text(
                "Small pages, unless THP is set to always …",
                "THP が always でなければ，小さなページになり……",
            ),
        ),
        Line(
            "advise later collapse",
            Text(
                "… then made huge on request: copied, 2 MiB at a time.",
                "……頼んでまとめてもらう．中身は 2 MiB ずつコピーされる．",
            ),
        ),
        Line("unmap later", Text("Done.", "終わり．")),
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
            "Ask whether transparent huge pages shrink the page tables. They do not, and that "
            "surprises everyone.",
            "透過的ヒュージページでページテーブルは小さくなるかを問う．ならない．"
            "これには誰もが驚く．",
        ),
        Text(
            "Do not promise speed: zeroing 2 MiB at once can cost more than it saves. The table "
            "shows the spread of the times.",
            "速くなるとは約束しない．2 MiB を一度に 0 で埋めるほうが時間のかかることもある．"
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
        "small pages, as predicted; no hugetlb",
        "予測どおり小さなページになる．hugetlb は省く",
    ),
)
