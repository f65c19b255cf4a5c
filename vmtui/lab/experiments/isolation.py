"""`isolation`: one address, two processes, two memories."""

from vmtui.lab.experiment import Experiment, Line
from vmtui.lab.text import Text

ISOLATION = Experiment(
    id="isolation",
    title=Text("isolation", "プロセスの隔離"),
    question=Text(
        "Can two processes use the same address?", "2 つのプロセスが同じアドレスを使えるか"
    ),
    answer=Text("Yes: each has its own page tables.", "使える．数字は同じでも，フレームは別．"),
    why=Text(
        "An address means nothing by itself; the page tables of the process that uses it give it a "
        "meaning. Two processes map the same address here and write different words. Neither ever "
        "sees the other's, and an address that only one has mapped leads the other nowhere.",
        "アドレスはそれだけでは意味を持たず，使うプロセスのページテーブルが意味を与える．"
        "ここでは 2 つのプロセスが同じアドレスをマップし，別々の単語を書く．"
        "互いの単語は決して見えず，片方だけがマップしたアドレスは，"
        "もう片方からはどこにも通じない．",
    ),
    lines=(
        Line("fork child", Text("Two processes.", "プロセスを 2 つにする．")),
        Line(
            "map same 64K anon fixed",
            Text("The parent maps memory at an address …", "親があるアドレスをマップし……"),
        ),
        Line(
            "in child: map same 64K anon fixed",
            Text(
                "… and the child at the very same one.", "……子もまったく同じアドレスをマップする．"
            ),
        ),
        Line("put same PARENT", Text("The parent writes a word.", "親が単語を書く．")),
        Line(
            "in child: put same CHILD",
            Text(
                "The child writes another, at the same address.",
                "子は同じアドレスに別の単語を書く．",
            ),
        ),
        Line("get same PARENT", Text("The parent reads its own.", "親が読むのは自分の単語．")),
        Line("in child: get same CHILD", Text("So does the child.", "子が読むのも自分の単語．")),
        Line(
            "map secret 64K anon fixed",
            Text("The parent maps one more …", "親がもう 1 つマップして……"),
        ),
        Line("put secret HIDDEN", Text("… and writes there.", "……書き込む．")),
        Line(
            "in child: poke secret read",
            Text(
                "The child tries that address: to it, nothing is there.",
                "子がそのアドレスを読もうとする．子にとっては何もない場所．",
            ),
        ),
        Line("exit child", Text("The child ends.", "子が終わる．")),
    ),
    figures=("contents", "signal", "frames", "rss", "pages_as_predicted"),
    charts=("frames", "rss"),
    notes=(
        Text(
            "Before the parent reads: ask who wrote last. The child did, and it does not matter.",
            "親が読む前に，最後に書いたのは誰かを問う．答えは子だが，親が読む単語には関係ない．",
        ),
        Text(
            "Left and right are the same addresses; different marks mean different frames.",
            "左右は同じアドレスである．印が違えば，フレームも違う．",
        ),
    ),
    needs=Text("root, for frame numbers", "フレーム番号には root"),
    without=Text("the contents alone", "中身だけで示す"),
)
