"""`segv`: what the kernel says of every kind of stray pointer."""

from vmtui.lab.experiment import Experiment, Line
from vmtui.lab.text import Text

SEGV = Experiment(
    id="segv",
    title=Text("stray pointers", "不正なアクセス"),
    question=Text("What stops a stray pointer?", "不正なポインタを止めるのは何か"),
    answer=Text(
        "The page tables; a signal says what was wrong.",
        "ページテーブル．破った規則はシグナルが告げる．",
    ),
    why=Text(
        "A program has no way to name physical memory: every address goes through its page tables. "
        "Where they allow nothing, the processor stops the instruction and the kernel looks for a "
        "VMA there. If there is none, or it forbids the access, the process gets a signal, nearly "
        "always with the exact address.",
        "プログラムは物理メモリを直接指す手段を持たず，どのアドレスもページテーブルを通る．"
        "許されないアクセスでは CPU が命令を止め，カーネルがそこに VMA があるかを調べる．"
        "VMA がないか，あっても禁じていれば，プロセスにシグナルが届く．"
        "ほとんどの場合，正確なアドレスもわかる．",
    ),
    lines=(
        Line("map buf 64K anon", Text("Some memory of our own.", "まず自分のメモリを用意する．")),
        Line("touch buf write", Text("It works: no signal.", "普通に書ける．シグナルは来ない．")),
        Line(
            "poke null write",
            Text(
                "Address 0: the kernel puts no VMA there.",
                "0 番地．カーネルはここに VMA を置かない．",
            ),
        ),
        Line(
            "poke kernel read",
            Text(
                "An address of the kernel: its pages are closed to programs.",
                "カーネルのアドレス．プログラムには許されていない．",
            ),
        ),
        Line(
            "poke non-canonical read",
            Text(
                "Not even an address: bits 47 to 63 are not all alike, and the processor reports "
                "none.",
                "アドレスですらない．ビット 47 から 63 が不揃いで，CPU はアドレスを教えない．",
            ),
        ),
        Line(
            "poke stack write",
            Text(
                "Below the deepest stack that is allowed: where endless recursion ends.",
                "許されたスタックの底のさらに下．無限再帰が行き着くところ．",
            ),
        ),
        Line("unmap buf", Text("The memory is given back …", "メモリを返し……")),
        Line(
            "poke buf read",
            Text(
                "… and used after all: nothing is mapped there.",
                "……それでも使う．もう何もマップされていない．",
            ),
        ),
        Line(
            "map text 64K anon private r--", Text("Memory for reading only.", "読むだけのメモリ．")
        ),
        Line(
            "poke text write",
            Text(
                "A VMA is there, but it forbids writing: a different code.",
                "VMA はあるが書き込み禁止．コード（si_code）が変わる．",
            ),
        ),
        Line("map data 64K anon", Text("Memory to read and write.", "読み書きできるメモリ．")),
        Line(
            "poke data exec",
            Text("A jump into data: it is not executable.", "データへ飛ぶ．実行は許されていない．"),
        ),
        Line(
            "map fence 64K anon private ---",
            Text("Memory that allows nothing.", "何も許さないメモリ．"),
        ),
        Line(
            "poke fence read",
            Text("PROT_NONE forbids even reading.", "PROT_NONE は読むことも禁じる．"),
        ),
        Line(
            "advise data guard_install 3",
            Text(
                "A guard on one page of a writable VMA.",
                "書ける VMA の 1 ページだけにガードを置く．",
            ),
        ),
        Line(
            "poke data+12K write",
            Text(
                "The VMA says rw-, yet the code says that nothing is mapped.",
                "VMA は rw- なのに，「何もない」というコードになる．",
            ),
        ),
        Line(
            "map view 64K file notes shared",
            Text("A file of 64 KiB, mapped.", "64 KiB のファイルをマップする．"),
        ),
        Line(
            "truncate notes 32K",
            Text("Half of the file is cut off.", "ファイルを半分に切り詰める．"),
        ),
        Line(
            "poke view+48K read",
            Text(
                "The mapping reaches past the end of its file: SIGBUS.",
                "マップはファイルの終わりを越えている．今度は SIGBUS．",
            ),
        ),
    ),
    figures=("signal", "fault_address", "failed_faults", "pages_as_predicted"),
    charts=("failed_faults",),
    notes=(
        Text(
            "Ask before each poke: which signal, and does the kernel know the address?",
            "poke の前に毎回，どのシグナルか，カーネルはアドレスを知っているかを問う．",
        ),
        Text(
            "MAPERR is «nothing is mapped», ACCERR is «mapped, but not for this».",
            "MAPERR は「何もない」，ACCERR は「あるが，その使い方は許されない」．",
        ),
        Text(
            "Each access is made by a copy of the process, frozen just before it dies: `a` opens "
            "it in Observe.",
            "アクセスするのはプロセスの複製で，死ぬ直前で凍らせてある．`a` "
            "で観察画面に開いて見せる．",
        ),
    ),
    needs=Text("ptrace of its own child", "自分の子プロセスへの ptrace"),
    without=Text("the signal alone", "シグナルだけを示す"),
    picture="fault",
)
