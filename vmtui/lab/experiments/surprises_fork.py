"""Surprises around fork: what is not copied, and who copies although alone."""

from vmtui.lab.experiment import Experiment, Line
from vmtui.lab.experiments.surprise import surprise
from vmtui.lab.text import Text

FORK: tuple[Experiment, ...] = (
    surprise(
        1,
        title=Text(
            "fork copies no page tables of memory that was only read",
            "読んだだけのメモリの表は fork で写されない",
        ),
        question=Text(
            "Does a child inherit pages that were only read?", "読んだだけのページを子は受け継ぐか"
        ),
        why=Text(
            "fork() copies the tables of a VMA only if something was ever written in it; zero "
            "pages alone are not worth the work. One single write, and the child inherits all "
            "eight pages.",
            "fork() が表を写すのは一度でも書かれた VMA だけで，ゼロページのためには手間をかけない．"
            "1 ページでも書いてあれば，子は 8 ページすべてを受け継ぐ．",
        ),
        lines=(
            Line("map onlyread 32K anon", Text("Eight pages.", "8 ページ．")),
            Line("map onewrite 32K anon", Text("Eight more.", "もう 8 ページ．")),
            Line("touch onlyread read", Text("These are read.", "こちらは読む．")),
            Line("touch onewrite read", Text("These too …", "こちらも読んで……")),
            Line(
                "touch onewrite 0 write", Text("… and one of them written.", "……1 ページだけ書く．")
            ),
            Line(
                "fork child",
                Text("Look at the child: eight pages, or none.", "子を見る．8 ページか，0 か．"),
            ),
            Line(
                "in child: touch onlyread read",
                Text("It has to fault again.", "子は改めてフォルトする．"),
            ),
            Line("in child: touch onewrite read", Text("Here it need not.", "こちらは要らない．")),
        ),
        figures=("minor_faults", "rss", "page_tables"),
    ),
    surprise(
        2,
        title=Text(
            "one guard page saves the child its faults", "ガード 1 枚で子のフォルトが消える"
        ),
        question=Text(
            "What does a guard in shared memory change?", "共有メモリに置いたガードは何を変えるか"
        ),
        why=Text(
            "Page tables of shared memory are not copied by fork(), since the child can fault the "
            "pages in. A guard exists only in the tables, so one of them makes fork() copy them "
            "all.",
            "共有メモリの表は fork() で写されない．子があとでフォルトすれば済むからである．"
            "ガードは表の中にしかないので，1 枚あるだけで fork() は表をすべて写す．",
        ),
        lines=(
            Line("map plain 32K memfd one shared", Text("Shared memory.", "共有メモリ．")),
            Line("touch plain write", Text("Written.", "書く．")),
            Line(
                "map guarded 32K memfd two shared", Text("And once more.", "同じものをもう 1 つ．")
            ),
            Line("touch guarded write", Text("Written as well.", "こちらも書く．")),
            Line(
                "advise guarded guard_install 7",
                Text("A guard on its last page.", "最後のページにガードを置く．"),
            ),
            Line("fork child", Text("Now a child.", "fork する．")),
            Line(
                "in child: touch plain read",
                Text("One fault brings the neighbours.", "1 フォルトで隣もまとめて来る．"),
            ),
            Line(
                "in child: touch guarded :7 read",
                Text("None: the tables were copied.", "0 回．表が写されている．"),
            ),
        ),
        figures=("minor_faults", "rss", "page_tables"),
    ),
    surprise(
        3,
        title=Text(
            "a private write to shared memory makes two pages",
            "共有メモリへのプライベートな書き込みは 2 ページを作る",
        ),
        question=Text(
            "How many pages does one private write make?",
            "プライベートな書き込み 1 回で何ページできるか",
        ),
        why=Text(
            "A private write to a page of a memfd that nobody filled first makes the page of the "
            "file, then a copy of it. Two frames for one byte.",
            "誰も触れていない memfd のページにプライベートに書くと，まずファイルのページができ，"
            "次にその複製ができる．1 バイトに 2 フレームである．",
        ),
        lines=(
            Line(
                "map copy 4K memfd box private",
                Text("An empty memfd, private.", "空の memfd をプライベートで．"),
            ),
            Line("put copy MINE", Text("A word into the copy.", "複製に言葉を書く．")),
            Line(
                "map original 4K memfd box shared", Text("The file itself.", "ファイルそのもの．")
            ),
            Line(
                "touch original read", Text("Its page is there already.", "そのページはもうある．")
            ),
        ),
        figures=("frames", "rss", "minor_faults"),
    ),
    surprise(
        6,
        title=Text(
            "«mapped once» does not mean «will not be copied»", "「マップは 1 つ」でも複製される"
        ),
        question=Text(
            "When does a page that nobody else maps get copied?",
            "ほかの誰もマップしていないのに複製されるのはいつか",
        ),
        why=Text(
            "After fork both sides hold a page that is in swap. The child reads it and is the only "
            "one to map it, yet its write copies, because the parent still holds the entry.",
            "fork のあと，スワップにあるページは親子の両方が持つ．"
            "子が読むとマップしているのは子だけなのに，書くと複製される．"
            "親がまだ項目を持っているからである．",
        ),
        lines=(
            Line("map buf 32K anon", Text("Eight pages.", "8 ページ．")),
            Line("touch buf write", Text("Written.", "書く．")),
            Line("advise buf pageout", Text("Paged out.", "ページアウトする．")),
            Line(
                "fork child",
                Text("Both hold the entries in swap.", "スワップの項目を親子の両方が持つ．"),
            ),
            Line(
                "in child: touch buf read",
                Text("Mapped by the child alone.", "マップしているのは子だけ．"),
            ),
            Line("in child: touch buf write", Text("Copied all the same.", "それでも複製される．")),
        ),
        figures=("faults", "swap", "private", "frames"),
        swap=True,
    ),
    surprise(
        10,
        title=Text(
            "one byte, and 512 pages look exclusive", "1 バイトで 512 ページが「自分だけ」に見える"
        ),
        question=Text(
            "What does pagemap say of a huge page that is shared?",
            "共有されたヒュージページを pagemap は何と言うか",
        ),
        why=Text(
            "pagemap asks only the first page of a huge page whether it is shared, and repeats the "
            "answer 512 times. The child copies page 0, and all of the parent's pages look "
            "exclusive.",
            "pagemap は，共有かどうかをヒュージページの先頭ページだけに尋ね，"
            "同じ答えを 512 回繰り返す．"
            "子がページ 0 を複製すると，親の全ページが「自分だけ」に見える．",
        ),
        lines=(
            Line("map buf 2M anon", Text("Room for one huge page.", "ヒュージページ 1 枚分．")),
            Line("advise buf hugepage", Text("Allowed.", "許す．")),
            Line("touch buf 0 write", Text("One fault, 512 pages.", "1 フォルトで 512 ページ．")),
            Line("fork child", Text("Shared now.", "これで共有になる．")),
            Line(
                "in child: touch buf 0 write", Text("One page is copied.", "1 ページが複製される．")
            ),
        ),
        figures=("private", "shared", "anon_huge", "minor_faults"),
    ),
    surprise(
        11,
        title=Text(
            "a page on its way to a list counts as in use",
            "リストに載る途中のページは使用中とみなされる",
        ),
        question=Text(
            "Can a write copy a page that has only one owner?",
            "持ち主が 1 人だけのページが複製されることはあるか",
        ),
        why=Text(
            "Pages on their way to the kernel's lists wait in a small batch of the CPU, and the "
            "batch counts as a user of the page: a write then copies it for nobody. The laboratory "
            "empties the batches after every operation; the second half of the script does "
            "without, as every program does, and then nobody can say how many are copied.",
            "カーネルのリストに載る途中のページは，CPU ごとの小さな待ち列に並び，"
            "待ち列もそのページの利用者に数えられる．そこで書くと，誰のためでもない複製ができる．"
            "この実験室は操作のたびに待ち列を空にするが，後半ではふつうのプログラムと同じく"
            "空にしないので，何ページ複製されるかは誰にも言えない．",
        ),
        lines=(
            Line("map buf 32K anon", Text("Eight pages.", "8 ページ．")),
            Line("lock buf", Text("Locked, and so present.", "固定する．だからもうある．")),
            Line("fork child", Text("Shared now.", "これで共有になる．")),
            Line("touch buf write", Text("The parent copies.", "親が書き，複製ができる．")),
            Line(
                "in child: touch buf write",
                Text("The child is alone: nothing is copied.", "子はもう 1 人．複製は要らない．"),
            ),
            Line("exit child", Text("The child ends.", "子が終わる．")),
            Line(
                "batches keep",
                Text("From now on the batches are left alone.", "ここからは待ち列に触らない．"),
            ),
            Line("map again 32K anon", Text("The same once more.", "同じことをもう一度．")),
            Line("lock again", Text("Locked.", "固定する．")),
            Line("fork late", Text("Another child.", "別の子を作る．")),
            Line(
                "touch again write",
                Text(
                    "The parent copies, and the originals go into a batch.",
                    "親が書くと複製ができ，元のページは待ち列に入る．",
                ),
            ),
            Line(
                "in late: touch again write",
                Text(
                    "It is alone, and may have to copy all the same.",
                    "子はもう 1 人なのに，それでも複製することがある．",
                ),
            ),
        ),
        figures=("copied", "minor_faults", "private", "locked", "frames"),
    ),
)
