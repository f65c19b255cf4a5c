"""`demand-paging`: a page becomes memory when it is touched, not before."""

from vmtui.lab.experiment import SIZE, Experiment, Line, Parameter
from vmtui.lab.text import Text

DEMAND_PAGING = Experiment(
    id="demand-paging",
    title=Text("demand paging", "デマンドページング"),
    question=Text("When does memory become real?", "メモリはいつ実体を持つか"),
    answer=Text("At the first touch, a page at a time.", "初めて触れたとき，1 ページずつ．"),
    why=Text(
        "A mapped page has no frame until somebody touches it. The touch faults, the kernel finds "
        "a free frame, fills it with zeros and lets the instruction go on. Each page costs "
        "one minor fault, once, and every 2 MiB cost one page table more.",
        "マップしただけのページには，誰かが触れるまでフレームがない．"
        "触れるとフォルトが起き，カーネルは空きフレームを 0 で埋めて割り当て，命令を再開させる．"
        "ページごとに 1 度だけマイナーフォルトが起き，2 MiB ごとにページテーブルが 1 枚増える．",
    ),
    lines=(
        Line(
            "map buf {size} anon",
            Text("Reserve {size}: nothing yet.", "{size} を予約する．まだ何も起きない．"),
        ),
        Line(
            "touch buf write rate {rate}",
            Text(
                "Write a byte to each page, {rate} a second: one fault each.",
                "毎秒 {rate} の速さで各ページに 1 バイトずつ書く．1 ページに 1 フォルト．",
            ),
        ),
        Line(
            "touch buf write",
            Text(
                "Once more: the pages are there, so no fault.",
                "もう一度書く．ページはもうある．フォルトは 0．",
            ),
        ),
        Line("unmap buf", Text("Every frame is free again.", "フレームはすべて解放される．")),
    ),
    figures=("minor_faults", "rss", "page_tables", "time", "pages_as_predicted"),
    charts=("rss", "minor_faults", "page_tables"),
    notes=(
        Text(
            "Run `sar -r 1` and `sar -B 1` beside it: the machine's figures move in step.",
            "横で `sar -r 1` と `sar -B 1` を動かすと，マシン全体の数字も同じ歩調で動く．",
        ),
        Text(
            "Before the second touch, ask how many faults it will take.",
            "2 度目に触れる前に，フォルトは何回かを問う．",
        ),
    ),
    parameters=(
        SIZE,
        Parameter("rate", Text("memory touched a second", "1 秒に触れる量"), "10M", low=65536),
    ),
)
