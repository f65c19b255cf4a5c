"""`isolation`: one address, two processes, two memories."""

from vmtui.lab.experiment import Experiment, Line
from vmtui.lab.text import Text

ISOLATION = Experiment(
    id="isolation",
    title=Text("isolation", "プロセスの隔離"),
    question=Text(
        "Can two processes use the same address?", "2 つのプロセスが同じアドレスを使えるか"
    ),
    answer=Text(
        "Yes: the same number, but another frame behind it.", "使える．番号は同じでもフレームは別．"
    ),
    why=Text(
        "An address means nothing by itself; the page tables of the process that uses it give it a "
        "meaning. Two processes map the same address here and write different words. Neither ever "
        "sees the other's, and an address that only one has mapped is nothing to the other.",
        "アドレスはそれだけでは意味を持たず，使うプロセスのページテーブルが意味を与える．"
        "ここでは 2 つのプロセスが同じアドレスをマップし，別々の言葉を書く．"
        "互いの言葉は決して見えず，片方だけがマップしたアドレスは，もう片方には何でもない．",
    ),
    lines=(
        Line("fork child", Text("Two processes.", "プロセスを 2 つにする．")),
        Line(
            "map same 64K anon fixed",
            Text("The parent maps an address …", "親がある番地をマップし……"),
        ),
        Line(
            "in child: map same 64K anon fixed",
            Text("… and the child the very same one.", "……子もまったく同じ番地をマップする．"),
        ),
        Line("put same PARENT", Text("The parent writes a word.", "親が言葉を書く．")),
        Line(
            "in child: put same CHILD",
            Text(
                "The child writes another, at the same address.", "子は同じ番地に別の言葉を書く．"
            ),
        ),
        Line("get same PARENT", Text("The parent reads its own.", "親が読むのは自分の言葉．")),
        Line("in child: get same CHILD", Text("So does the child.", "子が読むのも自分の言葉．")),
        Line(
            "map secret 64K anon fixed",
            Text("The parent maps one more …", "親がもう 1 つマップして……"),
        ),
        Line("put secret HIDDEN", Text("… and writes there.", "……書き込む．")),
        Line(
            "in child: poke secret read",
            Text(
                "The child tries that address: to it, nothing is there.",
                "子が同じ番地を読もうとする．子にとっては何もない場所．",
            ),
        ),
        Line("exit child", Text("The child ends.", "子が終わる．")),
    ),
    figures=("contents", "signal", "frames", "rss", "pages_as_predicted"),
    charts=("frames", "rss"),
    notes=(
        Text(
            "Before the parent reads: ask who wrote last. The child did, and it does not matter.",
            "親が読む前に，最後に書いたのは誰かを問う．子だが，親が読む言葉には関係ない．",
        ),
        Text(
            "Left and right are the same addresses; unequal marks mean different frames.",
            "左右は同じ番地で，印が違えばフレームが違う．",
        ),
    ),
    needs=Text("root, for frame numbers", "フレーム番号には root"),
    without=Text("the contents still tell", "中身だけで示す"),
)
