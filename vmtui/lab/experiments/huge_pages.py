"""`huge-pages`: the same touches with pages of 2 MiB."""

from dataclasses import replace

from vmtui.lab.experiment import SIZE, Experiment, Line
from vmtui.lab.text import Text

HUGE_PAGES = Experiment(
    id="huge-pages",
    title=Text("huge pages", "ヒュージページ"),
    question=Text("What changes with 2 MiB pages?", "2 MiB のページで何が変わるか"),
    answer=Text(
        "One fault instead of 512; the page tables stay as they are.",
        "フォルトは 512 分の 1．ページテーブルは減らない．",
    ),
    why=Text(
        "A PMD entry can point to 2 MiB of memory itself instead of a table of 512 pages. That "
        "saves faults and entries of the TLB. It saves no page table: Linux keeps one in reserve "
        "for each huge page, to be able to split it.",
        "PMD の項目は，512 ページ分の表の代わりに，2 MiB のメモリを直接指すことができる．"
        "フォルトと TLB の項目はこれで減る．"
        "ページテーブルは減らない．あとで分割できるように，Linux が 1 "
        "枚ずつ預かっているからである．",
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
                "The other 511 pages were there already.", "残りの 511 ページは，もうそこにある．"
            ),
        ),
        Line(
            "protect huge r-- :1",
            Text(
                "One page of the first changes: it is split.",
                "先頭の 1 ページだけを変える．分割される．",
            ),
        ),
        Line("unmap huge", Text("Given back.", "返す．")),
        Line("map later {size} anon", Text("A third time.", "3 度目．")),
        Line("touch later write", Text("Small pages at first …", "初めは小さなページで……")),
        Line(
            "advise later collapse",
            Text(
                "… then made huge in one call: copied together.",
                "……1 回の呼び出しでまとめる．中身は写される．",
            ),
        ),
        Line("unmap later", Text("Done.", "おしまい．")),
    ),
    figures=("minor_faults", "rss", "anon_huge", "page_tables", "time", "pages_as_predicted"),
    charts=("minor_faults", "anon_huge", "page_tables"),
    notes=(
        Text(
            "Ask whether the page tables shrink. They do not, and that surprises everyone.",
            "ページテーブルは小さくなるかを問う．ならない．これには誰もが驚く．",
        ),
        Text(
            "Do not promise a speed: zeroing 2 MiB at once can cost more than it saves.",
            "速さは約束しない．2 MiB を一度に 0 で埋めるほうが高くつくこともある．",
        ),
    ),
    parameters=(replace(SIZE, default="64M", low=1 << 20),),
    needs=Text(
        "transparent huge pages not set to never", "透過的ヒュージページが never でないこと"
    ),
    without=Text("small pages everywhere, as predicted", "予測どおり，すべて小さなページになる"),
)
