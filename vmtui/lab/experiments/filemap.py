"""`filemap`: a file as memory, shared and private."""

from dataclasses import replace

from vmtui.lab.experiment import SIZE, Experiment, Line
from vmtui.lab.text import Text

FILEMAP = Experiment(
    id="filemap",
    title=Text("mapped files", "ファイルマップ"),
    question=Text("How can a file be memory?", "ファイルはなぜメモリになるのか"),
    answer=Text(
        "Its pages in the page cache are mapped.",
        "ページキャッシュのページそのものをマップする．",
    ),
    why=Text(
        "What was read of a file stays in the page cache, and faults in a mapping put those very "
        "pages into the address space. Reading maps sixteen neighbours at a time; writing faults "
        "page by page, because the kernel must learn what is dirty. In a private mapping the first "
        "write to a page makes a copy, and the file never hears of it.",
        "一度読まれたファイルの中身はページキャッシュに残り，マップでは，そのページ自体が"
        "フォルトのときアドレス空間に置かれる．読むときは隣り合う 16 ページがまとめてマップされ，"
        "書くときは，どれが変わったかをカーネルが知るために 1 ページずつフォルトする．"
        "プライベートなマップでは，ページに初めて書くと複製ができ，ファイルには何も伝わらない．",
    ),
    lines=(
        Line(
            "map pub {size} file notes shared",
            Text("A file of {size}, mapped shared.", "{size} のファイルを共有でマップする．"),
        ),
        Line(
            "touch pub read",
            Text(
                "Read: one fault brings sixteen pages of the cache.",
                "読む．1 フォルトでキャッシュの 16 ページがマップされる．",
            ),
        ),
        Line(
            "touch pub write",
            Text(
                "Write: a fault for each page, to note that it is dirty.",
                "書く．ダーティの印を付けるため，1 ページに 1 フォルト．",
            ),
        ),
        Line(
            "touch pub write",
            Text(
                "Again: no fault, they are dirty already.",
                "もう一度書く．すでにダーティなので，フォルトは 0．",
            ),
        ),
        Line(
            "sync notes",
            Text(
                "They are written to the disk and become clean.",
                "ディスクに書き戻す．ページはクリーンになる．",
            ),
        ),
        Line(
            "touch pub write",
            Text("So writing faults once more.", "だから，書くとまたフォルトする．"),
        ),
        Line("put pub HELLO", Text("Write a word into the file.", "ファイルに単語を書く．")),
        Line(
            "map priv {size} file notes private",
            Text("The same file, mapped private.", "同じファイルをプライベートでマップする．"),
        ),
        Line(
            "get priv HELLO",
            Text("The same page: the word is there.", "同じページなので，その単語が見える．"),
        ),
        Line(
            "put priv MINE",
            Text("A private write makes a copy …", "プライベートなマップに書くと複製ができ……"),
        ),
        Line(
            "get pub HELLO",
            Text("… and the file keeps its word.", "……ファイルの単語は変わらない．"),
        ),
        Line("unmap priv", Text("The copy is gone for good.", "複製は消えてなくなる．")),
        Line("unmap pub", Text("The file stays in the cache.", "ファイルはキャッシュに残る．")),
        Line("cold notes", Text("Now it is dropped from the cache.", "キャッシュから追い出す．")),
        Line(
            "map late {size} file notes shared",
            Text("Mapped again, with none of it cached.", "キャッシュが空のままマップし直す．"),
        ),
        Line(
            "advise late random",
            Text(
                "Without readahead, to see each page come.",
                "先読みを止めて，1 ページずつ読まれるのを見る．",
            ),
        ),
        Line(
            "touch late :64 read",
            Text(
                "Now every page waits for the disk: major faults.",
                "今度はどのページもディスクを待つ．メジャーフォルト．",
            ),
        ),
        Line("truncate notes 512K", Text("The file is cut short.", "ファイルを短く切り詰める．")),
        Line(
            "poke late+768K read",
            Text(
                "Past its end there is no page to map: SIGBUS.",
                "ファイルの終わりの先にはページがない．SIGBUS．",
            ),
        ),
        Line("unmap late", Text("Done.", "終わり．")),
    ),
    figures=(
        "minor_faults",
        "major_faults",
        "contents",
        "signal",
        "rss",
        "private",
        "page_tables",
        "pages_as_predicted",
    ),
    charts=("rss", "minor_faults", "major_faults"),
    notes=(
        Text(
            "Ask why reading takes only a sixteenth of the faults that writing takes.",
            "読むときのフォルトが書くときの 16 分の 1 なのはなぜかを問う．",
        ),
        Text(
            "Who wrote the data to the disk? The kernel did: the program only stored into memory.",
            "ディスクに書いたのは誰か．カーネルである．プログラムはメモリに代入しただけである．",
        ),
    ),
    parameters=(replace(SIZE, default="4M", high=1 << 30),),
    needs=Text("a directory on a disk", "ディスク上のディレクトリ"),
)
