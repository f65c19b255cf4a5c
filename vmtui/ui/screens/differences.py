"""Two moments side by side: VMAs with the cause of each change, processes, the machine, leaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from vmtui.draw import columns, difference_bars, difference_lines, tabs
from vmtui.draw.columns import CellOf
from vmtui.draw.difference_bars import Changes
from vmtui.draw.edges import AREAS, Heading
from vmtui.draw.paint import DIM, Paint, Row, Run, ended, row, text_of
from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.model.fields.difference import PROCESS_DIFFERENCE_FIELDS
from vmtui.model.fields.field import Field
from vmtui.model.leak_report import Leaking, LeakReport, leak_report
from vmtui.model.process_difference import ProcessDifference
from vmtui.model.vma_difference import VmaDifference
from vmtui.observe.sample import Sample
from vmtui.ui.comparing import Cancelled, Compared, Files, Make, Place, in_session
from vmtui.ui.dialogs import Card
from vmtui.ui.dialogs.prose import wrapped
from vmtui.ui.keymap import bind
from vmtui.ui.replaying import replay_words
from vmtui.ui.session import Session
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.lines import FooterBar, HeaderBar
from vmtui.ui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from vmtui.told import Told
    from vmtui.ui.observatory import Observatory

_TABS = ("VMAs", "Processes", "Machine", "Leaks")
_AGAIN_SECONDS = 0.2
"""Between two looks at how far it is, while it is made."""
_INSPECTOR_LINES = 4
_SEEN_FIRST = 200
"""Rows whose causes are told before anything is shown."""
_CHART_LINES = 16
_EDGES = 6
"""First and last line, tabs, titles, rule, a blank one."""
_TALL = 30
"""From this many lines on the inspector may take what it needs."""
_MODES = {"observe": 0, "machine": 1, "recordings": 3}


class DifferencesScreen(Screen[None]):
    """A picture of two moments that stands still; it is made by a thread when it opens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("zoom.out", "back", "back"),
        bind("panel.next", "tab(1)", show=True, priority=True),
        bind("panel.previous", "tab(-1)", priority=True),
        bind("row.copy", "copy"),
        bind("help.explain", "explain"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "zoom.out", "panel.next", "help.explain", "row.copy", "help.show", "app.quit",
    )  # fmt: skip
    HELP_ROWS: ClassVar[list[Row]] = [
        (Run(text),)
        for text in (
            "A row is a piece of memory at both moments, the largest change of Rss first: what was "
            "split or merged meanwhile counts as one. The cause is what the two moments, and those "
            "between, leave as the explanation.",
            "A bar to the right is memory that came, one to the left memory that went.",
            "Of two processes, or two machines, kind and path are compared, for addresses say "
            "nothing there. enter on a process compares it, if both moments have its VMAs.",
        )
    ]

    def __init__(
        self,
        make: Make,
        *,
        tab: str = "VMAs",
        look_into: Callable[[tuple[int, int]], Make] | None = None,
    ) -> None:
        """A comparison that is yet to be made.

        Args:
            make: makes it, in a thread; told how far it is through what it is given.
            tab: the page to begin with.
            look_into: what makes the comparison of another process, by its PIDs in A and B.
        """
        super().__init__()
        self._make, self._look_into = make, look_into
        self._tab = _TABS.index(tab)
        self._compared: Compared | None = None
        self._changes = Changes()
        self._leaks: LeakReport | Missing | None = None
        self._failure = ""
        self._so_far = (0, 0)
        self._looks = 0
        self._gone = False

    def compose(self) -> ComposeResult:
        """Header, tabs, table, inspector, footer."""
        yield HeaderBar(id="header")
        yield Canvas(id="tabs")
        yield Canvas(id="balance")
        yield VirtualTable(id="table")
        yield Canvas(id="inspector")
        yield FooterBar(self.FOOTER, id="footer")

    @property
    def table(self) -> VirtualTable:
        """The table."""
        return self.query_one(VirtualTable)

    @property
    def ready(self) -> bool:
        """Whether it is made, or known that it cannot be."""
        return self._compared is not None or bool(self._failure)

    def on_mount(self) -> None:
        """The table has the keys; begin."""
        self.table.focus()
        self._begin()

    def on_unmount(self) -> None:
        """Nobody waits any more."""
        self._gone = True

    def on_screen_resume(self) -> None:
        """What was looked into from here is left: the level below has the wishes again."""
        below = cast("Observatory", self.app).observed
        if below is not None and self._compared is not None:
            below.wish()

    def on_resize(self) -> None:
        """Lay out anew."""
        self.call_after_refresh(self.look)

    # Making it

    def _begin(self) -> None:
        self._compared, self._failure = None, ""
        self._waiting = self.set_interval(_AGAIN_SECONDS, self.look)
        self._compare(self._make)

    @work(thread=True, exclusive=True)
    def _compare(self, make: Make) -> None:
        def told(done: int, total: int) -> None:
            if self._gone:
                raise Cancelled("left")
            self._so_far = done, total

        try:
            compared = make(told)
            changed = (
                () if isinstance(compared.difference, Missing) else compared.difference.changed()
            )
            changes = Changes.of(changed)
            for one in changed[:_SEEN_FIRST]:
                _ = one.causes  # rows remember them
            leaks = (
                compared.difference
                if isinstance(compared.difference, Missing)
                else leak_report(compared.difference)
            )
        except Cancelled:
            return
        except VmtuiError as error:
            self.app.call_from_thread(self._take, str(error), Changes(), None)
            return
        if not self._gone:
            self.app.call_from_thread(self._take, compared, changes, leaks)

    def _take(
        self,
        made: Compared | str,
        changes: Changes,
        leaks: LeakReport | Missing | None,
    ) -> None:
        self._waiting.stop()
        if isinstance(made, str):
            self._failure = made
        else:
            self._compared, self._changes, self._leaks = made, changes, leaks
        self.look()

    # Painting

    def look(self) -> None:
        """All of it."""
        if not self.is_mounted or not self.app.is_running:
            return
        app, compared = cast("Observatory", self.app), self._compared
        narrow = self.size.width < 100
        process = compared.process if compared else ""
        self.query_one(HeaderBar).say(
            Heading(
                (app.session.host, *([process] if process else []), "differences"),
                facts="" if compared is None or narrow else
                f"A {compared.name_a} · B {compared.name_b}",
                note=app.deck.badge, state="replay" if app.session.tape else "idle",
                state_words=replay_words(app.session) if app.session.tape else "", modes=AREAS,
                mode=_MODES.get(app.current_mode, 0),
            )
        )  # fmt: skip
        between = difference_lines.moments(compared.at_a, compared.at_b) if compared else ()
        notes = [text_of([between])]
        self.query_one("#tabs", Canvas).show([tabs.line(_TABS, self._tab, notes, self.size.width)])
        self.query_one("#balance", Canvas).show(self._balance())
        self._show_table()
        self._show_inspector()

    def _balance(self) -> list[Row]:
        """Over the VMAs: all of them together."""
        compared = self._compared
        if compared is None or isinstance(compared.difference, Missing) or self._tab:
            return []
        line = difference_bars.balance(compared.difference, self._changes, self.size.width)
        blank = [()] if self.size.height >= _TALL else []
        return [*blank, line, *blank]

    def _show_table(self) -> None:
        rows, fields, own = self._page()
        cells = self.size.width - 1
        fitted = columns.fitted(fields, cells)

        def draw(one: Any, _cells: int, selected: bool) -> Row:
            return columns.line(fitted, one, selected=selected, own=own)

        self.table.set_source(
            rows,
            key=difference_lines.key_of,
            draw_row=draw,
            header=columns.header(fitted, cells) if rows else (),
        )

    def _page(self) -> tuple[Sequence[Any], Sequence[Field[Any]], dict[str, CellOf]]:
        """Rows and columns of the tab that is open, and what draws cells of their own making."""
        compared = self._compared
        if compared is None:
            return (), (), {}
        match _TABS[self._tab]:
            case "VMAs":
                changes = self._changes
                fields = difference_bars.vma_columns(changes.rows, self.size.width)
                return changes.rows, fields, difference_bars.vma_cells(changes)
            case "Processes":
                rows = [one for one in compared.processes if one.change != "same" or one.cause]
                return rows, PROCESS_DIFFERENCE_FIELDS, {}
            case "Machine":
                parts = [one for one in compared.machine if one.delta]
                return parts, [one for one in difference_lines.MACHINE_COLUMNS if one.default], {}
            case _:
                report = self._leaks
                found = report.rows if isinstance(report, LeakReport) else ()
                columns_of = difference_bars.leak_columns(self.size.width)
                return found, columns_of, difference_bars.leak_cells()

    @on(VirtualTable.Highlighted)
    def _show_inspector(self) -> None:
        rule: Row = (Run("─" * self.size.width, Paint("rule")),)
        cells = self.size.width - 2
        lines = [part for line in self._about() for part in wrapped(line, cells)]
        lines += [()] * (_INSPECTOR_LINES - len(lines))
        if self.size.height < _TALL and len(lines) > _INSPECTOR_LINES:  # i tells all of it
            lines = [*lines[: _INSPECTOR_LINES - 1], ended(lines[_INSPECTOR_LINES - 1], cells)]
        rows = [(Run(" "), *line) for line in (*self._chart(cells), *lines)]
        self.query_one("#inspector", Canvas).show([rule, *rows])

    def _chart(self, cells: int) -> list[Row]:
        """How the leak under the cursor grew, where the table leaves room for it."""
        one = self.table.row
        if not isinstance(one, Leaking) or self.size.height < _TALL:
            return []
        room = self.size.height - len(self.table.rows) - _INSPECTOR_LINES - _EDGES
        drawing = difference_bars.leak_chart(one, cells, min(_CHART_LINES, room))
        return [*drawing, ()] if drawing else []

    def _about(self) -> list[Row]:
        """What is under the cursor, or why there is nothing."""
        if self._failure:
            return [row(Run(self._failure))]
        compared, one = self._compared, self.table.row
        if compared is None:
            done, total = self._so_far
            self._looks += 1
            far = f": moment {done:,} of {total:,}" if total else " " + "·" * (self._looks % 4)
            return [row(Run(f"comparing{far:<4}; esc leaves it", DIM))]
        match _TABS[self._tab]:
            case "VMAs" | "Leaks" if isinstance(compared.difference, Missing):
                why = compared.difference
                return [row(Run(why.reason)), row(Run(why.unlock, DIM))]
            case "VMAs" if one is None:
                return [row(Run("nothing: every VMA is as it was", DIM))]
            case "VMAs":
                return difference_lines.about_vma(one)
            case "Processes":
                return difference_lines.about_process(one) if one else []
            case "Machine":
                return difference_lines.about_part(one) if one else []
            case _:
                return difference_lines.about_leaks(self._leaks, one)

    # Keys

    def action_back(self) -> None:
        """Leave."""
        self.app.pop_screen()

    def action_tab(self, step: int) -> None:
        """The next page."""
        self.show_tab((self._tab + step) % len(_TABS))

    def show_tab(self, tab: int) -> None:
        """A page, from its first row."""
        self._tab = tab
        self.look()
        self.table.action_edge(False)

    @on(VirtualTable.Opened)
    def _opened(self, event: VirtualTable.Opened) -> None:
        one, compared = event.row, self._compared
        if isinstance(one, ProcessDifference):
            self._open_process(one)
        elif isinstance(one, VmaDifference) and compared is not None and compared.pid is not None:
            if not one.now:
                self.notify("it is no longer mapped: there are no pages to look at", timeout=3)
                return
            from vmtui.ui.screens.pages import PagesScreen

            self.app.push_screen(PagesScreen(compared.pid, one.shown.start, one.shown.end))

    def _open_process(self, one: ProcessDifference) -> None:
        if self._look_into is None or one.was is None or one.now is None:
            self.notify("its VMAs are not known at both moments", timeout=3)
            return
        self._make = self._look_into((one.was.stat.pid, one.now.stat.pid))
        self._tab = _TABS.index("VMAs")
        self._begin()
        self.look()

    @on(Canvas.Clicked, "#tabs")
    def _tab_clicked(self, event: Canvas.Clicked) -> None:
        index = tabs.at(_TABS, event.x, self.size.width)
        if index is not None:
            self.show_tab(index)

    def action_explain(self) -> None:
        """All that is known of the row under the cursor."""
        one = self.table.row
        if isinstance(one, Leaking):
            one = one.row
        if isinstance(one, VmaDifference):
            title = f"{one.start:012x} {one.name}"
            self.app.push_screen(Card(title, difference_lines.everything_about(one)))
        elif one is not None:
            self.app.push_screen(Card("what is different", self._about()))

    def action_copy(self) -> None:
        """The sentence under the cursor."""
        one = self.table.row
        text = getattr(one, "cause", "")
        if text:
            self.app.copy_to_clipboard(text)
            self.notify("copied; in tmux this needs set-clipboard on", timeout=3, markup=False)


def since_mark(
    session: Session, mark: Sample, now: Sample, *, pid: int | None = None
) -> DifferencesScreen:
    """What changed since the mark: of a process VMA by VMA, or else of the list.

    Args:
        session: whose samples lie between the two.
        mark: the marked moment.
        now: the one under the cursor.
        pid: the process that is open.
    """
    between = session.between(mark, now)

    def make(_told: Told) -> Compared:
        return in_session(mark, now, between, pid)

    return DifferencesScreen(make, tab="Processes" if pid is None else "VMAs")


def of_files(a: Place, b: Place) -> DifferencesScreen:
    """Two recordings, or two moments of one."""
    files = Files(a, b)

    def look_into(pair: tuple[int, int]) -> Make:
        return partial(files.compare, pair=pair)

    return DifferencesScreen(files.compare, look_into=look_into)
