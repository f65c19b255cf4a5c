"""`overcommit`: the kernel promises more memory than there is."""

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.experiment import Experiment, Line, Parameter
from vmtui.lab.text import Text
from vmtui.lab.words import size_word


def _half_of_ram() -> str:
    """Half of the machine's memory, in whole GiB or MiB."""
    from vmtui.lab.commitment import ram_bytes

    half = ram_bytes() // 2
    unit = 1 << 30 if half >= 1 << 30 else 1 << 20
    return size_word(max(PAGE_SIZE, half // unit * unit))


def _beyond() -> str:
    """More than all memory and swap, in whole GiB."""
    from vmtui.lab.commitment import ram_bytes, swap_bytes

    return size_word(((ram_bytes() + swap_bytes()) >> 30) + 2 << 30)


OVERCOMMIT = Experiment(
    id="overcommit",
    title=Text("overcommit", "オーバーコミット"),
    question=Text("Can one promise more than one has?", "手持ち以上のメモリを約束できるか"),
    answer=Text("Yes, unless one request is absurd.", "できる．1 回の要求が無茶でない限り．"),
    why=Text(
        "Most programs never touch all they map, so the kernel promises more than it has. With the "
        "usual policy it refuses only a single request that all of RAM and swap could not hold. "
        "Committed_AS is what was promised; if everybody comes to collect, somebody is killed.",
        "多くのプログラムはマップした領域の一部にしか触れないので，カーネルは手持ち以上を約束する．"
        "通常の方針で断るのは，1 回で RAM とスワップの合計を超える要求だけである．"
        "約束した量は Committed_AS に出る．皆が約束どおりに使い始めると，誰かが kill される．",
    ),
    lines=(
        Line("measure before", Text("Nothing promised yet.", "まだ何も約束していない．")),
        Line(
            "map first {part} anon",
            Text(
                "By default about half the RAM: granted.", "既定では RAM のおよそ半分．認められる．"
            ),
        ),
        Line(
            "map second {part} anon",
            Text("As much again: granted.", "同じだけもう一度．認められる．"),
        ),
        Line(
            "map third {part} anon",
            Text("And again, now beyond RAM.", "さらに同じだけ．これで RAM を超えた．"),
        ),
        Line(
            "map fourth {part} anon",
            Text("By now about twice the RAM is promised.", "これで RAM のおよそ 2 倍を約束した．"),
        ),
        Line(
            "map greedy {beyond} anon",
            Text(
                "One request larger than RAM and swap: refused, under the usual policy.",
                "1 回で RAM とスワップの合計を超える要求．通常の方針なら断られる．",
            ),
        ),
        Line(
            "map unpromised {beyond} anon noreserve",
            Text(
                "The same without a promise (MAP_NORESERVE): granted.",
                "同じ大きさを約束なし（MAP_NORESERVE）で．認められる．",
            ),
        ),
        Line(
            "touch first 0 write",
            Text("One page of all this becomes memory.", "このうち 1 ページだけがメモリになる．"),
        ),
    ),
    figures=("errno", "vsz", "committed", "rss", "minor_faults", "page_tables"),
    charts=("vsz", "committed", "rss"),
    notes=(
        Text(
            "Ask what malloc() returns when memory is short. Mostly a pointer, as here.",
            "メモリが足りないとき malloc() は何を返すかを問う．ここと同じく，"
            "たいていはポインタである．",
        ),
        Text(
            "`cat /proc/sys/vm/overcommit_memory`: 0 refuses the absurd, 1 grants everything, 2 "
            "counts and keeps to a limit.",
            "`cat /proc/sys/vm/overcommit_memory` が 0 なら無茶な要求だけを断り，1 ならすべて認め，"
            "2 なら合計を数えて上限で断る．",
        ),
    ),
    parameters=(
        Parameter(
            "part",
            Text("each request", "1 回の要求"),
            "1G",
            low=1 << 20,
            high=1 << 46,
            suggest=_half_of_ram,
        ),
        Parameter(
            "beyond",
            Text("the absurd request", "無茶な要求"),
            "1T",
            low=1 << 20,
            high=1 << 46,
            suggest=_beyond,
        ),
    ),
    picture="commit",
)
