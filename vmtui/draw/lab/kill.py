"""The picture of `oom`: the kernel's sum for each process, who has the most, and the evidence.

A bar is a process: what it has in memory, in swap and in page tables, each in its colour; what
oom_score_adj adds is no memory, so it is an empty vessel. Whoever was killed stays, as a vessel.
"""

from __future__ import annotations

from dataclasses import dataclass

from vmtui import units
from vmtui.draw.bar import VESSEL, Segment, bar, legend
from vmtui.draw.lab.prose import paragraph
from vmtui.draw.paint import DIM, FAINT, STRONG, TEXT, Paint, Row, Run, fit, row, spread, width

_ALARM = Paint("alarm-ink", "alarm", bold=True)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A process as the kernel weighs it; pages."""

    name: str
    pid: int
    rss: int
    swap: int
    tables: int
    score_adj: int
    points: int
    is_dead: bool = False
    is_next: bool = False
    """Whether it would be killed now."""

    @property
    def memory(self) -> int:
        """Points that it has for memory."""
        return self.rss + self.swap + self.tables


@dataclass(frozen=True, slots=True)
class Kill:
    """The sum of every process, and what came of it."""

    candidates: tuple[Candidate, ...]
    total: int
    """Pages of which oom_score_adj is a share."""
    usage: int | None = None
    """Bytes the group has; None without one."""
    limit: int | None = None
    verdict: str = ""
    """The evidence, once somebody was killed."""
    refused: str = ""
    """What happened instead: an error of a system call."""


@dataclass(frozen=True, slots=True)
class KillWords:
    """One language."""

    group: str
    of: str
    machine: str
    """Where there is no group: the sum is over the whole machine."""
    points: str
    resident: str
    swap: str
    tables: str
    extra: str
    """What oom_score_adj adds."""
    would_die: str
    given_back: str
    hidden: str


EN = KillWords(
    group="the group has", of="of", machine="no group: the sum for the whole machine",
    points="points", resident="in memory", swap="in swap", tables="page tables",
    extra="oom_score_adj", would_die="would be killed now", given_back="given back",
    hidden="who has the most points?",
)  # fmt: skip
JA = KillWords(
    group="グループの使用量", of="/", machine="グループなし：マシン全体での計算",
    points="点", resident="メモリ", swap="スワップ", tables="ページテーブル",
    extra="oom_score_adj", would_die="いま kill される候補", given_back="解放",
    hidden="最も点が高いのはどれか",
)  # fmt: skip


def picture(
    kill: Kill,
    words: KillWords,
    cells: int,
    lines: int,
    *,
    hidden: bool = False,
    letters: bool = False,
    page_bytes: int = 4096,
) -> list[Row]:
    """At most `lines` rows of `cells`.

    Args:
        kill: what is drawn.
        words: in which language.
        cells: width.
        lines: height.
        hidden: whether the sums are kept secret: sizes and scores are shown, points are not.
        letters: whether bars have letters, where there are no colours.
        page_bytes: of a page.
    """
    order = sorted(kill.candidates, key=lambda one: one.pid if hidden else -one.points)
    most = max((one.memory if hidden else one.points for one in order), default=1)
    below = _below(kill, words, cells, hidden)
    rows = _above(kill, words, cells, letters)
    if lines - len(rows) - len(below) < 2 * len(order):
        rows.pop()  # the blank line: bars matter more
    free = lines - len(rows) - len(below)
    each = next((size for size in (3, 2) if free >= size * len(order)), 1)
    for one in order:
        parts, points = _parts(one, words, hidden, page_bytes)
        wide = max(1, round(points / max(1, most) * (cells - 2)))
        drawn = bar(parts, 0, wide, figure=lambda _: "", letters=letters)
        rows += [_head(kill, one, words, cells, hidden), (Run("  "), *drawn), ()][:each]
    rows = rows[: max(0, lines - len(below))]
    if rows and rows[-1] and len(rows) + len(below) < lines:
        rows.append(())
    return [fit(line, cells) for line in (rows + below)[:lines]]


def _above(kill: Kill, words: KillWords, cells: int, letters: bool) -> list[Row]:
    if kill.usage is None or kill.limit is None:
        return [row(Run(words.machine, DIM)), ()]
    said = row(
        Run(f"{words.group} ", DIM), Run(units.size(kill.usage), STRONG),
        Run(f" {words.of} {units.size(kill.limit)} ", DIM),
    )  # fmt: skip
    room = cells - width(said)
    if room < 6:
        return [said, ()]
    full = Segment("", "anon", min(kill.usage, kill.limit))
    return [(*said, *bar([full], kill.limit, room, labels=False, letters=letters)), ()]


def _below(kill: Kill, words: KillWords, cells: int, hidden: bool) -> list[Row]:
    """The evidence; before it, what the colours mean."""
    if kill.refused:
        return [row(Run(f" {line} ", _ALARM)) for line in paragraph(kill.refused, cells - 2, 2)]
    if kill.verdict:
        return [row(Run(line, TEXT)) for line in paragraph(kill.verdict, cells, 2)]
    if hidden:
        return [row(Run(words.hidden, FAINT))]
    each = kill.total // 1000
    said = f"{words.extra} × {units.pages(each)}"
    names = [
        Segment(words.resident, "anon", 1), Segment(words.swap, "swapped", _any(kill, "swap")),
        Segment(words.tables, "kernel", 1), Segment(said, VESSEL, 1),
    ]  # fmt: skip
    return legend(names, cells, figure=lambda _: "")[:2]


def _any(kill: Kill, name: str) -> int:
    return sum(getattr(one, name) for one in kill.candidates)


def _head(kill: Kill, one: Candidate, words: KillWords, cells: int, hidden: bool) -> Row:
    """The name at the left, the sum at the right."""
    left = [Run("▸ " if one.is_next and not hidden else "  ", STRONG)]
    left.append(Run(one.name, DIM if one.is_dead else STRONG))
    if one.is_dead:
        left += [Run(" "), Run(" SIGKILL ", _ALARM)]
    elif cells >= 72:
        left.append(Run(f"  {one.pid}", FAINT))
        if one.is_next and not hidden:
            left.append(Run(f"  {words.would_die}", DIM))
    if hidden:
        said = row(Run(f"{words.extra} {one.score_adj}", DIM))
        return spread(row(*left), said, cells)
    points = Run(units.pages(one.points), DIM if one.is_dead else STRONG)
    parts = [one.rss, one.swap, one.tables] if one.swap else [one.rss, one.tables]
    terms = " + ".join(units.pages(part) for part in parts)
    each = units.pages(kill.total // 1000)
    sums = (f"{terms} + {one.score_adj} × {each} = ", f"{one.score_adj} × {each} + … = ", "= ")
    for text in sums:
        right = row(Run(text, DIM), points)
        if width((*left, *right)) + 2 <= cells:
            return spread(row(*left), right, cells)
    return spread(row(*left), row(points), cells)


def _parts(
    one: Candidate, words: KillWords, hidden: bool, page_bytes: int
) -> tuple[list[Segment], int]:
    """What a bar is made of, and how many points it is long."""
    extra = 0 if hidden else max(0, one.points - one.memory)
    if one.is_dead:
        said = f"{words.given_back} {units.size(one.memory * page_bytes)}"
        return [Segment(said, VESSEL, 1)], one.memory + extra
    parts = [
        Segment("", "anon", one.rss), Segment("", "swapped", one.swap),
        Segment("", "kernel", one.tables), Segment(f"+{units.pages(extra)}", VESSEL, extra),
    ]  # fmt: skip
    return parts, one.memory + extra
