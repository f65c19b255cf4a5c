"""Level 4 painted: the walk above entry and frame, who maps it, what became of it, its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from vmtui.draw import hexdump, mapper_lines, page_sheet
from vmtui.draw import walk as drawn_walk
from vmtui.draw.paint import FAINT, STRONG, Paint, Row, Run, fit, row, spread
from vmtui.draw.paint import on as on_ground
from vmtui.draw.sentences import words
from vmtui.kernel.files import PAGE_SIZE
from vmtui.missing import Missing
from vmtui.model.mappers import Mapper, Mappers
from vmtui.model.page_past import turns
from vmtui.observe.page_reading import PageReading
from vmtui.observe.page_view import PageView
from vmtui.observe.sample import Sample
from vmtui.observe.symbols_told import Located
from vmtui.ui.page_facts import about, belongings, moments, page_reading, why_nothing
from vmtui.ui.screens.observe import ObserveScreen
from vmtui.ui.screens.target_screen import reading_of
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.virtual_table import VirtualTable

_TALL, _HIGH = 34, 44
_ENTRY_CELLS = {"wide": 52, "middle": 50, "narrow": 37}
_BYTES_CELLS = 62
PAST_SECONDS = 600
PANELS = ("who maps it", "bytes", "past")
Contents = Literal["no", "present", "fault"]


class PagePanels(ObserveScreen):
    """Subclasses have the keys."""

    DEFAULT_CSS = """
    PagePanels #sheet { height: 1fr; }
    PagePanels #entry { height: 1fr; margin: 0 0 0 1; }
    PagePanels #middle { width: 1fr; height: 1fr; }
    PagePanels #past { height: auto; margin: 1 0 0 0; }
    PagePanels #right { height: 1fr; margin: 0 0 0 2; }
    """

    def __init__(self, pid: int, address: int) -> None:
        """The page of an address, which may lie anywhere in it."""
        super().__init__()
        self.pid, self.address = pid, address
        self._contents: Contents = "no"
        self._search = 1
        self._last_search = 1
        self._panel = 0
        self._shown: PageReading | None = None

    def body(self) -> Iterable[Widget]:
        """The walk above three columns: entry and frame, who maps it, bytes."""
        yield Canvas(id="walk")
        with Horizontal(id="sheet"):
            yield Canvas(id="entry")
            with Vertical(id="middle"):
                yield Canvas(id="who")
                yield VirtualTable(id="mappers")
                yield Canvas(id="past")
            with Vertical(id="right"):
                yield Canvas(id="bytes-title")
                yield VirtualTable(id="bytes")

    def on_mount(self) -> None:
        """The mappers have the keys."""
        super().on_mount()
        self.query_one("#mappers").focus()

    # Painting

    def show(self, sample: Sample) -> None:
        """The page under the clock's cursor, or why there is nothing."""
        self._arrange()
        page = page_reading(sample, self.pid, self.address)
        self._shown = page
        if page is None or isinstance(page.view, Missing):
            self._show_nothing(sample, page)
            return
        view, located = page.view, self._located(sample)
        self._show_walk(view)
        self._show_entry(view, located)
        self._show_mappers(page, view)
        self._show_past(view)
        self._show_bytes(page)
        self._show_inspector(view, located)

    @property
    def _width(self) -> Literal["wide", "middle", "narrow"]:
        cells = self.size.width
        return "wide" if cells >= 152 else "middle" if cells >= 100 else "narrow"

    @property
    def _bytes_shown(self) -> bool:
        """Whether the bytes have a place on screen."""
        return self._panel == 1 or self._width == "wide"

    def _arrange(self) -> None:
        """Which columns there are, and how wide."""
        wide, tall = self._width == "wide", self.size.height >= _TALL
        self.query_one("#entry").styles.width = _ENTRY_CELLS[self._width]
        middle, right = self.query_one("#middle"), self.query_one("#right")
        middle.display = wide or self._panel != 1
        right.display = self._bytes_shown
        right.styles.width = _BYTES_CELLS if wide else "1fr"
        both = wide or (tall and self._panel != 1)
        self.query_one("#who").display = both or self._panel == 0
        self.query_one("#mappers").display = both or self._panel == 0
        self.query_one("#past").display = both or self._panel == 2

    def _show_nothing(self, sample: Sample, page: PageReading | None) -> None:
        reading = reading_of(sample, self.pid)
        why = page.view if page and isinstance(page.view, Missing) else None
        said = why_nothing(reading, why, live=self.session.clock.live)
        self.query_one("#walk", Canvas).show([(), row(Run(f"  {said}", STRONG))])
        for name in ("#entry", "#who", "#past", "#bytes-title"):
            self.query_one(name, Canvas).show([])
        for name in ("#mappers", "#bytes"):
            self.query_one(name, VirtualTable).set_source((), key=id, draw_row=_nothing)
        self.inspect([()])

    def _show_walk(self, view: PageView) -> None:
        canvas, cells = self.query_one("#walk", Canvas), self.size.width
        high = self.size.height >= _HIGH
        lines = 17 if high else 14 if self.size.height >= _TALL else 10
        walk = view.walk
        if isinstance(walk, Missing):
            picture = [(), row(Run(" walk  ", STRONG), words(walk.reason))]
        else:
            box = drawn_walk.box_of(walk, view.state, view.page.pfn)
            picture = drawn_walk.rows(walk, box, cells, lines)
            if self.session.bars_by_letters:
                picture = drawn_walk.without_colour(picture)
            if self.size.height >= _TALL:
                tables = drawn_walk.tables_row(view.tables, walk.geometry.levels)
                picture.append(fit((Run(" "), *tables), cells))
        if high:
            picture = [(), *picture, ()]
        canvas.show([*picture, (Run("─" * cells, Paint("rule")),)])

    def _show_entry(self, view: PageView, located: Located | None) -> None:
        canvas, page = self.query_one("#entry", Canvas), view.page
        cells, lines = _ENTRY_CELLS[self._width] - 1, self._sheet_lines
        rest = page_sheet.belongs(belongings(view, located), cells)
        room = lines - len(rest) if lines >= len(rest) + 8 else lines
        rows = page_sheet.bits(
            page.entry, page.frames_visible, page.frame_flags, page.map_count, room
        )
        rows += rest if len(rows) + len(rest) <= lines else rest[1:]
        canvas.show([fit(line, cells) for line in rows[:lines]])

    @property
    def _sheet_lines(self) -> int:
        """Lines of the three columns; known before they are laid out."""
        walk = len(self.query_one("#walk", Canvas).rows)
        inspector = 3 if self.size.width >= 100 else 2
        return max(1, self.size.height - 2 - walk - inspector)

    @property
    def _middle_cells(self) -> int:
        taken = _ENTRY_CELLS[self._width] + 2
        if self._width == "wide" and self._bytes_shown:
            taken += _BYTES_CELLS + 2
        return max(20, self.size.width - taken)

    def _show_mappers(self, page: PageReading, view: PageView) -> None:
        cells, search = self._middle_cells, page.mappers
        pfn = view.page.pfn
        title = "who maps it" if isinstance(pfn, Missing) else f"who maps frame {pfn:x}"
        head = [row(Run(title, STRONG))]
        found: tuple[Mapper, ...] = ()
        if isinstance(search, Mappers):
            found = search.found
            head += _wrapped(mapper_lines.state(search), cells)
        elif isinstance(search, Missing):
            head += _wrapped(row(words(_reason(search))), cells)
        else:
            head.append(row(words("not looked for: x begins the search")))
        self.query_one("#who", Canvas).show(head)
        table = self.query_one("#mappers", VirtualTable)
        table.set_source(
            found, key=_mapper_key, draw_row=self._mapper_row,
            header=mapper_lines.HEADER if found else (),
        )  # fmt: skip

    def _mapper_row(self, mapper: Mapper, cells: int, selected: bool) -> Row:
        line = mapper_lines.line(mapper, self.pid)
        line = line if cells >= 52 else line[:3]  # bold alone says which one it is
        here = selected and self.query_one("#mappers").has_focus
        return on_ground(fit(line, cells), "cursor") if here else fit(line, cells)

    def _show_past(self, view: PageView) -> None:
        cells, rows = self._middle_cells, []
        lines = self._sheet_lines if self._panel == 2 and not self._tall_or_wide else 6
        if not isinstance(view.walk, Missing):
            rows += page_sheet.neighbours(view.walk, min(64, cells - 1))
            rows.append(())
        seen = moments(self.session.clock.window(PAST_SECONDS), self.pid, self.address)
        rows += page_sheet.past(turns(seen), cells - 1, max(2, lines - len(rows) + 2))
        self.query_one("#past", Canvas).show(rows)

    @property
    def _tall_or_wide(self) -> bool:
        return self._width == "wide" or self.size.height >= _TALL

    def _show_bytes(self, page: PageReading) -> None:
        title, table = (
            self.query_one("#bytes-title", Canvas),
            self.query_one("#bytes", VirtualTable),
        )
        contents = page.contents
        cells = _BYTES_CELLS if self._width == "wide" else self._middle_cells
        hides = row(Run("b hides ", FAINT)) if self._contents != "no" else ()
        head = [spread(row(Run("bytes", STRONG)), hides, cells - 1)]
        if isinstance(contents, bytes):
            each = 16 if cells >= _BYTES_CELLS else 8
            begin = page.address // PAGE_SIZE * PAGE_SIZE
            lines = range(begin, begin + len(contents), each)

            def draw(at: int, room: int, selected: bool) -> Row:
                width = 72 if each == 16 else 44  # what makes the drawing 16 or 8 bytes wide
                part = contents[at - begin : at - begin + each]
                line = fit(hexdump.rows(part, at, width, 1, self.address)[0], room)
                return on_ground(line, "cursor") if selected and table.has_focus else line

            fresh = table.row is None
            table.set_source(lines, key=int, draw_row=draw)
            if fresh:
                table.select(self.address // each * each)
        else:
            said = "press b to read them" if contents is None else _reason(contents)
            head += _wrapped(row(words(said)), cells - 1)
            table.set_source((), key=id, draw_row=_nothing)
        title.show(head)

    def _show_inspector(self, view: PageView, located: Located | None) -> None:
        cells = self.size.width - 2
        rows = [about(view, located, cells)]
        if self.size.width >= 100:
            page = view.start // PAGE_SIZE
            shell = f"dd if=/proc/{self.pid}/pagemap bs=8 skip=$((0x{page:x})) count=1 | xxd"
            files = (
                "pagemap, kpageflags, kpagecount, kpagecgroup"
                if cells >= 140
                else "pagemap, kpage*"
            )
            rows.append(
                row(
                    Run("from ", FAINT), words(files),
                    Run("   same number ", FAINT), words(shell),
                )
            )  # fmt: skip
        self.inspect(rows)

    def _located(self, sample: Sample) -> Located | None:
        reading = reading_of(sample, self.pid)
        located = reading.symbols.located if reading and reading.symbols else None
        return located if located and located.address == self.address else None


def _mapper_key(mapper: Mapper) -> tuple[int, int]:
    return mapper.pid, mapper.address


def _nothing(_row: object, _cells: int, _selected: bool) -> Row:
    return ()


def _reason(why: Missing) -> str:
    return f"{why.reason}: {why.unlock}" if why.unlock else why.reason


def _wrapped(line: Row, cells: int) -> list[Row]:
    from vmtui.ui.dialogs.prose import wrapped

    return wrapped(line, max(10, cells - 1))
