"""The words around a page grid: what a cell is, what the page under the cursor says of itself."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui import units
from vmtui.draw.grid import Grid
from vmtui.draw.legend import swatch
from vmtui.draw.paint import DIM, FAINT, STRONG, Paint, Row, Run, row, spread, width
from vmtui.draw.sentences import figure, words
from vmtui.kernel import flags
from vmtui.missing import Missing
from vmtui.model.frame_words import in_words
from vmtui.model.page_survey import PageSurvey
from vmtui.model.states import PageState
from vmtui.model.vma_row import VmaRow

_BITS = (
    (63, flags.PM_PRESENT, "present", "in memory now", "no frame behind it"),
    (62, flags.PM_SWAPPED, "swapped", "in swap, or a marker", ""),
    (61, flags.PM_FILE, "file or shared", "of a file or of shared memory", "so it is anonymous"),
    (58, flags.PM_GUARD, "guard", "touching it faults", ""),
    (57, flags.PM_UFFD_WP, "uffd-wp", "write-protected by userfaultfd", ""),
    (56, flags.PM_EXCLUSIVE, "exclusive", "mapped exactly once", ""),
    (55, flags.PM_SOFT_DIRTY, "soft-dirty", "written since the bits were cleared", ""),
)  # fmt: skip


def scale(grid: Grid, cells: int) -> Row:
    """What a cell stands for, at the left; how to read the colours, as far as there is room."""
    pages = grid.pages_per_cell
    cell = "1 page" if pages == 1 else f"{units.size(grid.cell_bytes)}, {pages:,} pages"
    rows = "two rows" if grid.halves else "a row"
    left = (
        Run(f" 1 cell = {cell}", Paint("text", bold=True)),
        Run(f"   a line = {rows} of {units.size(grid.row_bytes)}", DIM),
    )
    how = ["white: changed in the last 2 s"]
    if pages > 1:
        how = ["hue: the largest share", "strength: how full", *how]
    while how and width(left) + len(" · ".join(how)) + 3 > cells:
        how.pop(0)
    return spread(left, (Run(" · ".join(how), FAINT), Run(" ")), cells)


def about_cell(vma: VmaRow, states: Sequence[int], address: int, grid: Grid, *, wide: bool) -> Row:
    """The cell under the cursor in a sentence: address, states, and where in its file it lies."""
    line = [Run(f"{address:012x}  ", STRONG)]
    if len(states) == 1:
        state = PageState(states[0])
        line += [swatch(state), figure(f" {state.slot}"), words(f", {state.meaning}")]
    else:
        counts = [0] * len(PageState)
        for code in states:
            counts[code] += 1
        for state in PageState:
            if counts[state]:
                amount = figure(f"{counts[state]:,}")
                line += [swatch(state), words(f" {state.slot} "), amount, Run("  ")]
    if vma.inode:
        line.append(words(f" · file offset {vma.offset + address - vma.start:#x}"))
    if not wide:
        cell = "1 page" if grid.pages_per_cell == 1 else units.size(grid.cell_bytes)
        line.append(Run(f"  ·  1 cell = {cell}, a line = {units.size(grid.line_bytes)}", FAINT))
    return row(*line)


def entry_rows(entry: int, frames_visible: bool) -> list[Row]:
    """A pagemap entry bit by bit, in words."""
    rows: list[Row] = [row(Run("what the entry says  ", STRONG), Run(f"{entry:016x}", DIM))]
    for number, mask, name, yes, no in _BITS:
        is_set = bool(entry & mask)
        rows.append(
            row(
                Run(f"  {number}  ", FAINT), Run(f"{int(is_set)} ", STRONG if is_set else FAINT),
                Run(f"{name:<16}", Paint("text") if is_set else DIM),
                words(yes if is_set else no),
            )
        )  # fmt: skip
    if entry & flags.PM_PRESENT:
        if frames_visible:
            frame = entry & flags.PM_PFN_MASK
            rows.append(row(Run("  frame  ", DIM), figure(f"{frame:#x}"),
                            words(f"  physical {frame:x}000")))  # fmt: skip
        else:
            rows.append(row(Run("  frame  ", DIM), words("hidden: only root sees frame numbers")))
    elif entry & flags.PM_SWAPPED and not entry & flags.PM_GUARD:
        device = entry & flags.PM_SWAP_TYPE_MASK
        slot = (entry & flags.PM_PFN_MASK) >> flags.PM_SWAP_OFFSET_SHIFT
        where = f"device {device}, slot {slot:#x}" if frames_visible else "hidden: needs root"
        rows.append(row(Run("  swap   ", DIM), words(where)))
    return rows


def frame_rows(frame_flags: int | Missing, map_count: int | Missing) -> list[Row]:
    """The frame's own flags in words, and how many entries map it."""
    rows: list[Row] = [()]
    if isinstance(frame_flags, Missing):
        unlock = f": {frame_flags.unlock}" if frame_flags.unlock else ""
        return [
            *rows,
            row(Run("what the frame says  ", STRONG), words(frame_flags.reason + unlock)),
        ]
    rows.append(row(Run("what the frame says  ", STRONG), Run(f"{frame_flags:#x}", DIM)))
    rows += [row(Run(f"  {name:<14}"), words(says)) for _, name, says in in_words(frame_flags)]
    if not isinstance(map_count, Missing):
        who = "no one else maps it" if map_count == 1 else "entries map it"
        rows.append(row(Run("  map count ", DIM), figure(str(map_count)), words(f"  {who}")))
    return rows


def provenance(survey: PageSurvey, pid: int) -> Row:
    """Where the grid comes from, what it took, and what could not be told."""
    source = survey.source.replace("/PID/", f"/{pid}/")
    line = [
        Run("from ", FAINT), words(f"{source} {survey.took_ns / 1e6:.1f} ms"),
        Run("   same number ", FAINT), words(f"grep -A25 '^{survey.start:x}' /proc/{pid}/smaps"),
    ]  # fmt: skip
    for name, why in survey.missing.items():
        line += [Run("   not told ", FAINT), words(f"{name}: {why.reason}")]
        break
    return row(*line)
