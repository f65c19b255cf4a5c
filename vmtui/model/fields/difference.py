"""Every figure of a difference, declared once: of VMAs, of processes, of the machine.

The columns of `vmtui diff` and of the app's screen of differences, and the keys of its document.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vmtui.missing import Missing
from vmtui.model.fields.field import Field, Unit, by_id

if TYPE_CHECKING:  # these need numpy, which the list of fields does not
    from vmtui.model.leak_report import Leaking
    from vmtui.model.machine_difference import MachineDifference
    from vmtui.model.process_difference import ProcessDifference
    from vmtui.model.vma_difference import VmaDifference

_SMAPS = "two readings of /proc/PID/smaps"
_MAPS = "two readings of /proc/PID/maps"
_SCANS = "two PAGEMAP_SCANs of /proc/PID/pagemap"
_PMAP = "diff <(pmap -X PID) <(sleep 10; pmap -X PID)"
_DIFF = "vmtui diff FILE@A @B --json"
_PS = "ps -o pid,rss,comm; sleep 10; ps -o pid,rss,comm"


def _figure(
    name: str, title: str, words: str, *, default: bool = False, leaves_below: int = 0,
    slot: str = "",
) -> tuple[Field[VmaDifference], ...]:  # fmt: skip
    """A figure before, after, and its change."""
    source = _MAPS if name == "size" else _SMAPS
    return (
        Field(
            f"{name}_delta", f"Δ{title}", Unit.CHANGE, f"Change of {words}.", source, _PMAP,
            lambda row: row.delta(name), width=6, default=default, leaves_below=leaves_below,
            slot=slot,
        ),
        Field(
            f"{name}_before", f"{title}-A", Unit.BYTES, f"At the earlier moment: {words}.",
            source, _PMAP, lambda row: row.before(name), default=False,
        ),
        Field(
            f"{name}_after", f"{title}-B", Unit.BYTES, f"At the later moment: {words}.",
            source, _PMAP, lambda row: row.after(name), default=False,
        ),
    )  # fmt: skip


def _moved(name: str, title: str, words: str, *moves: str) -> Field[VmaDifference]:
    def get(row: VmaDifference) -> int | Missing:
        from vmtui.model.page_moves import PageMove  # brings numpy

        total = 0
        for move in moves:
            pages = row.pages(PageMove[move])
            if isinstance(pages, Missing):
                return pages
            total += pages
        return total

    return Field(
        f"pages_{name}", title, Unit.PAGES, words, _SCANS, _DIFF, get, width=8, default=False
    )


def _get(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name)


# fmt: off
VMA_DIFFERENCE_FIELDS: tuple[Field[VmaDifference], ...] = (
    Field("pid_a", "PID-A", Unit.ID, "The process at the earlier moment.", _MAPS, _PMAP,
          lambda row: row.difference.before.pid, width=7, default=False),
    Field("pid_b", "PID-B", Unit.ID, "The process at the later moment: another one where two are "
          "compared.", _MAPS, _PMAP, lambda row: row.difference.after.pid, width=7, default=False),
    Field("change", "CHANGE", Unit.TEXT,
          "added, removed, grew, shrank or same: by what is resident, else by its size.",
          _SMAPS, _PMAP, _get("change"), width=7),
    *_figure("rss", "RSS", "what is in RAM", default=True),
    *_figure("private_dirty", "DIRTY", "what is in RAM, written to, and this process's alone",
             default=True, leaves_below=100),
    *_figure("swap", "SWAP", "what is in swap", default=True, slot="swapped"),
    *_figure("size", "SIZE", "the address space that is reserved", default=True,
             leaves_below=100),
    *_figure("pss", "PSS", "its fair share of RAM", default=True, leaves_below=152),
    *_figure("anon_huge_pages", "THP", "private memory in transparent huge pages", default=True,
             leaves_below=120),
    Field("start", "ADDRESS", Unit.ADDRESS, "Its lowest address, at the later moment if it is "
          "there then.", _MAPS, _PMAP, _get("start"), width=12, leaves_below=120),
    Field("name", "NAME", Unit.TEXT,
          "What the VMA is called; in brackets what private memory without a name looks like.",
          _MAPS, _PMAP, _get("name"), width=15),
    Field("cause", "CAUSE", Unit.TEXT,
          "What made the difference, as the two moments and those between tell it.",
          f"{_MAPS}, smaps and pagemap", _DIFF, _get("cause"), width=0),
    Field("causes", "CAUSES", Unit.TEXT,
          "The names of the causes, the most telling first, for scripts.", _SCANS, _DIFF,
          lambda row: tuple(str(cause.why) for cause in row.causes), width=12, default=False),
    Field("kind", "KIND", Unit.TEXT, "What it is for, as for VMAs.", _MAPS, _PMAP, _get("kind"),
          width=7, default=False),
    Field("perms", "PERM", Unit.TEXT,
          "What the process may do there; … where not all of it is alike.", _MAPS, _PMAP,
          _get("perms"), width=5, default=False),
    Field("end", "END", Unit.ADDRESS, "The first address after it.", _MAPS, _PMAP, _get("end"),
          width=12, default=False),
    Field("vmas_before", "VMAS-A", Unit.COUNT, "VMAs that it was at the earlier moment.", _MAPS,
          _PMAP, lambda row: row.count[0], default=False),
    Field("vmas_after", "VMAS-B", Unit.COUNT, "VMAs that it is at the later moment.", _MAPS,
          _PMAP, lambda row: row.count[1], default=False),
    _moved("appeared", "TOUCHED", "Pages that had no frame and have one now.",
           "APPEARED", "APPEARED_HUGE"),
    _moved("to_swap", "TO-SWAP", "Pages that went to swap.", "TO_SWAP"),
    _moved("from_swap", "FR-SWAP", "Pages that came back from swap.", "FROM_SWAP"),
    _moved("dropped", "DROPPED", "Pages that are nowhere any more, though still mapped.",
           "DROPPED", "SWAP_DROPPED"),
    _moved("unmapped", "UNMAPPED", "Pages that went with their mapping.",
           "UNMAPPED", "SWAP_UNMAPPED"),
    _moved("became_huge", "HUGE", "Pages that were small and are part of a huge page now.",
           "BECAME_HUGE"),
    _moved("split", "SPLIT", "Pages that were part of a huge page and no longer are.", "SPLIT"),
    _moved("became_shared", "SHARED", "Private pages that others map as well now.",
           "BECAME_SHARED"),
    _moved("became_exclusive", "OWN", "Private pages that nobody else maps any more.",
           "BECAME_OWN"),
)

PROCESS_DIFFERENCE_FIELDS: tuple[Field[ProcessDifference], ...] = (
    Field("change", "CHANGE", Unit.TEXT, "added, removed, grew, shrank or same.",
          "/proc/PID/statm", _PS, _get("change"), width=7),
    Field("rss_delta", "ΔRSS", Unit.CHANGE, "Change of the resident set.", "/proc/PID/statm", _PS,
          _get("delta")),
    Field("rss_before", "RSS-A", Unit.BYTES, "Resident at the earlier moment.",
          "/proc/PID/statm", _PS, _get("before")),
    Field("rss_after", "RSS-B", Unit.BYTES, "Resident at the later moment.",
          "/proc/PID/statm", _PS, _get("after")),
    Field("pid", "PID", Unit.ID, "Its number, at the later moment if it is there then.",
          "/proc/PID/stat", _PS, _get("pid"), width=7),
    Field("comm", "NAME", Unit.TEXT, "The short name.", "/proc/PID/stat", _PS, _get("comm"),
          width=15),
    Field("cause", "CAUSE", Unit.TEXT, "What made the difference, as far as the list tells it.",
          "/proc/PID/status", _PS, _get("cause"), width=0),
)

LEAK_FIELDS: tuple[Field[Leaking], ...] = (
    Field("bytes_a_minute", "A MINUTE", Unit.BYTES, "How fast its private memory grows.", _SCANS,
          _DIFF, _get("bytes_a_minute"), width=8),
    Field("bytes_per_second", "A SECOND", Unit.RATE, "The same, in bytes a second.", _SCANS, _DIFF,
          lambda one: one.leak.bytes_per_second, width=8, default=False),
    Field("grown", "GROWN", Unit.BYTES, "How much it grew from the one moment to the other.",
          _SCANS, _DIFF, lambda one: one.leak.grown),
    Field("rises", "RISES", Unit.COUNT, "Steps from moment to moment in which it grew.", _SCANS,
          _DIFF, lambda one: one.leak.rises, width=5),
    Field("steps", "OF", Unit.COUNT, "All such steps: in none of them did it shrink.", _SCANS,
          _DIFF, lambda one: one.leak.steps, width=5),
    Field("start", "ADDRESS", Unit.ADDRESS, "Its lowest address.", _MAPS, _PMAP,
          lambda one: one.row.start, width=12),
    Field("name", "NAME", Unit.TEXT, "What it is called.", _MAPS, _PMAP, lambda one: one.row.name,
          width=0),
)

MACHINE_DIFFERENCE_FIELDS: tuple[Field[MachineDifference], ...] = (
    Field("name", "NAME", Unit.TEXT, "The part, or the counter, by the kernel's or our name.",
          "/proc/meminfo, /proc/vmstat", "", _get("name"), width=18),
    Field("unit", "UNIT", Unit.TEXT, "bytes, or events: of those only the change says anything.",
          "", "", _get("unit"), width=6, default=False),
    Field("before", "A", Unit.BYTES, "At the earlier moment.", "", "", _get("before")),
    Field("after", "B", Unit.BYTES, "At the later moment.", "", "", _get("after")),
    Field("delta", "CHANGE", Unit.CHANGE, "The change.", "", "", _get("delta")),
    Field("about", "IS", Unit.TEXT, "What it is.", "", "", _get("about"), width=0),
)
# fmt: on

VMA_DIFFERENCE_FIELDS_BY_ID = by_id(VMA_DIFFERENCE_FIELDS)
PROCESS_DIFFERENCE_FIELDS_BY_ID = by_id(PROCESS_DIFFERENCE_FIELDS)
MACHINE_DIFFERENCE_FIELDS_BY_ID = by_id(MACHINE_DIFFERENCE_FIELDS)
