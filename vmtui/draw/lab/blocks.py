"""The picture of `fragmentation`: free blocks by size, and the frames behind some addresses."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.draw.lab import frames, free_blocks
from vmtui.draw.paint import FAINT, Row, Run, fit


@dataclass(frozen=True, slots=True)
class Blocks:
    """What is drawn; figures are pages unless said."""

    orders: tuple[int, ...]
    """Free blocks of 2^i pages, per-CPU lists in order 0."""
    before: tuple[int, ...]
    """The same when the experiment began."""
    per_cpu: int
    unusable: tuple[float, ...]
    """For each order the share of free memory in smaller blocks, 0 to 1."""
    unusable_before: tuple[float, ...]
    runs: int | None = None
    longest: int | None = None
    why_no_frames: str = ""
    region: str = ""
    first_page: int = 0
    pages: bytes = b""
    """Of the region from there on: 0 no frame, 1 a frame, 2 the neighbour of the one before."""
    first_frame: int = 0
    around: bytes = b""
    """From that frame on: n of the nth region, 0 nothing of ours, 255 given back."""
    names: tuple[str, ...] = ()
    page_bytes: int = 4096


@dataclass(frozen=True, slots=True)
class BlocksWords:
    """One language."""

    free: str
    listed: str
    at_first: str
    now: str
    change: str
    unusable: str
    """«unusable for 2M», before the share."""
    was: str
    unusable_column: str
    addresses: str
    frames: str
    runs: str
    """Format: runs, longest."""
    from_page: str
    """Format: page number."""
    physical: str
    """Format: frame number."""
    given: str
    others: str


EN = BlocksWords(
    free="free blocks", listed="on per-CPU lists", at_first="at the start", now="now",
    change="change", unusable="unusable for 2M", was="at the start", unusable_column="unusable",
    addresses="addresses", frames="frames", runs="{} runs, longest {}",
    from_page=" from page {:,}", physical="physical memory from frame {:,}", given="given back",
    others="others, free",
)  # fmt: skip
JA = BlocksWords(
    free="空きブロック", listed="CPU ごとのリスト", at_first="開始時", now="いま", change="増減",
    unusable="2M には使えない", was="開始時", unusable_column="使えない", addresses="アドレス",
    frames="フレーム", runs="連続 {} 区間，最長 {}", from_page="，{:,} ページ目から",
    physical="物理メモリ：フレーム {:,} から",
    given="返した", others="ほか・空き",
)  # fmt: skip


def picture(
    view: Blocks, words: BlocksWords, cells: int, lines: int, *, letters: bool = False
) -> list[Row]:
    """As much of it as there is room for: the bars first, then the strips, then the frames."""
    if lines < 4 or cells < 32:
        return []
    known = view.runs is not None
    behind = any(view.pages)
    strips = 3 if behind else 0 if known else 1
    wanted = 1 + strips + (2 if view.around and lines >= 13 else 0)
    loose = lines >= len(view.orders) + wanted + 6
    room = lines - wanted - (2 if loose else 0)
    rows = [
        *free_blocks.bars(view, words, cells, max(3, room), letters=letters),
        free_blocks.unusable(view, words),
    ]
    rows += [()] if loose else []
    if not known:
        rows.append((Run(view.why_no_frames, FAINT),))
    if behind:
        rows += frames.strips(view, words, cells, letters=letters)
        rows += [()] if loose else []
    if view.around:
        rows += frames.around(view, words, cells, lines - len(rows), letters=letters)
    return [fit(line, cells) for line in rows[:lines]]
