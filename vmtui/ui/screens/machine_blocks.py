"""Machine, tab «Blocks»: free memory in pieces, swap devices, huge page pools, KSM."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from vmtui import units
from vmtui.draw import machine_blocks, machine_charts, sentences
from vmtui.draw.machine_blocks import Blocks, block_size
from vmtui.draw.paint import DIM, FAINT, STRONG, Row, Run, row
from vmtui.draw.sentences import words
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.free_memory import ZoneBlocks, by_zone, together
from vmtui.model.machine import MachineReading, MachineRow
from vmtui.model.machine_history import MachineHistory
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText
from vmtui.ui.keymap import bind
from vmtui.ui.screens.machine import MachineScreen
from vmtui.ui.widgets.canvas import Canvas

_TALL = 30
_SOURCES = (
    ("free blocks", "/proc/buddyinfo", "cat /proc/buddyinfo",
     "Free blocks of 2^order pages. UNUSABLE is the share of free memory in smaller blocks."),
    ("per CPU", "/proc/zoneinfo, pagesets", "grep -A9 pagesets /proc/zoneinfo",
     "Free pages that each CPU keeps at hand; neither buddyinfo nor MemFree counts them."),
    ("swap", "/proc/swaps", "swapon --show",
     "Devices in use; the one with the highest priority is filled first."),
    ("zram", "/sys/block/zram*/mm_stat", "zramctl",
     "Swap that is memory again, compressed: what it holds, and in how little."),
    ("zswap", "/proc/meminfo, Zswap: and Zswapped:", "grep -i zswap /proc/meminfo",
     "Pages kept compressed in memory before they go to a swap device."),
    ("huge pages", "/sys/kernel/mm/hugepages", "grep -i huge /proc/meminfo",
     "Pools for hugetlb. RESERVED is promised and still free, SURPLUS beyond the pool's size, MORE "
     "how much surplus there may be."),
    ("transparent", "/sys/kernel/mm/transparent_hugepage/enabled",
     "cat /sys/kernel/mm/transparent_hugepage/enabled",
     "When private memory may be made of huge pages: always, where madvise asks, never."),
    ("KSM", "/sys/kernel/mm/ksm", "grep . /sys/kernel/mm/ksm/*",
     "Pages of equal contents merged into one frame, for those who asked for it."),
)  # fmt: skip
"""(what, where from, shell line, meaning)"""


class BlocksTab(MachineScreen):
    """One page, which scrolls where it is longer than the screen."""

    TITLE_OF_TAB = "Blocks"
    DEPTH = frozenset({"blocks", "overview"})
    DEFAULT_CSS = "BlocksTab #scroll { height: 1fr; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("table.up", "scroll(-1)", priority=True),
        bind("table.down", "scroll(1)", priority=True),
        bind("table.half_up", "scroll(-8)"),
        bind("table.half_down", "scroll(8)"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "panel.next", "help.explain", "mark.set", "mark.changes", "clock.pause", "help.show",
    )  # fmt: skip
    ABOUT: ClassVar[tuple[str, ...]] = (
        "Free memory is in pieces. Single pages can use every piece; a block of a larger size only "
        "those of its size and above: UNUSABLE is the share of free memory that it cannot use.",
        "Beside it swap devices, pools of huge pages and KSM. i says where each figure is from.",
    )

    def __init__(self) -> None:
        super().__init__()
        self._history = MachineHistory(machine_blocks.FIELDS)

    def part(self) -> Iterable[Widget]:
        """One drawing."""
        with VerticalScroll(id="scroll", can_focus=False):
            yield Canvas(id="page")

    def show_part(self, sample: Sample) -> None:
        """The blocks under the clock's cursor."""
        one = self._blocks(sample)
        wide = self.size.width >= 100
        lines = self.size.height - 3 - (3 if wide else 2)
        rows = machine_blocks.page(one, self.size.width - 2, lines)
        self.query_one("#page", Canvas).show([(Run(" "), *line) for line in rows])
        said = [machine_blocks.about(one, wide=wide)]
        if wide:
            said.append(
                row(
                    Run("from ", FAINT), words("/proc/buddyinfo, zoneinfo, swaps, /sys/kernel/mm"),
                    Run("   same numbers ", FAINT), words("cat /proc/buddyinfo; swapon --show"),
                )
            )  # fmt: skip
        self.inspect(said)

    def _blocks(self, sample: Sample) -> Blocks:
        depth = sample.depth
        detail = depth.blocks.value if depth and depth.blocks else None
        overview = depth.overview.value if depth and depth.overview else None
        return Blocks(
            MachineRow(sample.machine),
            None if isinstance(detail, Missing) else detail,
            None if isinstance(overview, Missing) else overview,
            self._series(), self._seconds,
        )  # fmt: skip

    @property
    def _seconds(self) -> float:
        return machine_charts.POINTS * self.session.plan.interval

    def _series(self) -> dict[str, list[float | None]]:
        """For the charts, which only tall screens have."""
        if self.size.height < _TALL:
            return {}
        readings = [one.machine for one in self.session.clock.window(self._seconds + 5)]
        return self._history.series(readings, machine_charts.POINTS)

    def action_scroll(self, lines: int) -> None:
        """A few lines up or down."""
        self.query_one("#scroll").scroll_relative(y=lines, animate=False)

    # Words

    def explanation(self) -> tuple[str, list[Row]]:
        """Every part: what it is, the file it came from, the shell line that shows the same."""
        rows: list[Row] = []
        for title, source, shell, meaning in _SOURCES:
            rows.append(row(Run(f"{title:<12}", STRONG), words(meaning)))
            rows.append(row(Run(" " * 12 + "from ", FAINT), words(source),
                            Run("   same number ", FAINT), words(shell)))  # fmt: skip
        return "free blocks, swap, huge pages, KSM", rows

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """How much more or less is free in blocks of each size."""
        before, after = _free(mark.machine), _free(now.machine)
        if before is None or after is None:
            return [row(Run("free blocks were not read at both moments", DIM))]
        return sentences.amount_changes(
            _by_size(before), _by_size(after),
            {order: f"free in blocks of {block_size(order)}" for order in range(64)},
        )  # fmt: skip

    def copied(self) -> DisplayText:
        """A line for each size: the size, and what is free in it."""
        sample = self.session.clock.current
        whole = None if sample is None else _free(sample.machine)
        sizes = {} if whole is None else _by_size(whole)
        return DisplayText(
            "\n".join(f"{block_size(order)}\t{units.size(free)}" for order, free in sizes.items())
        )


def _free(machine: MachineReading) -> ZoneBlocks | None:
    if isinstance(machine.free_blocks, Missing):
        return None
    return together(by_zone(machine.free_blocks, machine.zones))


def _by_size(whole: ZoneBlocks) -> dict[int, int]:
    return {order: (blocks << order) * PAGE_SIZE for order, blocks in enumerate(whole.orders)}
