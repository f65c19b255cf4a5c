"""The record of one read of a range of pages: states, exact counts, and what could not be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vmtui.missing import Missing
from vmtui.model.page_counts import PageCounts
from vmtui.model.pages import Bytes, MappingKind


@dataclass(frozen=True, slots=True)
class PageSurvey:
    """The pages of one range as they were while it was read."""

    start: int
    """First address."""
    end: int
    """First address after the range."""
    states: Bytes
    """`PageState` of every page: read-only uint8 array."""
    counts: PageCounts
    """Exact counts of the same pages."""
    took_ns: int
    """Wall time of the read."""
    source: str
    """Where it comes from, in the kernel's words."""
    missing: Mapping[str, Missing] = field(default_factory=dict)
    """By the counts' names, what could not be told, or not fully, and why."""
    mapping: MappingKind = "anon"
    """What the range maps, as the reader was told."""
    locked: bool = False
    """Whether its VMA is locked, as the reader was told."""
    want_flags: bool = False
    """Whether page flags were asked for."""
    reread_pages: int = 0
    """Pages whose entries were read for it: all of them in a full read."""
