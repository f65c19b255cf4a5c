"""Where one looks in a VMA: the grid's window and zoom, and the address under the cursor.

Knows no Textual. Zoom steps are powers of two of pages a cell, from the step that fits the whole
VMA down to one page a cell with its letter. All of physical memory is looked at in the same way.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vmtui.draw.grid import Grid, fitting
from vmtui.kernel.files import PAGE_SIZE
from vmtui.model.page_survey import PageSurvey

Step = tuple[int, bool]
"""(pages a cell, half blocks)."""
CLOSEST: Step = (1, False)


class PageCursor:
    """Survives new surveys and new window sizes: zoom, place and address stay."""

    def __init__(self, address: int, *, close: bool, digits: int = 12) -> None:
        """At an address.

        Args:
            address: where the cursor stands at first.
            close: whether to begin at one page a cell rather than with the whole VMA.
            digits: of an address in the gutter, at least.
        """
        self.address = address // PAGE_SIZE * PAGE_SIZE
        self.block_pages = 1
        """Pages that are known together: the cells that show everything hold no fewer."""
        self.most_pages = sys.maxsize
        """What a window may hold where its cells are smaller than a block."""
        self._digits = digits
        self.grid: Grid | None = None
        self._fits = not close
        self._halves = True

    def place(
        self, start: int, end: int, columns: int, lines: int, *, halves: bool, short: bool
    ) -> Grid:
        """The grid for these addresses in a window of that size.

        Args:
            start: the first address.
            end: the first one after them.
            columns: cells in a row.
            lines: terminal lines for the cells.
            halves: whether two rows of cells share a line when zoomed out.
            short: whether the gutter leaves out the digits all lines share.
        """
        self._halves = halves
        self.address = min(max(self.address, start), end - PAGE_SIZE)
        old = self.grid
        if old is None or self._fits:
            grid = self._fitting(start, end, columns, lines, short=short)
            if not self._fits:
                grid = grid.zoomed(*CLOSEST, self.address)
        else:
            grid = replace(old, start=start, end=end, columns=columns, lines=lines, short=short)
            grid = replace(grid, top=grid.top // grid.line_bytes * grid.line_bytes).clamped()
        self.grid = grid if grid.whole_fits() else grid.showing(self.address)
        return self.grid

    def go(self, address: int) -> None:
        """To an address, as near as the VMA allows; the window follows."""
        if self.grid is not None:
            inside = min(max(address, self.grid.start), self.grid.end - 1)
            self.address = inside // PAGE_SIZE * PAGE_SIZE
            if not self.grid.whole_fits():
                self.grid = self.grid.showing(self.address)

    def move(self, columns: int, rows: int) -> None:
        """By cells and rows of cells."""
        if self.grid is not None:
            step = columns * self.grid.cell_bytes + rows * self.grid.row_bytes
            self.go(self.address // self.grid.cell_bytes * self.grid.cell_bytes + step)

    def move_windows(self, windows: int) -> None:
        """By what fits the window."""
        if self.grid is not None:
            self.go(self.address + windows * self.grid.lines * self.grid.line_bytes)

    def steps(self) -> list[Step]:
        """Every zoom step, closest first."""
        grid = self.grid
        if grid is None:
            return [CLOSEST]
        fit = self._fitting(grid.start, grid.end, grid.columns, grid.lines, short=False)
        steps, pages = [CLOSEST], 1 if self._halves else 2
        while pages <= fit.pages_per_cell:
            if pages >= self.block_pages or pages * fit.cells <= self.most_pages:
                steps.append((pages, self._halves))
            pages *= 2
        return steps

    def _fitting(self, start: int, end: int, columns: int, lines: int, *, short: bool) -> Grid:
        """The grid that shows everything at once."""
        grid = fitting(start, end, PAGE_SIZE, columns, lines, halves=self._halves, short=short)
        pages = max(grid.pages_per_cell, self.block_pages)
        return replace(grid, pages_per_cell=pages, least_digits=self._digits).clamped()

    def zoom(self, wider: int) -> None:
        """So many steps wider, or closer when negative."""
        if self.grid is not None:
            steps, now = self.steps(), (self.grid.pages_per_cell, self.grid.halves)
            at = steps.index(now) if now in steps else len(steps) - 1
            self.zoom_to(steps[min(max(0, at + wider), len(steps) - 1)])

    def zoom_to(self, step: Step) -> None:
        """To a step, the cursor near the middle."""
        if self.grid is not None:
            self._fits = False
            self.grid = self.grid.zoomed(*step, self.address)
            self.go(self.address)

    def fit(self) -> None:
        """The whole VMA from the next placing on."""
        self._fits = True

    @property
    def fits(self) -> bool:
        """Whether the whole VMA is shown because nobody chose another step."""
        return self._fits

    @property
    def closest(self) -> bool:
        """Whether a cell is one page with its letter."""
        grid = self.grid
        return grid is not None and (grid.pages_per_cell, grid.halves) == CLOSEST

    @property
    def cell_address(self) -> int:
        """The first address of the cell under the cursor that lies in the VMA."""
        if self.grid is None:
            return self.address
        return max(self.grid.start, self.address // self.grid.cell_bytes * self.grid.cell_bytes)

    def cell_states(self, survey: PageSurvey) -> bytes:
        """The states of the pages in that cell, in order."""
        span = PAGE_SIZE if self.grid is None else self.grid.cell_bytes
        end = min(self.address // span * span + span, survey.end)
        first = (self.cell_address - survey.start) // PAGE_SIZE
        return bytes(survey.states[first : (end - survey.start) // PAGE_SIZE])

    def next_change(
        self, survey: PageSurvey, ages: NDArray[np.uint8] | None, direction: int
    ) -> int | None:
        """The next address whose page changed lately, else where the state changes; or None.

        Args:
            survey: the pages.
            ages: of the flash, as `Heat.ages` gives them.
            direction: 1 for higher addresses, −1 for lower ones.
        """
        here = (self.address - survey.start) // PAGE_SIZE
        places = np.flatnonzero(ages) if ages is not None else np.empty(0, np.int64)
        if not len(places):
            places = np.flatnonzero(survey.states[1:] != survey.states[:-1]) + 1
        further = places[places > here] if direction > 0 else places[places < here][::-1]
        return survey.start + int(further[0]) * PAGE_SIZE if len(further) else None
