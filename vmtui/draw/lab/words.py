"""The stage's own words in both languages; what an experiment says comes with the experiment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language."""

    predicted: str
    measured: str
    difference: str
    diff: str
    """The same where there is little room."""
    now: str
    same_frame: str
    original: str
    copy: str
    just_written: str
    in_c: str
    frames: tuple[str, str]
    """«frames instead of»: what stands between the two figures and after the second."""
    saved: str
    shared: str
    all_right: str
    held: str
    """How many exact predictions did."""
    nothing_yet: str
    begin: tuple[tuple[str, str], ...]
    """Keys and what they do, before the first step."""
    pages: str
    one_cell: str
    hidden: str
    hidden_short: str
    """The same where there is little room."""
    before: str
    """Of a previous run, in the legend of a chart."""
    run_before: str
    tables: str
    over: str
    """Between the cost of tables and what they are for."""
    of_memory: str
    others: str
    """Over the small multiples of other trees."""
    cost: str
    flat: str
    tree: str
    crossing: str
    tried: dict[str, str]
    """read, write, exec as something that was tried."""
    no_signal: str
    lies: str
    si_addr: str
    no_address: str
    fault_wait: str
    by_a_copy: str
    here: str
    unmapped: str
    frozen: str
    promised: str
    unpromised: str
    memory: str
    touched: str
    more: str
    needs: str
    question: str
    experiment: str
    surprises: str
    own: str
    changes: str
    """Before the sentences on what changes outside the processes."""
    whole_machine: str
    no_swap: str
    this_experiment: str
    rest: str
    """The machine without the experiment."""
    machine_parts: tuple[str, str, str, str]
    """Used by others, cached, slab, free."""
    machine_charts: tuple[str, ...]
    """Memory since the start, swap, major faults, pressure, disk, faults."""
    into: str
    out_of: str
    group: str
    """«{kind}», «{usage}», «{limit}»."""
    in_swap: str
    """«{size}»."""
    at_limit: str
    """«{times}»."""
    stalled: tuple[str, str]
    """Some and full of the machine's pressure."""


EN = Words(
    predicted="predicted", measured="measured", difference="difference", diff="diff", now="now",
    same_frame="same frame", original="original", copy="copy", just_written="just changed",
    in_c="the same in C", frames=(" frames instead of ", ""), saved="saved",
    shared="shared", all_right="as predicted", held="exact predictions held",
    nothing_yet="nothing is mapped",
    begin=(("p", "hide the predictions while all guess"),
           ("→", "one step"), ("space", "run"), ("{ }", "slower, faster")),
    pages="pages", one_cell="1 cell",
    hidden="predictions hidden: write yours down, then p", hidden_short="predictions hidden (p)",
    before="last run",
    run_before="the last run", tables="tables", over="for ", of_memory="of memory",
    others="the same number of pages elsewhere", cost="cost of the map", flat="flat",
    tree="tree, dense", crossing="the tree costs more than flat only past",
    tried={"read": "a read at", "write": "a write at", "exec": "a jump to"},
    no_signal="no signal: the access was allowed", lies="what is there", si_addr="si_addr",
    no_address="0: the processor does not tell the address",
    fault_wait="each access is made by a copy of the process, frozen at its fault",
    by_a_copy="copy of {},",
    here="here", unmapped="unmapped", frozen="frozen, a observes it", promised="promised",
    unpromised="mapped without a promise",
    memory="RAM", touched="touched", more="more", needs="needs: ", question="question",
    experiment="experiment", surprises="surprises", own="your own",
    changes="changes until its end: ", whole_machine="the whole machine",
    no_swap="no swap device is in use", this_experiment="experiment", rest="others",
    machine_parts=("others", "cached", "slab", "free"),
    machine_charts=("memory taken", "swap pages/s", "major faults/s", "pressure",
                    "disk bytes/s", "faults/s"),
    into="in", out_of="out", group="memory group ({kind}): {usage} of {limit}",
    in_swap="{size} in swap", at_limit="{times} times at its limit", stalled=("some", "full"),
)  # fmt: skip
JA = Words(
    predicted="予測", measured="実測", difference="差", diff="差", now="いま",
    same_frame="共有", original="元", copy="複製", just_written="いま変化",
    in_c="C で書くと", frames=(" フレーム（全部複製なら ", "）"), saved="節約",
    shared="共有", all_right="予測どおり", held="件の確定的な予測が的中",
    nothing_yet="まだ何もマップしていない",
    begin=(("p", "予測を隠す（各自まず紙に書く）"), ("→", "次の段階へ"), ("space", "実行"),
           ("{ }", "遅く，速く")),
    pages="ページ", one_cell="1 マス",
    hidden="予測は隠してある．紙に書いてから p", hidden_short="予測は非表示（p）", before="前回",
    run_before="前回の実行", tables="枚の表", over="（メモリ ", of_memory="分）",
    others="同じページ数を別の置き方で", cost="ページテーブルの大きさ", flat="フラット型",
    tree="階層型（密に使う）", crossing="階層型のほうが大きくなるのはここから先だけ：",
    tried={"read": "読み込み", "write": "書き込み", "exec": "実行"},
    no_signal="シグナルなし．許されたアクセス", lies="そこは", si_addr="si_addr",
    no_address="0：CPU はアドレスを教えない",
    fault_wait="アクセスするのはプロセスの複製で，フォルトの瞬間に凍らせる",
    by_a_copy="{}の複製",
    here="ここ", unmapped="マップなし", frozen="凍結中．a で観察", promised="約束した量",
    unpromised="約束なしでマップした量",
    memory="RAM", touched="触れた量", more="ほか", needs="必要なもの：", question="問い",
    experiment="実験", surprises="意外な事実", own="自作",
    changes="終わるまで変えるもの：", whole_machine="マシン全体",
    no_swap="使用中のスワップはない", this_experiment="この実験", rest="ほか",
    machine_parts=("ほか", "キャッシュ", "スラブ", "空き"),
    machine_charts=("増えたメモリ", "スワップ ページ/秒", "メジャーフォルト/秒", "メモリ圧迫",
                    "ディスク バイト/秒", "フォルト/秒"),
    into="入", out_of="出", group="メモリグループ（{kind}）：{limit} のうち {usage}",
    in_swap="スワップに {size}", at_limit="上限に達した回数 {times}", stalled=("some", "full"),
)  # fmt: skip
