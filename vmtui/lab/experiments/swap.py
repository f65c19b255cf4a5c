"""`swap`: pages leave for the disk and return, first from the swap cache, then from the device."""

from vmtui.lab.experiment import Experiment, Line, Parameter
from vmtui.lab.experiments import room
from vmtui.lab.text import Text

_SWAP = ("by", ("machine", "swapfile", "zram"))
_DISK = ("by", ("machine", "swapfile"))
_ZRAM = ("by", ("zram",))
_FILE = ("by", ("file",))

SWAPPING = Experiment(
    id="swap",
    title=Text("swap", "スワップ"),
    question=Text(
        "Where does memory go when it must leave?", "追い出されたメモリはどこへ行くのか"
    ),
    answer=Text(
        "To the swap device; a fault brings it back.",
        "スワップ領域へ．フォルトで戻ってくる．",
    ),
    why=Text(
        "A page of a program is nowhere but in memory, so the kernel writes it to swap before it "
        "takes the frame away, and notes the place in the page table. A touch then faults and the "
        "page comes back: as a minor fault while a copy is still in the swap cache, as a major "
        "one from the device, which brings seven neighbours along. A page that is unchanged since "
        "needs no second writing.",
        "プログラムのページはメモリにしかないので，カーネルはフレームを取り上げる前にスワップへ"
        "書き出し，その場所をページテーブルに記す．"
        "触れるとフォルトが起きて戻る．写しがまだスワップキャッシュにあればマイナーフォルト，"
        "デバイスから読めばメジャーフォルトで，そのとき隣の 7 ページも一緒に読まれる．"
        "その後変わっていないページは，次に追い出すとき書き直さなくてよい．",
    ),
    lines=(
        Line(
            "swap file 96M",
            Text(
                "A swap file of our own, for the time of the experiment.",
                "実験のあいだだけ使うスワップファイルを作る．",
            ),
            ("by", ("swapfile",)),
        ),
        Line(
            "swap zram 96M",
            Text(
                "Swap in compressed memory, for the time of the experiment.",
                "実験のあいだだけ，圧縮したメモリにスワップを作る．",
            ),
            _ZRAM,
        ),
        Line(
            "map buf {size} anon", Text("Reserve {size}.", "{size} を予約する．"), _SWAP
        ),
        Line("touch buf write", Text("Fill it: a frame each.", "埋める．1 ページに 1 フレーム．"),
             _SWAP),
        Line(
            "advise buf pageout",
            Text(
                "Out: every page is written to swap, and Rss falls to nothing.",
                "追い出す．全ページがスワップに書かれ，Rss は 0 になる．",
            ),
            _SWAP,
        ),
        Line(
            "touch buf read",
            Text(
                "Back, but the copies were still in the swap cache: minor faults only.",
                "戻す．写しはまだスワップキャッシュにあったので，すべてマイナーフォルト．",
            ),
            _DISK,
        ),
        Line(
            "touch buf read",
            Text(
                "Back: compressed memory has no swap cache, every page is a major fault.",
                "戻す．圧縮メモリにスワップキャッシュはなく，どのページもメジャーフォルト．",
            ),
            _ZRAM,
        ),
        Line(
            "advise buf pageout",
            Text(
                "Out again: unchanged, so nothing has to be written.",
                "また追い出す．変わっていないので，書く必要がない．",
            ),
            _DISK,
        ),
        Line(
            "advise buf pageout",
            Text(
                "Out again: what came back had left its place, and is written anew.",
                "また追い出す．戻ったときに場所を返したので，書き直す．",
            ),
            _ZRAM,
        ),
        Line(
            "touch buf read",
            Text(
                "Now they come from the device: a major fault reads eight at a time.",
                "今度はデバイスから戻る．1 回のメジャーフォルトで 8 ページずつ読まれる．",
            ),
            _DISK,
        ),
        Line(
            "touch buf read",
            Text("Back once more, one by one.", "もう一度，1 ページずつ戻す．"),
            _ZRAM,
        ),
        Line("touch buf write", Text("Change every page …", "全ページを書き換えると……"), _SWAP),
        Line(
            "advise buf pageout",
            Text("… and each has to be written again.", "……どれも書き直しになる．"),
            _SWAP,
        ),
        Line(
            "map buf {size} file data shared",
            Text(
                "Without swap only pages of files can leave: a file of {size}.",
                "スワップがなければ，出て行けるのはファイルのページだけ．{size} のファイルを使う．",
            ),
            _FILE,
        ),
        Line(
            "cold data",
            Text("Dropped from the page cache.", "ページキャッシュから追い出しておく．"),
            _FILE,
        ),
        Line(
            "advise buf random",
            Text("Without readahead, to see each page.", "1 ページずつ見るため，先読みを止める．"),
            _FILE,
        ),
        Line(
            "touch buf read",
            Text(
                "Each page comes from the disk: a major fault each.",
                "どのページもディスクから来る．1 ページに 1 メジャーフォルト．",
            ),
            _FILE,
        ),
        Line(
            "advise buf pageout",
            Text(
                "Out: the file has them all, so nothing is written.",
                "追い出す．中身はファイルにあるので，何も書かれない．",
            ),
            _FILE,
        ),
        Line(
            "touch buf read",
            Text(
                "And back, from the disk again.", "戻す．またディスクから読まれる．"
            ),
            _FILE,
        ),
        Line("unmap buf", Text("Its place in swap is free again.", "スワップの場所も空く．"),
             _SWAP),
        Line("unmap buf", Text("Done.", "おしまい．"), _FILE),
    ),
    figures=(
        "minor_faults", "major_faults", "faults", "rss", "swap", "swapped_out", "swapped_in",
        "page_tables", "pages_as_predicted",
    ),
    charts=("swap", "rss", "major_faults"),
    notes=(
        Text(
            "Before the first way back, ask for minor and major faults. Most expect the disk.",
            "最初に戻す前に，マイナーとメジャーの数を問う．多くはディスクから来ると考える．",
        ),
        Text(
            "`swapon --show` and `sar -W 1` beside it show the same pages go by.",
            "横で `swapon --show` と `sar -W 1` を動かすと，同じページが動くのが見える．",
        ),
    ),
    parameters=(
        Parameter("size", Text("size of the region", "領域の大きさ"), "16M",
                  low=1 << 20, high=32 << 20),
        Parameter(
            "by",
            Text("where the pages go", "ページの行き先"),
            "swapfile",
            "choice",
            choices=("machine", "swapfile", "zram", "file"),
            suggest=room.for_swap,
        ),
    ),
    needs=Text(
        "a swap that is less than half full, or root to make one",
        "半分以上空いたスワップか，それを作る root 権限",
    ),
    without=Text("pages of a file leave and return", "ファイルのページの出入りを見る"),
)  # fmt: skip
