"""`cow`: fork copies the map; a page is copied when somebody writes to it."""

from vmtui.lab.experiment import SIZE, Experiment, Line, Parameter
from vmtui.lab.text import Text

COW = Experiment(
    id="cow",
    title=Text("copy-on-write fork", "コピーオンライト"),
    question=Text("What does fork copy?", "fork は何をコピーするか"),
    answer=Text(
        "Only the page tables; a page when it is written to.",
        "ページテーブルだけ．ページは書かれたときにコピーする．",
    ),
    why=Text(
        "fork() gives the child the same frames, not copies, and takes write permission away from "
        "both sides. The first write to a page copies that one page. Rss counts a shared frame in "
        "full in both processes; Pss counts half of it in each, so the sum of Pss is the memory "
        "really used.",
        "fork() は子に複製ではなく同じフレームを渡し，親子の両方から書き込みの許可を取り上げる．"
        "どちらかがページに書くと，そのページだけが複製される．"
        "Rss は共有フレームを親でも子でも丸ごと数えるが，Pss は半分ずつ数えるので，"
        "Pss の和が実際の使用量になる．",
    ),
    lines=(
        Line("map buf {size} anon", Text("Reserve {size}.", "{size} を予約する．")),
        Line(
            "touch buf write",
            Text(
                "Write to it: the first touch of each page faults.",
                "各ページに書く．初めて触れるので，フォルトが 1 回ずつ．",
            ),
        ),
        Line(
            "fork child",
            Text(
                "The page tables are copied, and not one page.",
                "ページテーブルだけをコピーする．ページは 1 枚もコピーしない．",
            ),
        ),
        Line(
            "in child: touch buf ::{stride} write",
            Text(
                "The child writes to one page in {stride}: a fault and a copy each.",
                "子が {stride} ページごとに書く．そのつど 1 フォルトで 1 ページが複製される．",
            ),
        ),
        Line(
            "touch buf ::{stride} write",
            Text(
                "The parent writes to the same pages: a fault each, but nothing to copy.",
                "親が同じページに書く．フォルトは起きるが，もう複製は要らない．",
            ),
        ),
        Line(
            "exit child",
            Text(
                "The child ends: every frame has one owner again.",
                "子が終わる．どのフレームも持ち主が 1 人に戻る．",
            ),
        ),
        Line("unmap buf", Text("Every frame is free again.", "フレームはすべて解放される．")),
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
            "Before the parent writes: ask how many pages will be copied. None: of the originals "
            "it is the last owner.",
            "親が書く前に，何ページ複製されるかを問う．答えは 0．元のフレームの最後の持ち主だから"
            "である．",
        ),
        Text(
            "Add up Rss of both and compare with the frames; then add up Pss.",
            "親子の Rss を足してフレーム数と比べ，次に Pss を足す．",
        ),
        Text(
            "Bit 56 of pagemap says «mapped once»; that is how this works without root.",
            "pagemap のビット 56 は「マップしているのは 1 か所だけ」の印である．root でなくても"
            "見えるのはこのおかげである．",
        ),
    ),
    parameters=(
        SIZE,
        Parameter(
            "stride", Text("one page written in", "何ページごとに書くか"), "10", "count", 1, 4096
        ),
    ),
    needs=Text("root, for frame numbers", "フレーム番号には root"),
    without=Text("bit 56 of pagemap and smaps", "pagemap のビット 56 と smaps で示す"),
)
