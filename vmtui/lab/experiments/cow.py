"""`cow`: fork copies the map; a page is copied when somebody writes to it."""

from vmtui.lab.experiment import SIZE, Experiment, Line, Parameter
from vmtui.lab.text import Text

COW = Experiment(
    id="cow",
    title=Text("copy-on-write fork", "コピーオンライト"),
    question=Text("What does fork copy?", "fork は何をコピーするか"),
    answer=Text(
        "The map is copied; a page only when written.",
        "写すのは対応表だけ．ページは書いたときに写す．",
    ),
    why=Text(
        "fork() gives the child the same frames, not copies, and takes write permission away from "
        "both sides. The first write to a page copies that one page. Rss counts a shared frame in "
        "full in both processes; Pss halves it, so the sum of Pss is the memory really used.",
        "fork() は子に複製ではなく同じフレームを渡し，親子の両方から書き込みの許可を取り上げる．"
        "あるページに初めて書くと，そのページだけが複製される．"
        "Rss は共有フレームを親子の両方で全額数えるが，Pss は半分ずつ数えるので，"
        "Pss の和が実際の使用量になる．",
    ),
    lines=(
        Line("map buf {size} anon", Text("Reserve {size}.", "{size} を予約する．")),
        Line(
            "touch buf write",
            Text(
                "Fill it: a first-touch fault for each page.",
                "各ページに書く．初回のフォルトが 1 回ずつ．",
            ),
        ),
        Line(
            "fork child",
            Text("The map is copied, no page.", "対応表だけを写す．ページは 1 枚も写さない．"),
        ),
        Line(
            "in child: touch buf ::{stride} write",
            Text(
                "The child writes one page in {stride}: a fault and a copy each.",
                "子が {stride} ページごとに書く．そのつどフォルトと複製が 1 つ．",
            ),
        ),
        Line(
            "touch buf ::{stride} write",
            Text(
                "The parent writes the same pages: a fault each, but nothing to copy.",
                "親が同じページに書く．フォルトは起きるが，もう複製は要らない．",
            ),
        ),
        Line(
            "exit child",
            Text(
                "The child ends: every frame has one owner again.",
                "子が終わる．どのフレームも持ち主は 1 人に戻る．",
            ),
        ),
        Line("unmap buf", Text("Everything is free again.", "すべて解放される．")),
    ),
    figures=(
        "minor_faults",
        "frames",
        "shared",
        "private",
        "rss",
        "pss",
        "copied.child",
        "page_tables",
        "pages_as_predicted",
    ),
    charts=("copied.child", "pss", "rss", "minor_faults"),
    notes=(
        Text(
            "Before the parent writes: ask how many pages will be copied. None: it is the last "
            "owner.",
            "親が書く前に，何ページ複製されるかを問う．答えは 0．もう最後の持ち主だからである．",
        ),
        Text(
            "Add up Rss of both and compare with the frames; then add up Pss.",
            "親子の Rss を足してフレーム数と比べ，次に Pss を足す．",
        ),
        Text(
            "Bit 56 of pagemap says «mapped once»; it is how this works without root.",
            "pagemap のビット 56 は「マップしているのは 1 か所だけ」の印．root でなくても見えるのは"
            "このおかげである．",
        ),
    ),
    parameters=(
        SIZE,
        Parameter("stride", Text("every how many pages", "何ページごとに"), "10", "count", 1, 4096),
    ),
    needs=Text("root, for frame numbers", "フレーム番号には root"),
    without=Text("bit 56 of pagemap and smaps", "pagemap のビット 56 と smaps で示す"),
)
