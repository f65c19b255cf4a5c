"""`oom`: memory runs out in a group of processes, and the kernel chooses who has to die."""

from __future__ import annotations

from vmtui.lab.experiment import Experiment, Line, Parameter
from vmtui.lab.resources import memcg
from vmtui.lab.text import Text

_KILL = ("by", ("cgroup",))
_REFUSE = ("by", ("rlimit",))


def _best() -> str:
    """What works here, for this user."""
    return "rlimit" if memcg.refusal() else "cgroup"


def _score(name: str, default: str) -> Parameter:
    label = Text(f"oom_score_adj of {name}", f"{name} の oom_score_adj")
    return Parameter(name, label, default, "count", low=0, high=1000)


OOM = Experiment(
    id="oom",
    title=Text("OOM killer", "OOM killer"),
    question=Text("Who dies, and why?", "メモリが尽きたら，誰が死ぬのか"),
    answer=Text(
        "Whoever has the most points, whoever asked for more.",
        "点数の最も高い者．最後に触れた者とは限らない．",
    ),
    why=Text(
        "When a group has used up its memory and none can be reclaimed, the kernel adds up points: "
        "resident pages, pages in swap, page tables, and oom_score_adj in thousandths of the "
        "limit. The process with the most gets SIGKILL, and its memory is free again. Who "
        "touched, who is large, and who dies are three questions.",
        "グループがメモリを使い切り，回収できるものもないと，カーネルは各プロセスの点数を合計する．"
        "RAM にあるページ，スワップのページ，ページテーブル，それに上限の oom_score_adj / 1000．"
        "点数が最も高いプロセスが SIGKILL を受け，そのメモリが空く．"
        "誰が触れたか，誰が大きいか，誰が死ぬかは，別々の問いである．",
    ),
    lines=(
        Line(
            "score 0",
            Text(
                "The first process gets no extra points; its children inherit that.",
                "最初のプロセスには加点なし．子もこれを引き継ぐ．",
            ),
        ),
        Line(
            "limit memory 128M swap 0",
            Text(
                "One group for all of them: 128 MiB of memory, and no swap to escape to.",
                "全員で 1 つのグループ．メモリは 128 MiB，逃げ場のスワップはなし．",
            ),
            _KILL,
        ),
        Line(
            "fork small",
            Text("Three children; this is the first.", "子を 3 つ作る．これが 1 人目．"),
        ),
        Line(
            "in small: score {small}",
            Text(
                "It volunteers: oom_score_adj {small}.",
                "自ら犠牲を申し出る．oom_score_adj は {small}．",
            ),
        ),
        Line("in small: map few 16M", Text("It reserves 16 MiB …", "16 MiB を予約し……")),
        Line("in small: touch few write", Text("… and uses all of it.", "……全部使う．")),
        Line("fork middle", Text("The second one.", "2 人目．")),
        Line(
            "in middle: score {middle}",
            Text("Its oom_score_adj is {middle}.", "oom_score_adj は {middle}．"),
        ),
        Line("in middle: map some 24M", Text("It reserves 24 MiB …", "24 MiB を予約し……")),
        Line("in middle: touch some write", Text("… and uses all of it.", "……全部使う．")),
        Line("fork large", Text("The third one.", "3 人目．")),
        Line(
            "in large: score {large}",
            Text("Its oom_score_adj is {large}.", "oom_score_adj は {large}．"),
        ),
        Line("in large: map many 120M", Text("It reserves 120 MiB …", "120 MiB を予約し……")),
        Line(
            "in large: touch many [0:48M] write",
            Text("… and uses 48 MiB of it: the largest.", "……48 MiB を使う．これが最大．"),
        ),
        Line(
            "pause who",
            Text(
                "large will go on touching. Who dies? Write down one name.",
                "この後，large が触れ続ける．誰が死ぬか．名前を 1 つ書く．",
            ),
            _KILL,
        ),
        Line(
            "in large: touch many [48M:79M] write",
            Text(
                "It touches one page too many: memory has run out.",
                "large が触れた 1 ページで，メモリが尽きる．",
            ),
            _KILL,
        ),
        Line(
            "in large: score {middle}",
            Text(
                "Now large has the same oom_score_adj as middle.",
                "large の oom_score_adj を middle と同じにする．",
            ),
            _KILL,
        ),
        Line(
            "pause again",
            Text("large goes on. Who dies this time?", "large がさらに触れる．今度は誰が死ぬか．"),
            _KILL,
        ),
        Line(
            "in large: touch many [79M:] write",
            Text(
                "With equal oom_score_adj, size decides.",
                "oom_score_adj が同じなら，大きさで決まる．",
            ),
            _KILL,
        ),
        Line(
            "in large: limit address 16M",
            Text(
                "No group here for this user: large may map 16 MiB more (RLIMIT_AS).",
                "このユーザーはグループを作れない．代わりに large のマップを"
                "あと 16 MiB に制限する（RLIMIT_AS）．",
            ),
            _REFUSE,
        ),
        Line(
            "in large: map more 64M",
            Text(
                "64 MiB are refused: ENOMEM, an error to handle. Nobody is killed.",
                "64 MiB は断られる．ENOMEM というエラーが返り，誰も kill されない．",
            ),
            _REFUSE,
        ),
        Line(
            "in large: map less 8M",
            Text("8 MiB are granted.", "8 MiB なら認められる．"),
            _REFUSE,
        ),
        Line(
            "in large: touch less write",
            Text(
                "And may be touched: a limit on addresses does not count memory.",
                "触れるのも自由．アドレス空間の上限はメモリを数えない．",
            ),
            _REFUSE,
        ),
        Line(
            "measure after",
            Text(
                "Whoever is left has noticed nothing.",
                "残った者は，何も気づいていない．",
            ),
        ),
    ),
    figures=("killed", "oom_kills", "rss", "faults", "group_usage", "errno", "pages_as_predicted"),
    charts=("group_usage", "rss"),
    notes=(
        Text(
            "At the first pause take a show of hands. Most say large: it is the largest, and it "
            "touches. The drawing then shows the sum.",
            "最初の一時停止で挙手させる．多くの人は large と答える．最大で，"
            "しかも触れているからである．"
            "その後で足し算の図を見せる．",
        ),
        Text(
            "Look at `/proc/PID/oom_score_adj` of a browser's tabs: they volunteer as well.",
            "ブラウザのタブの `/proc/PID/oom_score_adj` を見る．"
            "ここでもタブが自ら犠牲を申し出ている．",
        ),
        Text(
            "Killed by someone, or by the OOM killer? The signal is the same; only the group's "
            "counter tells.",
            "kill したのは誰かか，OOM killer か．シグナルは同じで，"
            "違いはグループのカウンタにしか出ない．",
        ),
    ),
    parameters=(
        Parameter(
            "by",
            Text("what sets the limit", "何で制限するか"),
            "cgroup",
            "choice",
            choices=("cgroup", "rlimit"),
            suggest=_best,
        ),
        _score("small", "1000"),
        _score("middle", "300"),
        _score("large", "0"),
    ),
    needs=Text(
        "root or a systemd user session, for a memory cgroup",
        "メモリ cgroup を作れる root か systemd",
    ),
    without=Text(
        "the same sum for the whole machine, and the error of RLIMIT_AS",
        "マシン全体での同じ足し算と，RLIMIT_AS のエラーを見せる",
    ),
    picture="kill",
)
