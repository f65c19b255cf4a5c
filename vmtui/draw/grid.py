"""Where each page of a VMA stands in the grid: addresses, cells and pages into each other.

A cell stands for a power of two of pages, a row of cells starts at a multiple of its own span (so
that gutter addresses end in zeros), and every 16 columns a blank one gives the eye a scale. The
grid is a window: `top` is the address of its first row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

GROUP = 16
"""Columns between two blank ones."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The geometry of one view of a VMA's pages."""

    start: int
    """The VMA's first address."""
    end: int
    """The first address after it."""
    page_size: int
    columns: int
    """Cells in a row: 32, 64 or 128."""
    lines: int
    """Terminal lines the cells take."""
    pages_per_cell: int = 1
    """A power of two."""
    halves: bool = True
    """Two rows of cells in a line; otherwise one, with letters."""
    top: int = 0
    """The address of the first row: a multiple of the line's span."""
    short: bool = False
    """Gutter addresses without the digits that all lines share."""
    least_digits: int = 12
    """Of a gutter address that is written in full."""

    @property
    def rows_per_line(self) -> int:
        """Rows of cells in a terminal line."""
        return 2 if self.halves else 1

    @property
    def cell_rows(self) -> int:
        """Rows of cells in the window."""
        return self.lines * self.rows_per_line

    @property
    def cells(self) -> int:
        """Cells in the window."""
        return self.cell_rows * self.columns

    @property
    def cell_bytes(self) -> int:
        """The address span of a cell."""
        return self.pages_per_cell * self.page_size

    @property
    def row_bytes(self) -> int:
        """The span of a row of cells."""
        return self.columns * self.cell_bytes

    @property
    def line_bytes(self) -> int:
        """The span of a terminal line."""
        return self.row_bytes * self.rows_per_line

    @property
    def bottom(self) -> int:
        """The first address below the window."""
        return self.top + self.lines * self.line_bytes

    @property
    def gutter(self) -> int:
        """Cells left of the first column: the address and the cursor's mark."""
        return self.digits + 2

    @property
    def digits(self) -> int:
        """Hexadecimal digits of a gutter address."""
        whole = max(self.least_digits, len(f"{self.end - 1:x}"))
        return 8 if self.short and self.shared_prefix is not None else whole

    @property
    def shared_prefix(self) -> str | None:
        """The digits above the last eight, when every line of the window has the same."""
        if self.top >> 32 != max(self.top, self.bottom - 1) >> 32:
            return None
        return f"{self.top >> 32:04x}"

    @property
    def width(self) -> int:
        """Cells of every row of the drawing."""
        return self.gutter + self.columns + (self.columns - 1) // GROUP

    @property
    def pages(self) -> int:
        """Pages of the VMA."""
        return (self.end - self.start) // self.page_size

    def window(self) -> range:
        """Indices of the VMA's pages that are in the window."""
        first = max(self.top, self.start) - self.start
        last = min(self.bottom, self.end) - self.start
        return range(first // self.page_size, max(first, last) // self.page_size)

    def cell_of(self, address: int) -> int | None:
        """The cell of an address, counted row by row; None outside the window."""
        if not self.top <= address < self.bottom:
            return None
        return (address - self.top) // self.cell_bytes

    def address_of(self, cell: int) -> int:
        """The first address of a cell, which can lie before the VMA's."""
        return self.top + cell * self.cell_bytes

    def pages_of(self, cell: int) -> range:
        """Indices of the VMA's pages in a cell; empty outside the VMA."""
        first = max(self.address_of(cell), self.start)
        last = min(self.address_of(cell + 1), self.end)
        begin = (first - self.start) // self.page_size
        return range(begin, max(begin, (last - self.start) // self.page_size))

    def x_of(self, column: int) -> int:
        """Where a column of cells is drawn."""
        return self.gutter + column + column // GROUP

    def cell_at(self, x: int, line: int) -> int | None:
        """The cell drawn at a place (line 0 is the first of cells); the upper of two halves."""
        place = x - self.gutter
        group, within = divmod(place, GROUP + 1)
        column = group * GROUP + within
        if place < 0 or within == GROUP or column >= self.columns or not 0 <= line < self.lines:
            return None
        return line * self.rows_per_line * self.columns + column

    def showing(self, address: int) -> Grid:
        """This grid, scrolled by as few lines as bring the address into its window."""
        line = address // self.line_bytes * self.line_bytes
        first = self.start // self.line_bytes * self.line_bytes
        top = min(max(self.top, line - (self.lines - 1) * self.line_bytes), line)
        top = max(first, top // self.line_bytes * self.line_bytes)
        return replace(self, top=top)

    def zoomed(self, pages_per_cell: int, halves: bool, address: int) -> Grid:
        """This grid at another step, with the address near the middle of the window."""
        grid = replace(self, pages_per_cell=pages_per_cell, halves=halves)
        if not grid.whole_fits():
            middle = address // grid.line_bytes - grid.lines // 2
            return replace(grid, top=max(0, middle) * grid.line_bytes).clamped()
        return grid.clamped()

    def clamped(self) -> Grid:
        """This grid with a window that begins no earlier and ends no later than it needs to."""
        first = self.start // self.line_bytes
        last = (self.end - 1) // self.line_bytes
        line = min(self.top // self.line_bytes, last - self.lines + 1)
        return replace(self, top=max(first, line) * self.line_bytes)

    def whole_fits(self) -> bool:
        """Whether the window can hold the whole VMA at this step."""
        first = self.start // self.line_bytes
        return (self.end - 1) // self.line_bytes - first < self.lines


def fitting(
    start: int,
    end: int,
    page_size: int,
    columns: int,
    lines: int,
    *,
    halves: bool = True,
    short: bool = False,
) -> Grid:
    """The grid whose smallest cells show the whole VMA at once."""
    grid = Grid(start, end, page_size, columns, max(1, lines), 1, halves, 0, short)
    while not grid.whole_fits():
        grid = replace(grid, pages_per_cell=grid.pages_per_cell * 2)
    return grid.clamped()
