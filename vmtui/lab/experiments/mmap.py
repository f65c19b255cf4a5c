"""`mmap`: reserving a gigabyte costs an entry in a list."""

from dataclasses import replace

from vmtui.lab.experiment import SIZE, Experiment, Line
from vmtui.lab.text import Text

MMAP = Experiment(
    id="mmap",
    title=Text("reserving memory", "メモリの予約"),
    question=Text("What does reserving memory cost?", "メモリを予約するコストはどれだけか"),
    answer=Text("One VMA. No page, no fault.", "VMA が 1 つ．ページもフォルトも 0．"),
    why=Text(
        "mmap() only adds a line to the list of what the process may use, however large it is. No "
        "frame is taken and no page table is built. That is why VSZ says little about memory, and "
        "Rss is the figure to look at.",
        "mmap() は，プロセスが使ってよい範囲の一覧に 1 行加えるだけで，大きさにはよらない．"
        "フレームは取られず，ページテーブルも作られない．"
        "だから VSZ からメモリの使用量はほとんどわからない．見るべきは Rss である．",
    ),
    lines=(
        Line("measure before", Text("Nothing is mapped yet.", "まだ何もマップしていない．")),
        Line(
            "map buf {size} anon",
            Text(
                "{size} more of address space: one VMA, not one page.",
                "アドレス空間が {size} 増える．VMA は 1 つ，ページは 0．",
            ),
        ),
        Line("measure after", Text("Still nothing has happened.", "待っても何も起きない．")),
        Line(
            "touch buf 0 write",
            Text(
                "One byte: one fault, one page, and the tables that lead to it.",
                "1 バイト書く．フォルト 1 回，ページ 1 枚，そこへ至る表ができる．",
            ),
        ),
        Line("unmap buf", Text("Given back.", "返す．")),
    ),
    figures=("vsz", "rss", "vmas", "minor_faults", "page_tables", "pages_as_predicted"),
    charts=("vsz", "rss"),
    notes=(
        Text(
            "Ask: how much less memory does the machine have after the second step?",
            "2 つ目の段階のあと，マシンの空きメモリはどれだけ減ったかを問う．",
        ),
        Text(
            "After unmapping, page tables remain: the gap that guards the region is still mapped.",
            "解除のあともページテーブルが残るのは，隣の隙間がまだマップされているからである．",
        ),
    ),
    parameters=(replace(SIZE, default="1G", high=4 << 30),),
)
