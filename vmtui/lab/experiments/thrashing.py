"""`thrashing`: less and less memory for the same work, until nothing moves any more."""

from __future__ import annotations

from collections.abc import Iterator

from vmtui.lab.experiment import Experiment, Line, Parameter
from vmtui.lab.experiments import room
from vmtui.lab.text import Text

_SWAPS = ("swapfile", "zram")
_CGROUP = (*_SWAPS, "file")
_FILES = ("file", "pageout")
_SHARES = (140, 105, 100, 95, 85, 65, 40)
"""Memory given, per cent of the working set."""
_LEAST_BYTES = 16 << 20
"""The kernel counts a group's pages to within 64 for each CPU, too coarse for much less: with 2 MiB
the OOM killer came in 2 of 12 runs although there was room in swap, and the ranges did not hold in
6 more (6.18); with this much they held in 12 of 12."""


_BOTH = ("order", ("both",))


def _swaps() -> Iterator[Line]:
    for kind, by in (("file", "swapfile"), ("zram", "zram")):
        yield Line(
            f"swap {kind} 192M",
            Text("A place for pages, ours alone.", "ページの行き先を，自分専用に作る．"),
            ("by", (by,)),
        )


def _filled(order: tuple[str, tuple[str, ...]]) -> Iterator[Line]:
    """All of the working set in memory, and more than enough of that."""
    yield Line(
        "map buf {size} anon",
        Text("The working set: {size}.", "ワーキングセットは {size}．"),
        ("by", _SWAPS),
        order,
    )
    yield Line(
        "map buf {size} file data shared",
        Text("The working set: a file of {size}.", "ワーキングセットは {size} のファイル．"),
        ("by", _FILES),
        order,
    )
    yield Line(
        "cold data",
        Text(
            "Out of the cache: a page counts for the group that reads it first.",
            "キャッシュから追い出す．ページは，最初に読んだグループの分に数えられるからである．",
        ),
        ("by", _FILES),
        order,
    )
    yield Line(
        f"limit memory {_SHARES[0]}% of buf",
        Text("A group with more than enough.", "グループを作り，余るほどのメモリを与える．"),
        ("by", _CGROUP),
        order,
    )
    yield Line(
        "advise buf random",
        Text("No readahead: one page, one read.", "先読みはしない．1 ページに 1 回の読み込み．"),
        ("by", _FILES),
        order,
    )
    there = Text("Touch it once: all of it is in memory.", "一度触れて，すべてメモリに載せる．")
    yield Line("touch buf write", there, ("by", _SWAPS), order)
    yield Line("touch buf read", there, ("by", _FILES), order)


_LIMITS = {
    105: Text("Still enough.", "減らしても，まだ足りる．"),
    100: Text(
        "Exactly as much, but page tables need room too.",
        "ちょうど同じ大きさ．しかしページテーブルにも場所が要る．",
    ),
    95: Text("A twentieth too little.", "20 分の 1 だけ足りない．"),
    85: Text("Still less.", "もっと減らす．"),
    65: Text("About two thirds of it.", "およそ 3 分の 2 にする．"),
    40: Text("Two fifths of it.", "5 分の 2 にする．"),
}


_WORK = {
    "random": Text("Touch pages at random for {seconds} s.", "ランダムに {seconds} 秒間触れる．"),
    "cyclic": Text(
        "Touch them in turn, round and round, for {seconds} s.",
        "順に，何周も，{seconds} 秒間触れる．",
    ),
}
_ALL_STAYS = {
    "random": Text(
        "{share} % of it may stay, so nothing is paged out; touch at random for {seconds} s.",
        "{share} % まで残せるので何も追い出さず，ランダムに {seconds} 秒間触れる．",
    ),
    "cyclic": Text(
        "{share} % of it may stay, so nothing is paged out; touch in turn for {seconds} s.",
        "{share} % まで残せるので何も追い出さず，順に {seconds} 秒間触れる．",
    ),
}
_PAGED_OUT = {
    "random": Text(
        "Keep {share} % of it in memory, page out the rest; touch at random for {seconds} s.",
        "{share} % だけを残して追い出しながら，ランダムに {seconds} 秒間触れる．",
    ),
    "cyclic": Text(
        "Keep {share} % of it in memory, page out the rest; touch in turn for {seconds} s.",
        "{share} % だけを残して追い出しながら，順に {seconds} 秒間触れる．",
    ),
}


def _sweep(order: str) -> Iterator[Line]:
    """Less and less memory, and work at each step."""
    here = ("order", ("both", order))
    for share in _SHARES:
        if share != _SHARES[0]:
            yield Line(f"limit memory {share}% of buf", _LIMITS[share], ("by", _CGROUP), here)
        for how, by in (
            ("write", _SWAPS),
            ("read", ("file",)),
            (f"read within {share}%", ("pageout",)),
        ):
            paged_out = _PAGED_OUT if share < 100 else _ALL_STAYS
            told = paged_out if by == ("pageout",) else _WORK
            yield Line(
                f"work buf {order} {how} for {{seconds}}",
                told[order].filled({"share": str(share)}),
                ("by", by),
                here,
            )


def _lines() -> Iterator[Line]:
    yield from _swaps()
    yield from _filled(("order", ("both", "random", "cyclic")))
    yield from _sweep("random")
    yield Line(
        "unmap buf",
        Text(
            "Once more from the start, now in turn. Draw that curve first.",
            "最初からもう一度，今度は順に触れる．この曲線も先に描いておく．",
        ),
        _BOTH,
    )
    yield from _filled(_BOTH)
    yield from _sweep("cyclic")


THRASHING = Experiment(
    id="thrashing",
    title=Text("thrashing", "スラッシング"),
    question=Text("Why does everything suddenly stop?", "なぜ突然すべてが止まるのか"),
    answer=Text(
        "A miss costs a thousand touches.",
        "1 回のミスがアクセス千回分かかるから．",
    ),
    why=Text(
        "A program short of memory goes to the disk for each page that is missing. At random that "
        "is 1 − given / work of its touches. A miss costs a thousand touches or more, so one in a "
        "hundred takes nine tenths of the speed. In turn it is worse: the kernel takes the page "
        "that was used longest ago, and that one is needed next.",
        "メモリが足りないプログラムは，ページがないたびにディスクへ取りに行く．ランダムなら，"
        "その割合は 1 − メモリ / ワーキングセット．1 回のミスがアクセス千回分以上かかるので，"
        "100 回に 1 回のミスで速さは 10 分の 1 になる．順に触れるともっと悪い．"
        "カーネルが追い出す最も長く使われていないページこそ，次に使うページだからである．",
    ),
    lines=tuple(_lines()),
    figures=(
        "work_rate", "misses", "swapped_in", "swapped_out", "refaults", "group_usage", "rss",
        "swap", "pages_as_predicted",
    ),
    charts=("refaults", "rss", "swapped_in", "group_usage"),
    notes=(
        Text(
            "Let everybody draw the curve first: touches a second against memory. Most draw a "
            "slope. It is a cliff.",
            "まず全員に，メモリ量に対する速さの曲線を描かせる．多くの人は坂を描く．"
            "実際は崖である．",
        ),
        Text(
            "Does 99 % of the memory give 99 % of the speed? Far from it: that is why a machine "
            "seems to stop all at once.",
            "メモリが 99 % なら速さも 99 % か．そうはならない．だから突然止まったように見える．",
        ),
        Text(
            "Run it with zram too: as many misses, but each costs less, so the cliff is lower.",
            "zram でも試す．ミスの割合は同じだが，1 回のコストが小さい分，崖が低くなる．",
        ),
    ),
    parameters=(
        Parameter("size", Text("working set", "ワーキングセット"), "64M",
                  low=_LEAST_BYTES, high=96 << 20),
        Parameter(
            "by",
            Text("where the pages go", "ページの行き先"),
            "swapfile",
            "choice",
            choices=("swapfile", "zram", "file", "pageout"),
            suggest=room.for_thrashing,
        ),
        Parameter(
            "order",
            Text("order of the touches", "触れる順番"),
            "both",
            "choice",
            choices=("both", "random", "cyclic"),
        ),
        Parameter("seconds", Text("seconds for each point", "1 点あたりの秒数"), "1", "count",
                  low=1, high=3),
    ),
    needs=Text(
        "root, for a memory cgroup and a swap of its own",
        "メモリ cgroup と専用のスワップを作る root 権限",
    ),
    without=Text(
        "the program itself pages out a part of a file",
        "プログラムが自分でファイルのページを追い出す",
    ),
    picture="cliff",
)  # fmt: skip
