"""`filemap`: a file as memory, shared and private."""

from dataclasses import replace

from vmtui.lab.experiment import SIZE, Experiment, Line
from vmtui.lab.text import Text

FILEMAP = Experiment(
    id="filemap",
    title=Text("mapped files", "ファイルマップ"),
    question=Text("How can a file be memory?", "ファイルがなぜメモリになるのか"),
    answer=Text(
        "The pages are those of the page cache itself.",
        "ページキャッシュのページそのものを見せる．",
    ),
    why=Text(
        "A file's content lies in the page cache, and mmap() puts those very pages into the "
        "address space. Reading maps sixteen neighbours at a time; writing faults page by page, "
        "because the kernel must learn what is dirty. A private mapping takes a copy at the first "
        "write, and the file never hears of it.",
        "ファイルの中身はページキャッシュにあり，mmap() はそのページ自体をアドレス空間に置く．"
        "読むときは隣り合う 16 ページがまとめてマップされ，書くときは，どれが変わったかを"
        "カーネルが知るために 1 ページずつフォルトする．"
        "プライベートなマップでは最初の書き込みで複製ができ，ファイルには何も伝わらない．",
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
                "Write: a fault a page, to note that it is dirty.",
                "書く．汚れた印を付けるため，1 ページに 1 フォルト．",
            ),
        ),
        Line(
            "touch pub write",
            Text(
                "Again: none, they are dirty already.",
                "もう一度書く．もう汚れているので，フォルトは 0．",
            ),
        ),
        Line(
            "sync notes",
            Text(
                "Written to the disk; the pages become clean.",
                "ディスクに書き戻す．ページはきれいになる．",
            ),
        ),
        Line(
            "touch pub write",
            Text("So writing faults once more.", "だから，書くとまたフォルトする．"),
        ),
        Line("put pub HELLO", Text("A word into the file.", "ファイルに言葉を書く．")),
        Line(
            "map priv {size} file notes private",
            Text("The same file, mapped private.", "同じファイルをプライベートでマップする．"),
        ),
        Line(
            "get priv HELLO",
            Text("The same page: the word is there.", "同じページなので，言葉が見える．"),
        ),
        Line(
            "put priv MINE",
            Text("A private write makes a copy …", "プライベートに書くと複製ができ……"),
        ),
        Line(
            "get pub HELLO",
            Text("… and the file keeps its word.", "……ファイルの言葉は変わらない．"),
        ),
        Line("unmap priv", Text("The copy is gone for good.", "複製は消えてなくなる．")),
        Line("unmap pub", Text("The file stays in the cache.", "ファイルはキャッシュに残る．")),
        Line("cold notes", Text("Thrown out of the cache.", "キャッシュから追い出す．")),
        Line(
            "map late {size} file notes shared",
            Text("Mapped again, with none of it cached.", "キャッシュが空のままマップし直す．"),
        ),
        Line(
            "advise late random",
            Text(
                "Without readahead, to see each page come.",
                "先読みを止め，1 ページずつ来るのを見る．",
            ),
        ),
        Line(
            "touch late :64 read",
            Text(
                "Now every page waits for the disk: major faults.",
                "どのページもディスクを待つ．メジャーフォルト．",
            ),
        ),
        Line("truncate notes 512K", Text("The file is cut short.", "ファイルを短く切る．")),
        Line(
            "poke late+768K read",
            Text(
                "Past its end there is no page to map: SIGBUS.",
                "終わりの先にはページがない．SIGBUS．",
            ),
        ),
        Line("unmap late", Text("Done.", "おしまい．")),
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
            "Ask why reading costs a sixteenth of the faults that writing costs.",
            "読むときのフォルトが書くときの 16 分の 1 なのはなぜかを問う．",
        ),
        Text(
            "Who wrote the file to the disk? Not the program: it only stored into memory.",
            "ディスクに書いたのは誰か．プログラムはメモリに代入しただけである．",
        ),
    ),
    parameters=(replace(SIZE, default="4M", high=1 << 30),),
    needs=Text("a directory on a disk", "ディスク上のディレクトリ"),
)
