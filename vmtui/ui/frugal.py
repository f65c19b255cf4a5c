"""Only cells that changed go to the terminal: what Textual would send, less what is there already.

Textual sends a changed line from its widget's left edge to the right end of the change, whatever
the cells between held before. Here each line is kept as it was last sent, and an update is cut to
the segments that differ: a tick of the process list is then some hundred bytes instead of twenty
thousand, which is what a slow connection feels.

Uses Textual's `App._display` and the compositor's updates, which are not quite public: an update of
an unknown kind is sent as it is, and everything is forgotten.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

_GAP = 8
"""Unchanged cells between two changes from which moving the cursor is cheaper than sending them."""

Pieces = dict[int, Strip]
"""The parts of a line by the column they start at."""
Island = tuple[int, list[Segment]]
"""Where a change starts, and what stands there now."""


class Sent:
    """What each line of the terminal holds, as far as it is known."""

    def __init__(self) -> None:
        self.lines: dict[int, Pieces] = {}

    def forget(self) -> None:
        """The terminal may hold anything: the next update is sent whole."""
        self.lines.clear()

    def reduced(self, update: Any) -> Any:
        """An update that sends less and leaves the same on screen; other things as they are."""
        if isinstance(update, ChopsUpdate):
            return _Changes(self, update)
        if isinstance(update, LayoutUpdate):
            return _Whole(self, update)
        if update is not None:
            self.forget()
        return update


class _Whole(CompositorUpdate):
    """The whole screen: sent as it is, and remembered."""

    def __init__(self, sent: Sent, update: LayoutUpdate) -> None:
        self._sent, self._update = sent, update

    def render_segments(self, console: Console) -> str:
        lines = self._sent.lines
        lines.clear()
        for y, strips in enumerate(self._update.strips, self._update.region.y):
            pieces: Pieces = {}
            x = self._update.region.x
            for strip in strips:
                pieces[x] = strip
                x += strip.cell_length
            lines[y] = pieces
        return self._update.render_segments(console)


class _Changes(CompositorUpdate):
    """Some lines: of each, the segments that differ from what was sent before."""

    def __init__(self, sent: Sent, update: ChopsUpdate) -> None:
        self._sent, self._update = sent, update

    def render_segments(self, console: Console) -> str:
        lines, update = self._sent.lines, self._update
        sequences: list[str] = []
        for y in dict.fromkeys(y for y, _, _ in update.spans):
            line = update.chops[y]
            before = lines.get(y, {})
            if before.keys() != line.keys():  # widgets have moved
                before = {}
            for x, strip in line.items():
                if strip is None:
                    continue
                for start, segments in differing(before.get(x), strip, x):
                    sequences.append(f"\x1b[{y + 1};{start + 1}H")
                    sequences.append(Strip(segments).render(console))
            lines[y] = {
                x: before[x] if strip is None else strip
                for x, strip in line.items()
                if strip is not None or x in before
            }
        return "".join(sequences)


def differing(before: Strip | None, now: Strip, x: int) -> list[Island]:
    """The runs of segments in which `now` differs from `before`, both starting at column `x`."""
    if before is None:
        return [(x, list(now))]
    if before is now:
        return []
    there: dict[int, Segment] = {}
    at = x
    for segment in before:
        there[at] = segment
        at += segment.cell_length
    islands: list[Island] = []
    between: list[Segment] = []
    gap, at = _GAP, x
    for segment in now:
        cells = segment.cell_length
        if there.get(at) == segment:
            between.append(segment)
            gap += cells
        elif islands and gap < _GAP:
            islands[-1][1].extend((*between, segment))
            between, gap = [], 0
        else:
            islands.append((at, [segment]))
            between, gap = [], 0
        at += cells
    return islands
