"""The picture of all frames painted: grid, legend, use counts, and the cell under the cursor."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from textual.widget import Widget

from vmtui import units
from vmtui.draw import frames_cell, frames_legend, frames_map, frames_uses
from vmtui.draw.beside import beside
from vmtui.draw.frames_cell import FrameCell
from vmtui.draw.frames_map import CellCounts
from vmtui.draw.paint import DIM, FAINT, Paint, Row, Run, row, spread
from vmtui.draw.sentences import words
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.frame_survey import FramesSurvey
from vmtui.model.frames import KINDS, FrameKind
from vmtui.observe.frames_closer import MOST_FRAMES, FramesCloser
from vmtui.observe.packed_frames import PackedFrames
from vmtui.observe.sample import Sample
from vmtui.ui.dialogs.prose import wrapped
from vmtui.ui.page_cursor import PageCursor
from vmtui.ui.screens.grid_screen import GridScreen
from vmtui.ui.screens.machine import MachineScreen
from vmtui.ui.widgets.canvas import Canvas

_TALL = 34
_WIDE, _BESIDE = 152, 118
_DETAIL = 38


Cells = tuple[CellCounts, NDArray[np.int64]]
"""Kinds by cell of a window, and how many frames of each cell are memory."""


class FramesPanels(MachineScreen, GridScreen):
    """Subclasses have the keys."""

    DEPTH = frozenset({"frames"})

    def __init__(self) -> None:
        super().__init__(0, PAGE_SIZE, PageCursor(0, close=False, digits=frames_map.DIGITS))
        self._frames: FramesSurvey | None = None
        self._unpacked: tuple[PackedFrames, FramesSurvey] | None = None
        self._totals: list[int] = [0] * KINDS
        """Of the survey on screen: some ms to add up, and a key must not cost that."""
        self._made: tuple[object, object, object, Cells] | None = None
        self._closer: FramesCloser | Missing | None = None
        self._wanted = (0, 0)
        self._seen: set[FrameKind] = set()
        self._maximised = False

    def part(self) -> Iterable[Widget]:
        """How far it is read, the grid, and the panel below it."""
        yield Canvas(id="facts")
        yield Canvas(id="grid")
        yield Canvas(id="panel")

    # What is wanted

    @property
    def wanted_depth(self) -> frozenset[str]:
        """The survey, and frame by frame what the window shows closer than that."""
        return self.DEPTH | {"closer"} if self._wanted[1] else self.DEPTH

    @property
    def wanted_frames(self) -> tuple[int, int]:
        """The window, with as much above and below it, so that scrolling finds it read."""
        return self._wanted

    @property
    def _by_frames(self) -> bool:
        """Whether cells are smaller than the survey's blocks."""
        grid, survey = self._cursor.grid, self._frames
        return bool(grid and survey and grid.pages_per_cell < survey.block_frames)

    def _want(self) -> None:
        """Have the frames of the window read, once it has left what was asked for."""
        grid = self._cursor.grid
        before = self._wanted
        if grid is None or not self._by_frames:
            self._wanted = 0, 0
        else:
            first = grid.top // PAGE_SIZE
            window = min(grid.cells * grid.pages_per_cell, MOST_FRAMES)
            if not (
                before[0] <= first and first + window <= before[0] + before[1] <= first + 4 * window
            ):
                margin = min(window, (MOST_FRAMES - window) // 2)
                begin = max(0, first - margin)
                self._wanted = begin, first - begin + window + margin
        if self._wanted != before and self.is_observed:
            self.wish()

    # Painting

    def show_part(self, sample: Sample) -> None:
        """The picture under the clock's cursor, or why there is none."""
        depth = sample.depth
        known = depth.frames if depth else None
        why = self.nothing(known)
        if why or known is None or isinstance(known.value, Missing):
            self._show_nothing(why)
            return
        self._frames = survey = self._survey_of(known.value)
        self._closer = depth.closer.value if depth and depth.closer else None
        self._end = max(1, survey.memory.end) * PAGE_SIZE
        self._cursor.block_pages, self._cursor.most_pages = survey.block_frames, MOST_FRAMES
        width = self.size.width
        self._seen |= {kind for kind, frames in zip(FrameKind, self._totals, strict=True) if frames}
        self._cursor.place(
            0, self._end, 128 if width >= _WIDE else 64 if width >= 78 else 32, self._lines,
            halves=not self.session.letters_by_default, short=False,
        )  # fmt: skip
        self._paint()

    def _survey_of(self, packed: PackedFrames) -> FramesSurvey:
        """Unpacked once for each reading."""
        if self._unpacked is None or self._unpacked[0] is not packed:
            self._unpacked = packed, packed.unpacked()
            self._totals = self._unpacked[1].totals()
        return self._unpacked[1]

    def _show_nothing(self, why: str) -> None:
        self._frames = None
        lines = wrapped(row(Run(why, DIM)), max(20, min(96, self.size.width - 4)))
        self.query_one("#facts", Canvas).show([(), *((Run("  "), *line) for line in lines)])
        self.query_one("#grid", Canvas).show([])
        self.query_one("#panel", Canvas).show([])
        self.inspect([()])

    @property
    def _lines(self) -> int:
        """Lines the grid's cells may take."""
        bars, tabs, facts, ruler = 2, 1, 1, 1
        inspector = 3 if self.size.width >= 100 else 2
        taken = bars + tabs + facts + ruler + inspector + self._panel_lines
        return max(1, self.size.height - taken)

    @property
    def _panel_lines(self) -> int:
        if self._maximised or self._beside:
            return 0
        if self.size.height >= _TALL and self.size.width >= _WIDE:
            return len(self._seen) + 3
        return 2

    @property
    def _beside(self) -> bool:
        return _BESIDE <= self.size.width < _WIDE and not self._maximised

    def _paint(self) -> None:
        survey, grid = self._frames, self._cursor.grid
        if survey is None or grid is None:
            return
        counts, memory = self._cells(survey)
        self._want()
        rows = frames_map.rows(counts, memory, grid, cursor=self._cursor.address)
        at = grid.cell_of(self._cursor.address)
        here = ([0] * KINDS, 0) if at is None else (counts[at].tolist(), int(memory[at]))
        cell = FrameCell(self._cursor.cell_address, *here)
        if self._beside:
            room = self.size.width - grid.width - 2
            side = self._side(survey, cell, room)
            rows = beside([rows, side[: len(rows)]], [grid.width, room], 2)
        self.query_one("#grid", Canvas).show(rows)
        self._show_facts(survey)
        self._show_panel(survey, cell)
        self._show_inspector(cell)

    def _cells(self, survey: FramesSurvey) -> Cells:
        """The window's cells; counted once while survey, frames and window stay the same."""
        made_of = survey, self._closer, self._cursor.grid
        made = self._made
        if made is None or made[0] is not made_of[0] or made[1:3] != made_of[1:]:
            made = self._made = (*made_of, self._counted(survey))
        return made[3]

    def _counted(self, survey: FramesSurvey) -> Cells:
        """From the survey, or frame by frame where cells are smaller than its blocks."""
        grid, closer = self._cursor.grid, self._closer
        assert grid is not None
        if not self._by_frames:
            return frames_map.of_survey(survey, grid)
        memory = frames_map.memory_of(survey.memory, grid)
        if not isinstance(closer, FramesCloser):
            return np.zeros((grid.cells, KINDS), np.int64), memory
        first = grid.top // PAGE_SIZE
        begin = max(0, first - closer.first)
        part = slice(begin, max(begin, first + grid.cells * grid.pages_per_cell - closer.first))
        counts, _ = frames_map.of_frames(
            closer.first + begin, closer.kinds[part], closer.is_memory[part], grid
        )
        return counts, memory

    def _side(self, survey: FramesSurvey, cell: FrameCell, room: int) -> list[Row]:
        """Legend above cell, at the right of the grid."""
        legend = frames_legend.legend(self._totals, PAGE_SIZE, room, exact=survey.complete)
        left = max(0, self._lines - len(legend) - 1)
        return [(), *legend, (), *frames_cell.detail(cell, PAGE_SIZE, room, left)]

    def _show_facts(self, survey: FramesSurvey) -> None:
        grid, cells = self._cursor.grid, self.size.width
        assert grid is not None
        frames = grid.pages_per_cell
        size = f"{units.size(grid.cell_bytes)}, {frames:,} frames" if frames > 1 else "1 frame"
        left: Row = (Run(f" 1 cell = {size}", Paint("text", bold=True)),)
        if cells >= 100:
            how = "   hue: most, strength: used" if frames > 1 else ""
            left += (Run(f"   a line = {units.size(grid.line_bytes)}{how}", DIM),)
        told = frames_legend.progress(survey, short=cells < 140)
        self.query_one("#facts", Canvas).show([spread(left, (*told, Run(" ")), cells)])

    def _show_panel(self, survey: FramesSurvey, cell: FrameCell) -> None:
        panel, cells = self.query_one("#panel", Canvas), self.size.width
        panel.display = bool(self._panel_lines)
        if self._panel_lines > 2:
            left = cells - 2 - _DETAIL - 3
            uses = frames_uses.rows(survey.uses(), PAGE_SIZE, left, exact=survey.complete)
            detail = frames_cell.detail(cell, PAGE_SIZE, _DETAIL, len(uses))
            drawn = beside([uses, detail], [left, _DETAIL], 3)
            rule: Row = (Run("─" * cells, Paint("rule")),)
            panel.show([rule, *((Run(" "), *line) for line in drawn)])
        elif panel.display:
            line = frames_legend.legend_line(self._totals, PAGE_SIZE, cells - 2)
            panel.show([(), (Run(" "), *line)])

    def _show_inspector(self, cell: FrameCell) -> None:
        grid, cells, one = self._cursor.grid, self.size.width - 2, self._one_frame()
        assert grid is not None
        if one is not None:
            rows = [frames_cell.about_frame(*one, cells)]
        elif isinstance(self._closer, Missing) and self._by_frames:
            rows = [row(words(f"frame by frame: {self._closer.reason}"))]
        else:
            about = frames_legend.about_cell(cell.counts, cell.memory, cell.address, grid)
            rows = [about]
        if self.size.width >= 100:
            rows.append(
                row(
                    Run("from ", FAINT), words("/proc/kpageflags, kpagecount, /proc/iomem"),
                    Run("   same numbers ", FAINT), words("vmtui machine --frames, page-types -r"),
                )
            )  # fmt: skip
        self.inspect(rows)

    def _one_frame(self) -> tuple[int, int, int | None] | None:
        """Number, flags and map count of the frame under the cursor, where a cell is one frame."""
        closer, pfn = self._closer, self._cursor.address // PAGE_SIZE
        if not self._cursor.closest or not isinstance(closer, FramesCloser):
            return None
        at = pfn - closer.first
        if not 0 <= at < len(closer.kinds) or not closer.is_memory[at]:
            return None
        count = None if isinstance(closer.counts, Missing) else int(closer.counts[at])
        return pfn, int(closer.flags[at]), count

    def notes(self, sample: Sample) -> list[str]:
        """How old the picture is; how long it took is said beside it."""
        known = sample.depth.frames if sample.depth else None
        return (
            [] if self.nothing(known) else [one for one in self.age(sample, known) if "read" in one]
        )
