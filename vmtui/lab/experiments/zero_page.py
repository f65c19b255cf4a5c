"""`zero-page`: reading memory nobody wrote costs faults, but no memory."""

from vmtui.lab.experiment import SIZE, Experiment, Line
from vmtui.lab.text import Text

ZERO_PAGE = Experiment(
    id="zero-page",
    title=Text("the zero page", "ゼロページ"),
    question=Text(
        "What does reading untouched memory cost?", "未使用のメモリを読むコストはどれだけか"
    ),
    answer=Text(
        "A fault per page; one frame for all.",
        "1 ページ 1 フォルト．フレームは 1 つ．",
    ),
    why=Text(
        "Memory that was never written reads as zeros, and all of it can be the same zeros. So the "
        "kernel maps one shared, read-only frame everywhere: the zero page. Only a write, with a "
        "second fault, gives a page a frame of its own.",
        "書いたことのないメモリを読むと 0 になる．それなら，どこも同じ 0 のページでよい．"
        "そこでカーネルは，読み取り専用の共有フレーム 1 "
        "つ（ゼロページ）をどのページにもマップする．"
        "書き込みで 2 度目のフォルトが起きて初めて，ページは自分のフレームを持つ．",
    ),
    lines=(
        Line("map buf {size} anon", Text("Reserve {size}.", "{size} を予約する．")),
        Line(
            "touch buf read",
            Text(
                "Read a byte of each page: faults, but Rss stays 0.",
                "各ページを 1 バイトずつ読む．フォルトは起きるが，Rss は 0 のまま．",
            ),
        ),
        Line(
            "touch buf read",
            Text("Read again: no fault any more.", "もう一度読む．フォルトはもう起きない．"),
        ),
        Line(
            "touch buf write",
            Text(
                "Write: a second fault for each page gives it a frame.",
                "書く．2 度目のフォルトで，自分のフレームがつく．",
            ),
        ),
        Line("unmap buf", Text("Every frame is free again.", "フレームはすべて解放される．")),
    ),
    figures=("minor_faults", "rss", "frames", "page_tables", "pages_as_predicted"),
    charts=("rss", "minor_faults"),
    notes=(
        Text(
            "After reading, ask what Rss says; most will name the size of the region.",
            "読んだあと，Rss はいくつかを問う．多くの人は領域の大きさを答える．",
        ),
        Text(
            "Reading first makes writing dearer: two faults a page instead of one.",
            "先に読むと，書くまでに余計にかかる．1 ページに 1 回で済むフォルトが 2 回になる．",
        ),
    ),
    parameters=(SIZE,),
)
