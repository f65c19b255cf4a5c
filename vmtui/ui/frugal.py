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

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

_GAP = 8
"""Unchanged cells between two changes from which moving the cursor is cheaper than sending them."""


class Piece:
    """A part of a line as it was sent."""

    __slots__ = ("_places", "strip")

    def __init__(self, strip: Strip) -> None:
        self.strip = strip
        self._places: dict[int, Segment] | None = None

    @property
    def places(self) -> dict[int, Segment]:
        """Its segments by the column they start at, counted from the piece's own start."""
        if self._places is None:
            self._places, at = {}, 0
            for segment in self.strip:
                if segment.text:
                    self._places[at] = segment
                    at += cell_len(segment.text)
        return self._places

    def changes(self, before: Piece | None) -> list[tuple[int, list[Segment]]]:
        """The runs of segments that `before` does not have at their place, and where they start."""
        if before is None:
            return [(0, list(self.strip))]
        if before.strip is self.strip:
            return []
        there = before.places.get
        runs: list[tuple[int, list[Segment]]] = []
        between: list[Segment] = []
        changed_until = -_GAP
        for at, segment in self.places.items():
            if there(at) == segment:
                between.append(segment)
                continue
            if at - changed_until < _GAP:
                runs[-1][1].extend(between)
                runs[-1][1].append(segment)
            else:
                runs.append((at, [segment]))
            between = []
            changed_until = at + cell_len(segment.text)
        return runs


Line = dict[int, Piece]
"""The parts of a line by the column they start at."""


class Sent:
    """What each line of the terminal holds, as far as it is known."""

    def __init__(self) -> None:
        self.lines: dict[int, Line] = {}

    def forget(self) -> None:
        """The terminal may hold anything: each line is sent whole the next time."""
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
            x = self._update.region.x
            line = lines[y] = Line()
            for strip in strips:
                line[x] = Piece(strip)
                x += strip.cell_length
        return self._update.render_segments(console)


class _Changes(CompositorUpdate):
    """Some lines: of each, the segments that differ from what was sent before."""

    def __init__(self, sent: Sent, update: ChopsUpdate) -> None:
        self._sent, self._update = sent, update

    def render_segments(self, console: Console) -> str:
        lines, update = self._sent.lines, self._update
        sequences: list[str] = []
        for y in dict.fromkeys(y for y, _, _ in update.spans):
            parts, before = update.chops[y], lines.get(y, {})
            if before.keys() != parts.keys():  # widgets have moved
                before = {}
            line = lines[y] = Line(before)
            for x, strip in parts.items():
                if strip is None:
                    continue
                line[x] = piece = Piece(strip)
                for at, segments in piece.changes(before.get(x)):
                    sequences.append(f"\x1b[{y + 1};{x + at + 1}H")
                    sequences.append(Strip(segments).render(console))
        return "".join(sequences)
