"""`page-tables`: what the map itself costs depends on where the pages are."""

from vmtui.lab.experiment import Experiment, Line
from vmtui.lab.text import Text

PAGE_TABLES = Experiment(
    id="page-tables",
    title=Text("page tables", "ページテーブル"),
    question=Text("What does the map itself cost?", "ページテーブル自体のコストはどれだけか"),
    answer=Text(
        "Eight pages take 3 tables, or 24 if far apart.",
        "8 ページで 3 枚から 24 枚．場所しだい．",
    ),
    why=Text(
        "The map from addresses to frames is a tree of 4 KiB tables with 512 entries each, and a "
        "table exists only where something below it does. A flat table for 128 TiB would take "
        "256 GiB in every process. The tree costs more than that only with something in nearly "
        "every 2 MiB of the 128 TiB.",
        "アドレスをフレームに結びつけるページテーブルは階層型で，512 エントリ，4 KiB の表がつくる"
        "木である．下に何かあるところにだけ表がある．128 TiB をフラット型の表にすれば，"
        "どのプロセスにも 256 GiB が要る．階層型のほうが大きくなるのは，"
        "128 TiB のほぼすべての 2 MiB に何かを置いたときだけである．",
    ),
    lines=(
        Line(
            "fork four-k",
            Text("A process with no region yet.", "まだ領域のないプロセスを作る．"),
        ),
        Line(
            "in four-k: map near 32K anon", Text("Eight pages side by side.", "隣り合う 8 ページ．")
        ),
        Line(
            "in four-k: touch near write",
            Text("One table at each level: 3.", "各段に 1 枚ずつ，計 3 枚．"),
        ),
        Line("fork two-m", Text("Another one.", "もう 1 つ作る．")),
        Line(
            "in two-m: map far 4K anon times 8 every 2M",
            Text("Eight pages, 2 MiB apart.", "2 MiB おきの 8 ページ．"),
        ),
        Line(
            "in two-m: touch far write",
            Text(
                "A PTE table for each page: 1 + 1 + 8.", "ページごとに PTE の表が要る．1 + 1 + 8．"
            ),
        ),
        Line("fork one-g", Text("Another one.", "もう 1 つ作る．")),
        Line(
            "in one-g: map farther 4K anon times 8 every 1G",
            Text("Eight pages, 1 GiB apart.", "1 GiB おきの 8 ページ．"),
        ),
        Line(
            "in one-g: touch farther write",
            Text(
                "A PMD table for each as well: 1 + 8 + 8.",
                "PMD の表もページごとに要る．1 + 8 + 8．",
            ),
        ),
        Line("fork half-t", Text("And the last one.", "最後の 1 つを作る．")),
        Line(
            "in half-t: map farthest 4K anon times 8 every 512G",
            Text("Eight pages, 512 GiB apart.", "512 GiB おきの 8 ページ．"),
        ),
        Line(
            "in half-t: touch farthest write",
            Text(
                "A table at each level for every page: 8 + 8 + 8.",
                "ページごとに各段の表が 1 枚ずつ．8 + 8 + 8．",
            ),
        ),
        Line(
            "exit half-t", Text("The tables go with the process.", "表はプロセスとともに消える．")
        ),
    ),
    figures=("page_tables", "rss", "pages_as_predicted"),
    charts=("page_tables",),
    notes=(
        Text(
            "Ask each time: how many tables for eight pages? The memory is 32 KiB in all four.",
            "そのつど，8 ページに表が何枚要るかを問う．メモリはどれも 32 KiB である．",
        ),
        Text(
            "VmPTE counts PTE, PMD and PUD tables; the topmost one, the PGD, is not in it.",
            "VmPTE に入るのは PTE，PMD，PUD の表で，最上段の PGD は入らない．",
        ),
    ),
    picture="tables",
)
