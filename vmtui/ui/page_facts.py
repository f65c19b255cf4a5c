"""What level 4 says of a page beyond its bits: where it belongs, its moments. No Textual here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vmtui.draw import page_sheet, vma_lines
from vmtui.draw.paint import Row
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.page_past import PageMoment
from vmtui.observe.page_reading import PageReading
from vmtui.observe.page_view import NO_FILE, PageView
from vmtui.observe.sample import Sample
from vmtui.observe.symbols_told import Located
from vmtui.observe.target_reading import TargetReading
from vmtui.text import DisplayText, display, plain
from vmtui.ui.screens.target_screen import reading_of


def page_reading(sample: Sample | None, pid: int, address: int) -> PageReading | None:
    """What a sample knows of the page; None where it was not looked at then."""
    reading = reading_of(sample, pid)
    page = reading.page if reading else None
    return page if page and page.address // PAGE_SIZE == address // PAGE_SIZE else None


def why_nothing(reading: TargetReading | None, why: Missing | None, *, live: bool) -> str:
    """Why no page is shown, in a sentence."""
    if why is not None:
        return f"{why.reason}: {why.unlock}" if why.unlock else why.reason
    if reading is not None and reading.ended_at is not None:
        return "the process has exited before the page was looked at"
    return "waiting for the first look at this page" if live else "this page was not looked at then"


def belongings(
    view: PageView, located: Located | None
) -> list[tuple[str, DisplayText | str | Missing]]:
    """Label and value: VMA, file, section, function, swap slot, cgroup."""
    facts: list[tuple[str, DisplayText | str | Missing]] = [
        ("VMA", plain(f"{view.vma.perms} {vma_lines.full_name(view.vma)}"))
    ]
    if not isinstance(view.file_offset, Missing):
        facts.append(("offset", f"{view.file_offset:#x} in the file"))
    elif view.file_offset != NO_FILE:
        facts.append(("offset", view.file_offset))
    if located is not None:
        place = located.place
        if not isinstance(place.section, Missing):
            facts.append(("section", place.section))
        if not isinstance(place.symbol, Missing):
            plus = f"+{place.symbol_offset:#x}" if place.symbol_offset else ""
            facts.append(("function", plain(f"{place.symbol}{plus}")))
        elif not isinstance(place.section, Missing):
            facts.append(("function", place.symbol))
        if not isinstance(located.label, Missing) and located.label.symbols:
            names = ", ".join(located.label.symbols[:4])
            count = len(located.label.symbols) + located.label.more
            facts.append(("on page", plain(f"{count:,}: {names}{' …' if count > 4 else ''}")))
    if view.page.in_swap:
        slot = view.page.swap_offset
        if isinstance(slot, Missing):
            facts.append(("swap slot", slot))
        else:
            path = view.swap_path
            device = f"device {view.page.swap_type}" if isinstance(path, Missing) else display(path)
            facts.append(("swap slot", plain(f"{slot:#x} of {device}")))
    if not isinstance(view.cgroup, Missing):
        facts.append(("cgroup", display(view.cgroup)))
    elif not isinstance(view.page.pfn, Missing):
        facts.append(("cgroup", view.cgroup))
    return facts


def about(view: PageView, located: Located | None, cells: int) -> Row:
    """The page in a sentence."""
    parts = []
    count = view.page.map_count
    if not isinstance(count, Missing):
        alone = f"only {view.pid} maps this frame"
        parts.append(alone if count == 1 else f"{count:,} entries map this frame")
    if not isinstance(view.file_offset, Missing):
        parts.append(f"file offset {view.file_offset:#x}")
    place: DisplayText | Missing = located.place.text if located else Missing("not known yet")
    if isinstance(view.file_offset, Missing):
        place = vma_lines.full_name(view.vma)
    return page_sheet.sentence(view.state, place, parts, cells)


def moments(samples: Iterable[Sample], pid: int, address: int) -> Iterator[PageMoment]:
    """The page in each sample that looked at it; equal neighbours are one object and come once."""
    last: PageView | None = None
    for sample in samples:
        page = page_reading(sample, pid, address)
        if page is None or isinstance(page.view, Missing) or page.view is last:
            continue
        last = page.view
        yield PageMoment(sample.taken_at, last.state, last.page.pfn, last.page.map_count)
