"""What is drawn of `fragmentation`: free blocks, the frames behind some addresses, their words."""

from __future__ import annotations

from dataclasses import dataclass


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
