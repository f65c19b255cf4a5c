"""Surprises around paging out and writing back: what stays, what is counted where."""

from vmtui.lab.experiment import Experiment, Line
from vmtui.lab.experiments.surprise import surprise
from vmtui.lab.text import Text

SWAP: tuple[Experiment, ...] = (
    surprise(
        4,
        title=Text("paging out twice", "2 回目のページアウト"),
        question=Text(
            "What does page-out do to a rescued page?",
            "取り戻したページをページアウトするとどうなるか",
        ),
        answer=Text("Nothing yet; the second takes it.", "残る．2 回目で出ていく．"),
        why=Text(
            "A page given up with MADV_FREE and written again is in use, but still marked. The "
            "first page-out only takes the mark away; the second one takes the page.",
            "MADV_FREE で手放してからまた書いたページは，使用中なのに印が残っている．"
            "最初のページアウトは印を消すだけで，ページを追い出すのは 2 回目である．",
        ),
        lines=(
            Line("map buf 32K anon", Text("Eight pages.", "8 ページ．")),
            Line("touch buf write", Text("Written.", "書く．")),
            Line(
                "advise buf free",
                Text("Given up, to be taken any time.", "いつ回収してもよいと告げる．"),
            ),
            Line(
                "touch buf write", Text("Needed after all: no fault.", "やはり使う．フォルトは 0．")
            ),
            Line("advise buf pageout", Text("Still there.", "まだある．")),
            Line("advise buf pageout", Text("Now they are gone.", "今度は出ていく．")),
        ),
        figures=("rss", "swap", "lazy_free", "faults"),
        swap=True,
    ),
    surprise(
        5,
        title=Text("zeros: a major fault", "0 だけのページ"),
        question=Text(
            "Which page comes back with a major fault?", "メジャーフォルトで戻るのはどのページか"
        ),
        answer=Text("The page of zeros, without a disk.", "0 だけのページ．ディスクは読まない．"),
        why=Text(
            "A written page stays in the swap cache when it is paged out, and comes back with a "
            "minor fault. A page of zeros is dropped at once, for it can be made again; its return "
            "counts as a major fault, although no disk is read.",
            "書いたページは追い出されてもスワップキャッシュに残り，マイナーフォルトで戻る．"
            "0 だけのページは作り直せるのですぐ捨てられ，戻るときは，ディスクを読まないのに"
            "メジャーフォルトに数えられる．",
        ),
        lines=(
            Line("map blank 32K anon", Text("Eight pages.", "8 ページ．")),
            Line(
                "advise blank populate_write",
                Text("Present, but all zeros.", "ページはあるが，中身は 0 のまま．"),
            ),
            Line("advise blank pageout", Text("Paged out.", "ページアウトする．")),
            Line("touch blank read", Text("Major faults.", "メジャーフォルト．")),
            Line("map written 32K anon", Text("Eight more.", "もう 8 ページ．")),
            Line(
                "touch written write", Text("Written, and not with zeros.", "0 でないものを書く．")
            ),
            Line("advise written pageout", Text("Paged out.", "ページアウトする．")),
            Line("touch written read", Text("Minor faults.", "マイナーフォルト．")),
        ),
        figures=("minor_faults", "major_faults", "faults", "swap"),
        swap=True,
    ),
    surprise(
        7,
        title=Text("no effect and no error", "何も起きず，エラーもない"),
        question=Text(
            "Can shared pages be paged out on request?", "共有ページは頼めば追い出せるか"
        ),
        answer=Text("No, and no error says so.", "追い出せない．エラーにもならない．"),
        why=Text(
            "MADV_PAGEOUT takes only pages that are mapped exactly once. After fork() it skips all "
            "of them, and still reports success.",
            "MADV_PAGEOUT が追い出すのは，1 か所だけでマップされているページに限る．"
            "fork() のあとではすべて飛ばされ，それでも成功が返る．",
        ),
        lines=(
            Line("map buf 32K anon", Text("Eight pages.", "8 ページ．")),
            Line("touch buf write", Text("Written.", "書く．")),
            Line("fork child", Text("Shared now.", "これで共有になる．")),
            Line(
                "advise buf pageout",
                Text("Success, and nothing happened.", "成功が返るが，何も起きない．"),
            ),
            Line("exit child", Text("One owner again.", "持ち主が 1 人に戻る．")),
            Line("advise buf pageout", Text("Now it works.", "今度は追い出せる．")),
        ),
        figures=("rss", "swap", "shared"),
        swap=True,
    ),
    surprise(
        8,
        title=Text("pagemap against smaps", "pagemap 対 smaps"),
        question=Text(
            "Where does paged-out shared memory show?", "追い出された共有メモリはどこに現れるか"
        ),
        answer=Text("In smaps, not in pagemap.", "smaps．pagemap には現れない．"),
        why=Text(
            "Shared memory in swap leaves no trace in the page tables: pagemap says «empty». smaps "
            "asks the shared object itself and says «Swap».",
            "スワップに出た共有メモリはページテーブルに跡を残さないので，pagemap では「空」になる．"
            "smaps は共有メモリの実体まで調べるので，「Swap」に数える．",
        ),
        lines=(
            Line("map buf 32K memfd box shared", Text("Shared memory.", "共有メモリ．")),
            Line("touch buf write", Text("Written.", "書く．")),
            Line(
                "advise buf pageout",
                Text("Empty to pagemap, Swap to smaps.", "pagemap では空，smaps では Swap．"),
            ),
            Line("touch buf read", Text("Back again.", "戻ってくる．")),
        ),
        figures=("rss", "swap", "faults"),
        swap=True,
    ),
    surprise(
        9,
        title=Text("memory from mprotect", "mprotect で増えるメモリ"),
        question=Text("Can mprotect() take memory?", "mprotect() がメモリを使うことはあるか"),
        answer=Text("Yes: it fills what is locked.", "ある．固定した領域で増える．"),
        why=Text(
            "Locked memory must be present, so making a locked region writable fills it: every "
            "page gets its frame inside mprotect(). Before that, the lock had been satisfied with "
            "the zero page.",
            "固定したメモリはつねに RAM になければならない．そこで，書けるようにした途端に，"
            "どのページも mprotect() の中でフレームを得る．それまではゼロページで足りていた．",
        ),
        lines=(
            Line(
                "map buf 32K anon private r--",
                Text("Eight pages, for reading only.", "読むだけの 8 ページ．"),
            ),
            Line(
                "lock buf",
                Text("Locked: all are the zero page.", "固定する．どこもゼロページである．"),
            ),
            Line(
                "protect buf rw-",
                Text("Rss grows in this very call.", "この呼び出しの中で Rss が増える．"),
            ),
        ),
        figures=("rss", "locked", "minor_faults"),
    ),
    surprise(
        12,
        title=Text("one byte, 1 MiB dirty", "1 バイトで 1 MiB"),
        question=Text(
            "How much of a file does one store dirty?",
            "1 回の代入でファイルのどれだけがダーティになるか",
        ),
        answer=Text("A whole folio: here 256 pages.", "フォリオ全体の 256 ページ．"),
        why=Text(
            "A file that was written a megabyte at a time lies in the page cache in pieces of that "
            "size (folios), and the kernel maps and marks each as one. One byte stored, 256 pages "
            "to write back.",
            "1 MiB ずつ書かれたファイルは，ページキャッシュにもその大きさのかたまり（フォリオ）で"
            "入り，マップもダーティの印もフォリオ単位になる．"
            "1 バイトの代入で，256 ページの書き戻しになる．",
        ),
        lines=(
            Line(
                "map pieces 1M file small shared",
                Text("A file written 4 KiB at a time.", "4 KiB ずつ書かれたファイル．"),
            ),
            Line(
                "touch pieces 0 write",
                Text("One store, one page.", "代入 1 回で 1 ページがダーティになる．"),
            ),
            Line(
                "map whole 1M file large shared folio 1M",
                Text("The same written in one go.", "同じものを一度に書いたファイル．"),
            ),
            Line(
                "touch whole 0 write",
                Text("One store, 256 pages.", "代入 1 回で 256 ページがダーティになる．"),
            ),
            Line("touch whole write", Text("All are dirty already.", "もうすべてダーティである．")),
            Line("sync large", Text("All of it is written back.", "すべてが書き戻される．")),
        ),
        figures=("rss", "minor_faults"),
        needs=Text(
            "a file system with large folios (ext4, xfs, btrfs)",
            "大きなフォリオを使うファイルシステム（ext4，xfs，btrfs）",
        ),
        without=Text("one page each time, as predicted", "予測どおり，1 ページずつになる"),
    ),
)
