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
        "To swap; a fault brings it back.",
        "スワップ領域へ．フォルトで戻ってくる．",
    ),
    why=Text(
        "A page that belongs to no file is written to swap before its frame is taken, and the page "
        "table notes the place. The next touch faults: a minor fault while the page is still in "
        "the swap cache, a major one if the device has to be read, and that brings seven "
        "neighbours along. A page unchanged since need not be written again.",
        "どのファイルにも属さないページは，フレームを取り上げられる前にスワップへ書き出され，"
        "その場所がページテーブルに記される．次に触れるとフォルトが起きて戻る．"
        "まだスワップキャッシュにあればマイナーフォルト，デバイスから読めばメジャーフォルトで，"
        "隣の 7 ページも一緒に読まれる．変更のないページは，再び追い出すときに書かなくてよい．",
    ),
    lines=(
        Line(
            "swap file 96M",
            Text(
                "A swap file of our own, only for this experiment.",
                "実験のあいだだけ使うスワップファイルを作る．",
            ),
            ("by", ("swapfile",)),
        ),
        Line(
            "swap zram 96M",
            Text(
                "Swap in compressed memory, only for this experiment.",
                "実験のあいだだけ，圧縮したメモリにスワップを作る．",
            ),
            _ZRAM,
        ),
        Line(
            "map buf {size} anon", Text("Reserve {size}.", "{size} を予約する．"), _SWAP
        ),
        Line(
            "touch buf write",
            Text("Write to it: a frame for each page.", "書く．1 ページに 1 フレーム．"),
            _SWAP,
        ),
        Line(
            "advise buf pageout",
            Text(
                "Out: every page is written to swap, and Rss falls to 0.",
                "追い出す．全ページがスワップに書かれ，Rss は 0 になる．",
            ),
            _SWAP,
        ),
        Line(
            "touch buf read",
            Text(
                "Back, but they were still in the swap cache: minor faults only.",
                "戻す．まだスワップキャッシュにあったので，すべてマイナーフォルト．",
            ),
            _DISK,
        ),
        Line(
            "touch buf read",
            Text(
                "Back: zram bypasses the swap cache, so every page is a major fault.",
                "戻す．zram はスワップキャッシュを通さない．どのページもメジャーフォルト．",
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
                "Out again: what came back gave up its place in swap, so it is written anew.",
                "また追い出す．戻ったときにスワップの場所を手放したので，書き直す．",
            ),
            _ZRAM,
        ),
        Line(
            "touch buf read",
            Text(
                "Now they come from the device: a major fault reads eight pages.",
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
                "Without swap only pages of files can leave: we take a file of {size}.",
                "スワップがなければ，追い出せるのはファイルのページだけ．{size} のファイルを使う．",
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
            Text(
                "Without readahead, to see each page come.",
                "先読みを止めて，1 ページずつ読まれるのを見る．",
            ),
            _FILE,
        ),
        Line(
            "touch buf read",
            Text(
                "Each page comes from the disk: a major fault each.",
                "どのページもディスクから来る．1 ページに 1 回のメジャーフォルト．",
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
        Line("unmap buf", Text("Done.", "終わり．"), _FILE),
    ),
    figures=(
        "minor_faults", "major_faults", "faults", "rss", "swap", "swapped_out", "swapped_in",
        "page_tables", "pages_as_predicted",
    ),
    charts=("swap", "rss", "major_faults"),
    notes=(
        Text(
            "Before the pages first come back, ask how many faults will be minor and how many "
            "major. Most expect the disk.",
            "最初に戻す前に，マイナーとメジャーの数を問う．多くの人はディスクから来ると考える．",
        ),
        Text(
            "Run `swapon --show` and `sar -W 1` beside it: they count the same pages.",
            "横で `swapon --show` と `sar -W 1` を動かすと，同じページの動きが数字に出る．",
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
