"""Surprises around fork: what is not copied, and who copies although alone."""

from vmtui.lab.experiment import Experiment, Line
from vmtui.lab.experiments.surprise import surprise
from vmtui.lab.text import Text

FORK: tuple[Experiment, ...] = (
    surprise(
        1,
        title=Text("read, but not inherited", "読んだだけのページ"),
        question=Text(
            "Does a child inherit pages that were only read?", "読んだだけのページを子は受け継ぐか"
        ),
        answer=Text("No; one write, and it does.", "受け継がない．1 回書けば，すべて受け継ぐ．"),
        why=Text(
            "fork() copies the page tables of a private VMA only if something was ever written in "
            "it; zero pages alone are not worth the work. A single write, and the child inherits "
            "all eight pages.",
            "fork() がプライベートな VMA のページテーブルをコピーするのは，"
            "一度でも書かれたときだけで，"
            "ゼロページだけなら手間をかけない．"
            "1 ページでも書いてあれば，子は 8 ページすべてを受け継ぐ．",
        ),
        lines=(
            Line("map onlyread 32K anon", Text("Eight pages.", "8 ページ．")),
            Line("map onewrite 32K anon", Text("Eight more.", "もう 8 ページ．")),
            Line("touch onlyread read", Text("These are read.", "こちらは読む．")),
            Line("touch onewrite read", Text("These too …", "こちらも読んで……")),
            Line(
                "touch onewrite 0 write",
                Text("… and one of them is written to.", "……1 ページだけ書く．"),
            ),
            Line(
                "fork child",
                Text("Look at the child: eight pages, or none.", "子を見る．8 ページか，0 か．"),
            ),
            Line(
                "in child: touch onlyread read",
                Text("It has to fault again.", "子は改めてフォルトする．"),
            ),
            Line(
                "in child: touch onewrite read",
                Text("Here it need not.", "こちらではフォルトしない．"),
            ),
        ),
        figures=("minor_faults", "rss", "page_tables"),
    ),
    surprise(
        2,
        title=Text("a guard saves faults", "ガードで消えるフォルト"),
        question=Text(
            "What does a guard in shared memory change?", "共有メモリに置いたガードは何を変えるか"
        ),
        answer=Text("fork() copies its page tables.", "ページテーブルがコピーされる．"),
        why=Text(
            "fork() does not copy the page tables of shared memory, since the child can fault the "
            "pages in. A guard exists only in the tables, so a single one makes fork() copy all "
            "that the VMA has.",
            "共有メモリのページテーブルは fork() でコピーされない．子があとでフォルトすれば済むから"
            "である．ガードはページテーブルの中にしかないので，1 ページにあるだけで，fork() はその "
            "VMA のページテーブルをすべてコピーする．",
        ),
        lines=(
            Line("map plain 32K memfd one shared", Text("Shared memory.", "共有メモリ．")),
            Line("touch plain write", Text("Written.", "書く．")),
            Line(
                "map guarded 32K memfd two shared",
                Text("As much again.", "同じものをもう 1 つ．"),
            ),
            Line("touch guarded write", Text("Written as well.", "こちらも書く．")),
            Line(
                "advise guarded guard_install 7",
                Text("A guard on its last page.", "最後のページにガードを置く．"),
            ),
            Line("fork child", Text("Now a child.", "子を作る．")),
            Line(
                "in child: touch plain read",
                Text("One fault brings all eight.", "1 フォルトで 8 ページがまとめて来る．"),
            ),
            Line(
                "in child: touch guarded :7 read",
                Text(
                    "No fault: the tables were copied.",
                    "フォルトは 0．ページテーブルがコピーされている．",
                ),
            ),
        ),
        figures=("minor_faults", "rss", "page_tables"),
    ),
    surprise(
        3,
        title=Text("one write, two pages", "1 回書くと 2 ページ"),
        question=Text(
            "How many pages does one private write make?",
            "プライベートに 1 回書くと何ページできるか",
        ),
        answer=Text("Two: the file's, and a copy.", "2 ページ．ファイルの分と複製．"),
        why=Text(
            "A private write to a page of a memfd that nobody has touched first makes the page of "
            "the file, then a copy of it. That is two frames for one byte.",
            "誰も触れていない memfd のページに，プライベートなマップから書くと，"
            "まずファイルのページができ，次にその複製ができる．1 バイトに 2 フレームである．",
        ),
        lines=(
            Line(
                "map copy 4K memfd box private",
                Text("An empty memfd, mapped private.", "空の memfd をプライベートでマップする．"),
            ),
            Line("put copy MINE", Text("Write a word.", "単語を書く．複製に入る．")),
            Line(
                "map original 4K memfd box shared",
                Text("The file itself, mapped shared.", "ファイルそのものを共有でマップする．"),
            ),
            Line(
                "touch original read",
                Text("Its page is there already.", "ファイルのページもすでにある．"),
            ),
        ),
        figures=("frames", "rss", "minor_faults"),
    ),
    surprise(
        6,
        title=Text("mapped once, yet copied", "1 か所だけなのに複製"),
        question=Text(
            "Why is a page copied that nobody else maps?",
            "ほかにマップがないのになぜ複製されるか",
        ),
        answer=Text("Somebody else has it in swap.", "スワップにまだ持ち主がいるから．"),
        why=Text(
            "After fork() parent and child both have the entry of a page that is in swap. The "
            "child "
            "reads it and is the only one to map it, yet its write makes a copy, because the "
            "parent still holds the swap entry.",
            "fork() のあと，スワップにあるページのエントリは親子の両方が持つ．"
            "子が読むと，マップしているのは子だけになるのに，書くと複製される．"
            "親がまだスワップエントリを持っているからである．",
        ),
        lines=(
            Line("map buf 32K anon", Text("Eight pages.", "8 ページ．")),
            Line("touch buf write", Text("Written.", "書く．")),
            Line("advise buf pageout", Text("Paged out.", "ページアウトする．")),
            Line(
                "fork child",
                Text("Both hold the swap entries.", "スワップエントリを親子の両方が持つ．"),
            ),
            Line(
                "in child: touch buf read",
                Text("Now the child alone maps them.", "マップしているのは子だけになる．"),
            ),
            Line("in child: touch buf write", Text("Copied all the same.", "それでも複製される．")),
        ),
        figures=("faults", "swap", "private", "frames"),
        swap=True,
    ),
    surprise(
        10,
        title=Text("512 exclusive pages", "1 バイトで 512 ページ"),
        question=Text(
            "What does pagemap say of a shared huge page?",
            "pagemap は共有ヒュージページをどう示すか",
        ),
        answer=Text("What holds for its first page.", "先頭ページの答えを全ページに示す．"),
        why=Text(
            "pagemap looks only at the first page of a huge page to tell whether it is shared, and "
            "repeats the answer 512 times. The child copies page 0, and all of the parent's pages "
            "look exclusive.",
            "pagemap は，共有かどうかをヒュージページの先頭ページだけで調べ，"
            "同じ答えを 512 回繰り返す．"
            "子がページ 0 を複製すると，親の全ページが「自分だけ」のものに見える．",
        ),
        lines=(
            Line("map buf 2M anon", Text("Room for one huge page.", "ヒュージページ 1 枚分．")),
            Line("advise buf hugepage", Text("Huge pages allowed.", "ヒュージページを許す．")),
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
        title=Text("the batch is an owner", "待ち列も持ち主のうち"),
        question=Text(
            "Can a write copy a page with only one owner?",
            "持ち主が 1 人のページも複製されるか",
        ),
        answer=Text("Yes, while a CPU's batch has it.", "CPU の待ち列にある間は，されうる．"),
        why=Text(
            "Pages on their way to the kernel's lists wait in a small batch of the CPU, which "
            "counts as a user: a write then makes a copy that nobody needs. The laboratory empties "
            "the batches after every operation. The second half does not, as in any program, "
            "and how many pages are copied cannot be predicted.",
            "カーネルのリストに載る途中のページは CPU ごとの小さな待ち列に並び，"
            "待ち列もページの利用者に数えられる．そのとき書くと，誰も必要としない複製ができる．"
            "実験室は操作のたびに待ち列を空にするが，後半ではふつうのプログラムと同じく"
            "空にしない．すると，何ページ複製されるかは予測できない．",
        ),
        lines=(
            Line("map buf 32K anon", Text("Eight pages.", "8 ページ．")),
            Line(
                "lock buf", Text("Locked, and so present.", "固定する．ページはすべて RAM に載る．")
            ),
            Line("fork child", Text("Shared now.", "これで共有になる．")),
            Line("touch buf write", Text("The parent writes: copies.", "親が書き，複製ができる．")),
            Line(
                "in child: touch buf write",
                Text("The child is alone: nothing is copied.", "持ち主は子だけ．複製は要らない．"),
            ),
            Line("exit child", Text("The child ends.", "子が終わる．")),
            Line(
                "batches keep",
                Text("From now on the batches are left alone.", "ここからは待ち列を空にしない．"),
            ),
            Line("map again 32K anon", Text("The same once more.", "同じことをもう一度．")),
            Line("lock again", Text("Locked.", "固定する．")),
            Line("fork late", Text("Another child.", "別の子を作る．")),
            Line(
                "touch again write",
                Text(
                    "The parent writes: copies, and the originals go into a batch.",
                    "親が書くと複製ができ，元のページは待ち列に入る．",
                ),
            ),
            Line(
                "in late: touch again write",
                Text(
                    "It is the only owner, and may have to copy all the same.",
                    "持ち主は子だけなのに，それでも複製することがある．",
                ),
            ),
        ),
        figures=("copied", "minor_faults", "private", "locked", "frames"),
    ),
)
