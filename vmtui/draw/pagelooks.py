"""What every cell of a page grid shows: exact counts, then one small number, its look.

A cell of many pages is never a sample: its hue is the largest share among the pages present, its
strength how many of them there are, in four steps over the vessel. A page that changed flashes
towards white and fades with the ticks; in a mixture the hottest page counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vmtui.draw.grid import Grid
from vmtui.draw.slots import STATE_SLOTS
from vmtui.model.states import LETTERS, PageState

STATES = len(PageState)
Look = int
"""What a cell looks like: 0 outside the VMA, else 1 + flash + 4 × strength + 16 × state."""
LOOKS = 1 + 16 * STATES
"""One more than the largest look."""
FULL = 3
"""The strength of a cell whose pages are (nearly) all present."""

_STRENGTHS = ("/30", "/50", "/75", "")
_THRESHOLDS = (0.3, 0.6, 0.94)
_FLASHES = ("", "!25", "!60", "!100")
_HEAT = np.array([0, 3, 2, 1] + [0] * 252, np.uint8)
"""How hot an age is: changed now 3, a tick ago 2, two ticks ago 1, otherwise 0."""
_CHUNK = 1 << 18


class Parts(NamedTuple):
    """A look taken apart."""

    state: int
    strength: int
    flash: int


def look_of(state: int, strength: int = FULL, flash: int = 0) -> Look:
    """The look of a cell inside the VMA."""
    return 1 + flash + 4 * strength + 16 * state


def parts_of(look: Look) -> Parts:
    """What a look other than 0 is made of."""
    state, rest = divmod(look - 1, 16)
    return Parts(state, *divmod(rest, 4))


def fill_slot(look: Look) -> str:
    """The slot of a look's fill; the screen's ground outside the VMA."""
    if not look:
        return ""
    state, strength, flash = parts_of(look)
    return STATE_SLOTS[state] + _STRENGTHS[strength] + _FLASHES[flash]


def letter_of(look: Look) -> str:
    """The letter of a look's state; a blank outside the VMA."""
    return LETTERS[parts_of(look).state] if look else " "


def cell_matrix(states: NDArray[np.uint8], grid: Grid) -> NDArray[np.int64]:
    """Pages per cell and state, cells of the window only: (cells × 12).

    Args:
        states: one PageState per page of the VMA.
        grid: the geometry.
    """
    found = np.zeros(grid.cells * STATES, np.int64)
    window = grid.window()
    place = window.start + (grid.start - grid.top) // grid.page_size
    low, offset = divmod(place, grid.pages_per_cell)
    chunk = max(_CHUNK, grid.pages_per_cell)
    # A chunk holds whole cells, so every chunk begins at the same offset into its first cell.
    of_cell = np.arange(offset, offset + min(chunk, len(window))) // grid.pages_per_cell * STATES
    for first in range(window.start, window.stop, chunk):
        piece = states[first : min(first + chunk, window.stop)]
        counted = np.bincount(of_cell[: len(piece)] + piece)
        found[low * STATES : low * STATES + len(counted)] += counted
        low += chunk // grid.pages_per_cell
    return found.reshape(grid.cells, STATES)


def looks(
    states: NDArray[np.uint8],
    grid: Grid,
    age: NDArray[np.uint8] | None = None,
    *,
    inaccessible: bool = False,
) -> NDArray[np.int32]:
    """The look of every cell of the window.

    Args:
        states: one PageState per page of the VMA.
        grid: the geometry.
        age: ticks since each page changed: 1 at the tick itself, 2 and 3 after it, 0 not lately.
        inaccessible: the VMA is PROT_NONE, so that what is absent is drawn as guard.
    """
    if grid.pages_per_cell == 1:
        found = np.zeros(grid.cells, np.int32)
        window = grid.window()
        place = (grid.start - grid.top) // grid.page_size
        seen = states[window.start : window.stop].astype(np.int32)
        found[window.start + place : window.stop + place] = look_of(0) + 16 * seen
        if inaccessible:
            found[found == look_of(PageState.ABSENT)] = look_of(PageState.GUARD)
    else:
        found = _shared(states, grid, inaccessible)
    if age is not None and age.any():
        found += _heat(age, grid)
    return found


def _shared(states: NDArray[np.uint8], grid: Grid, inaccessible: bool) -> NDArray[np.int32]:
    """The look of cells of several pages; only cells whose pages differ are counted out."""
    found = np.zeros(grid.cells, np.int32)
    window = grid.window()
    if not window:
        return found
    pages, size = states[window.start : window.stop], grid.pages_per_cell
    first, offset = divmod(window.start + (grid.start - grid.top) // grid.page_size, size)
    edges = np.arange(-offset, len(pages), size).clip(0)
    lowest = np.minimum.reduceat(pages, edges)
    (differ,) = np.nonzero(lowest != np.maximum.reduceat(pages, edges))
    if len(differ) * size > _CHUNK:
        return _mixed(cell_matrix(states, grid), inaccessible)
    if inaccessible:
        lowest[lowest == PageState.ABSENT] = PageState.GUARD
    found[first : first + len(lowest)] = look_of(0) + 16 * lowest.astype(np.int32)
    if len(differ):
        places = edges[differ, None] + np.arange(size)
        ends = np.append(edges[1:], len(pages))[differ, None]
        flat = STATES * np.arange(len(differ))[:, None] + pages[places.clip(max=len(pages) - 1)]
        counts = np.bincount(flat[places < ends], minlength=STATES * len(differ))
        found[first + differ] = _mixed(counts.reshape(-1, STATES), inaccessible)
    return found


def _mixed(counts: NDArray[np.int64], inaccessible: bool) -> NDArray[np.int32]:
    """The look of cells from their counts."""
    total = counts.sum(axis=1)
    present = total - counts[:, PageState.ABSENT]
    # States later in the legend, the ones worth a look, win a tie.
    hue = STATES - 1 - np.argmax(counts[:, :0:-1], axis=1)
    fill = present / np.maximum(total, 1)
    strength = np.searchsorted(_THRESHOLDS, fill, side="right")
    empty = int(PageState.GUARD) if inaccessible else int(PageState.ABSENT)
    hue = np.where(present > 0, hue, empty)
    strength = np.where(present > 0, strength, 3)
    found = np.where(total > 0, 1 + 4 * strength + 16 * hue, 0)
    return found.astype(np.int32)


def _heat(age: NDArray[np.uint8], grid: Grid) -> NDArray[np.int32]:
    """The flash of every cell: its hottest page counts."""
    window = grid.window()
    if not window:
        return np.zeros(grid.cells, np.int32)
    heat = _HEAT[age[window.start : window.stop]]
    place = window.start + (grid.start - grid.top) // grid.page_size
    first, offset = divmod(place, grid.pages_per_cell)
    edges = np.arange(-offset, len(heat), grid.pages_per_cell).clip(0)
    hottest = np.maximum.reduceat(heat, edges)
    found = np.zeros(grid.cells, np.int32)
    found[first : first + len(hottest)] = hottest
    return found
