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
        "Whoever has the most points; not the one who touched the page too many.",
        "点数の最も高い者．最後の 1 ページに触れた者とは限らない．",
    ),
    why=Text(
        "When a group has used up its memory and nothing can be reclaimed, the kernel counts "
        "points: resident pages, pages in swap, page tables, and a share of the whole for "
        "oom_score_adj. The process with the most points gets SIGKILL, and its memory is free "
        "again. Look at who touched, who is large, and who dies: they are three questions.",
        "グループがメモリを使い切り，回収できるものもないとき，カーネルは点数を数える．"
        "常駐ページ，スワップのページ，ページテーブル，そして oom_score_adj に応じた全体の何割か．"
        "最も点の高いプロセスが SIGKILL を受け，そのメモリが空く．"
        "触れた者，大きい者，死ぬ者は，それぞれ別の問いである．",
    ),
    lines=(
        Line(
            "score 0",
            Text(
                "The first process is worth no extra points, and neither are its children.",
                "最初のプロセスには加点なし．子もこれを引き継ぐ．",
            ),
        ),
        Line(
            "limit memory 128M swap 0",
            Text(
                "One group for all of them: 128 MiB of memory, and no swap to give way to.",
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
                "自ら名乗り出る．oom_score_adj は {small}．",
            ),
        ),
        Line("in small: map few 16M", Text("It reserves 16 MiB …", "16 MiB を予約し…")),
        Line("in small: touch few write", Text("… and uses them all.", "全部使う．")),
        Line("fork middle", Text("The second one.", "2 人目．")),
        Line(
            "in middle: score {middle}",
            Text("Its oom_score_adj is {middle}.", "oom_score_adj は {middle}．"),
        ),
        Line("in middle: map some 24M", Text("It reserves 24 MiB …", "24 MiB を予約し…")),
        Line("in middle: touch some write", Text("… and uses them all.", "全部使う．")),
        Line("fork large", Text("The third one.", "3 人目．")),
        Line(
            "in large: score {large}",
            Text("Its oom_score_adj is {large}.", "oom_score_adj は {large}．"),
        ),
        Line("in large: map many 120M", Text("It reserves 120 MiB …", "120 MiB を予約し…")),
        Line(
            "in large: touch many [0:48M] write",
            Text("… and uses 48 of them: the largest.", "48 MiB を使う．最大である．"),
        ),
        Line(
            "pause who",
            Text(
                "large will go on touching. Who dies? Write down one name.",
                "large がこのまま触れ続ける．誰が死ぬか．名前を 1 つ書く．",
            ),
            _KILL,
        ),
        Line(
            "in large: touch many [48M:79M] write",
            Text(
                "One page too many, touched by large.",
                "large が触れた 1 ページで，メモリが尽きる．",
            ),
            _KILL,
        ),
        Line(
            "in large: score {middle}",
            Text(
                "Now large has the same score as middle.",
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
                "With equal scores, size decides.",
                "oom_score_adj が同じなら，大きさで決まる．",
            ),
            _KILL,
        ),
        Line(
            "in large: limit address 16M",
            Text(
                "No group here for this user: large may map 16 MiB more (RLIMIT_AS).",
                "このユーザはグループを作れない．代わりに large のマップを"
                "あと 16 MiB に制限する（RLIMIT_AS）．",
            ),
            _REFUSE,
        ),
        Line(
            "in large: map more 64M",
            Text(
                "64 MiB are refused: ENOMEM, an error to be handled. Nobody is killed.",
                "64 MiB は断られる．ENOMEM というエラーであり，誰も kill されない．",
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
                "And touched: a limit on addresses does not count memory.",
                "触れるのも自由．アドレスの上限はメモリを数えない．",
            ),
            _REFUSE,
        ),
        Line(
            "measure after",
            Text(
                "Whoever is left has never noticed anything.",
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
            "最初の一時停止で挙手させる．多くは large と答える．最大で，しかも触れているから．"
            "その後で足し算の図を見せる．",
        ),
        Text(
            "`cat /proc/PID/oom_score` of a browser's tabs: they volunteered (oom_score_adj 300).",
            "ブラウザのタブの /proc/PID/oom_score を見る．自ら名乗り出る（oom_score_adj 300）．",
        ),
        Text(
            "Killed by someone, or by the OOM killer? The signal is the same; only the group's "
            "counter tells.",
            "誰かの kill か，OOM killer か．シグナルは同じ．違いはグループのカウンタだけにある．",
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
        "a memory cgroup: root, or a systemd user session", "メモリ cgroup（root か systemd）"
    ),
    without=Text(
        "shows the same sum for the whole machine, and what RLIMIT_AS does instead: an error",
        "マシン全体での同じ足し算と，代わりに RLIMIT_AS が起こすエラーを見せる",
    ),
    picture="kill",
)
