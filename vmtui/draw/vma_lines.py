"""VMAs in lines: the names in table and picture, a sentence on one."""

from __future__ import annotations

from collections.abc import Sequence

from vmtui import units
from vmtui.draw import table
from vmtui.draw.legend import swatch
from vmtui.draw.paint import STRONG, Row, Run, row
from vmtui.draw.sentences import figure, words
from vmtui.missing import Missing
from vmtui.model.states import PageState
from vmtui.model.vma_row import VmaRow
from vmtui.text import DisplayText, plain


def name_cell(vma: VmaRow, width: int) -> Row:
    """The name in the table: a path loses its head; what has no name is left empty."""
    return table.path(vma.name, width) if vma.name else (Run(" " * width),)


def full_name(vma: VmaRow) -> DisplayText:
    """The name, or the kind in brackets."""
    return vma.name or plain(f"[{vma.kind}]")


def short_name(vma: VmaRow) -> str:
    """The name under a vessel: heap, libc.so.6, work_mem, shared."""
    name = vma.name.removesuffix(" (deleted)")
    if name == "/dev/zero":
        return "shared"
    if name.startswith("["):
        return name.strip("[]").removeprefix("anon:").strip()
    return name.rpartition("/")[2]


def about(
    vma: VmaRow, counts: Sequence[int] | None, page_size: int, changed: int | None, *, wide: bool
) -> Row:
    """One VMA in a sentence: reserved, resident, in which states, changed since the mark.

    Args:
        vma: the row under the cursor.
        counts: its pages by state, from the scan; None when it was not scanned.
        page_size: bytes of a page.
        changed: change of its Rss since the mark in bytes; None without a mark.
        wide: whether there is room for the sentence.
    """
    line = [Run(f"{full_name(vma)} {vma.perms}  ", STRONG)]
    if wide:
        line += [figure(units.size(vma.size)), words(" reserved")]
        if not isinstance(vma.rss, Missing):
            line += [words(", "), figure(units.size(vma.rss)), words(" resident")]
        line.append(words(":  "))
    if counts is None:
        line.append(words("its pages are not known"))
    else:
        for state in PageState:
            if counts[state]:
                amount = units.size(int(counts[state]) * page_size)
                line += [swatch(state), words(f" {state.slot} "), figure(amount), Run("  ")]
    if changed:
        line += [figure(units.change(changed)), words(" since the mark")]
    return row(*line)
