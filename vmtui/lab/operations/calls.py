"""What the operations that are one system call on some pages share."""

from __future__ import annotations

from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout
from vmtui.lab.operations import abi
from vmtui.lab.text import Text
from vmtui.lab.words import Slice


def c_call(layout: Layout, name: str, pages: Slice, function: str, *more: str) -> tuple[str, ...]:
    """`function(start, length, …)` over a slice; a loop where it has holes."""
    chosen, variable = pages.of(layout.pages(name)), abi.c_name(name)
    rest = "".join(f", {word}" for word in more) + ");"
    parts = layout.places[name]
    if len(parts) > 1:
        return (
            f"for (unsigned long k = {chosen.start}; k < {chosen.stop}; k += {chosen.step})",
            f"    {function}({variable}[k], {parts[0].pages * PAGE_SIZE}UL{rest}",
        )
    if chosen.step == 1 or len(chosen) == 1:
        start = f" + {chosen.start * PAGE_SIZE}UL" if chosen.start else ""
        return (f"{function}({variable}{start}, {len(chosen) * PAGE_SIZE}UL{rest}",)
    return (
        f"for (unsigned long i = {chosen.start}; i < {chosen.stop}; i += {chosen.step})",
        f"    {function}({variable} + i * {PAGE_SIZE}, {PAGE_SIZE}{rest}",
    )


def told_pages(name: str, pages: Slice) -> Text:
    """Which pages of a region, in words: «every 10th page of buf», or the region alone."""
    if pages.whole:
        return Text(name, f"{name} ")
    if (page := pages.page_alone) is not None:
        return Text(f"page {page} of {name}", f"{name} のページ {page} ")
    every = Text("", "")
    if pages.stride > 1:
        nth = f"{pages.stride} ページごとに 1 ページ"
        every = Text(f"every {_ordinal(pages.stride)} page of ", nth)
    if pages.start is None and pages.stop is None:
        return Text(f"{every.en}{name}", f"{name} の {every.ja}")
    start, last = f"{pages.start or 0}", _last(pages)
    if start == last.en:
        return Text(f"page {start} of {name}", f"{name} のページ {start} ")
    unit = Text("page ", "ページ ") if start.isdigit() else Text("", " ")
    return Text(
        f"{every.en}{name} from {unit.en}{start} to {last.en}",
        f"{name} の{unit.ja}{start} から{last.ja}まで{'の ' + every.ja if every.ja else ''}",
    )


def _last(pages: Slice) -> Text:
    """The last page of a slice, which itself names the one after that."""
    stop = pages.stop
    if stop is None:
        return Text("the end", "最後")
    last = str(stop) if stop.percent or stop.number < 1 else str(stop.number - 1)
    return Text(last, f" {last} ")


def _ordinal(number: int) -> str:
    last = number % 100 if number % 100 in (11, 12, 13) else number % 10
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(last, 'th')}"
