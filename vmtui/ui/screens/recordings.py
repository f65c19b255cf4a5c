"""Recordings: the files there are; enter replays one in the place of the live machine."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import get_current_worker

from vmtui.draw import columns, recording_lines
from vmtui.draw.edges import AREAS, Heading
from vmtui.draw.paint import DIM, STRONG, Paint, Row, Run, row
from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.record import shelf
from vmtui.record.shelf import Listed
from vmtui.text import display
from vmtui.ui.aside import aside
from vmtui.ui.comparing import Cancelled, Place
from vmtui.ui.keymap import bind
from vmtui.ui.replaying import feed_of, happened, replay_words
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.lines import FooterBar, HeaderBar
from vmtui.ui.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from vmtui.record.feed import ReplayFeed
    from vmtui.ui.observatory import Observatory

_IN_MODES = 3
"""Where this stands among the areas."""
_AGAIN_SECONDS = 5.0
"""Between two looks at the files."""
_HOW_FAR_SECONDS = 0.2
"""Between two looks at how far the first one is."""
_ABOUT = (
    "Files that vmtui recorded, found in the current directory and in the data directory, beside "
    "those that were named. R records; a recording can be looked at while it is made, by anybody, "
    "on any machine with pages of the same size.",
    "enter replays: every screen of Observe and Machine then shows the recording, with the same "
    "keys; one of an experiment opens on its stage, which 3 goes back to. q leaves the replay.",
    "d takes a recording as A, D compares another one with it: at the moment that is replayed, or "
    "else at its last sample. D on A itself compares its first sample with that.",
)


class RecordingsScreen(Screen[None]):
    """A table of files; the one under the cursor is told below it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("zoom.out", "back", "back"),
        bind("compare.first", "compare_first"),
        bind("compare.with", "compare_with"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "zoom.in", "compare.first", "compare.with", "mode.observe", "record.toggle", "help.show",
        "app.quit",
    )  # fmt: skip
    HELP_ROWS: ClassVar[list[Row]] = [(Run(text),) for text in _ABOUT]

    def __init__(self) -> None:
        super().__init__()
        self._files: list[Listed] | None = None
        self._reading = False
        self._so_far = (0, 0)
        self._shelf = shelf.Shelf()
        self._first: Place | None = None

    def compose(self) -> ComposeResult:
        """Header, table, inspector, footer."""
        yield HeaderBar(id="header")
        yield VirtualTable(id="table")
        yield Canvas(id="inspector")
        yield FooterBar(self.FOOTER, id="footer")

    @property
    def _app(self) -> Observatory:
        return cast("Observatory", self.app)

    @property
    def _table(self) -> VirtualTable:
        return self.query_one(VirtualTable)

    def on_mount(self) -> None:
        """The table has the keys; look at the files now and then."""
        self._table.focus()
        self.set_interval(_AGAIN_SECONDS, self._look_again)
        self.set_interval(_HOW_FAR_SECONDS, self._look_how_far)
        self._rest()

    def on_screen_resume(self) -> None:
        """Nothing is sampled for nobody; the files may be others."""
        self._rest()

    def _rest(self) -> None:
        nothing: frozenset[str] = frozenset()
        self._app.session.wish(
            processes=False, target=None, window=None, visible=(), shown=nothing, for_all=nothing,
            depth=nothing, page=None, symbols=None,
        )  # fmt: skip
        self._read()
        self.call_after_refresh(self.look)

    def _look_again(self) -> None:
        if self.is_current:
            self._read()

    def _look_how_far(self) -> None:
        if self._files is None and self.is_current:
            self.look()

    def _read(self) -> None:
        """Find the files, and open each for what it says; one look at a time."""
        if not self._reading:
            self._reading = True
            self._look_into_files()

    @work(thread=True)
    def _look_into_files(self) -> None:
        worker = get_current_worker()

        def told(done: int, total: int) -> None:
            if worker.is_cancelled:
                raise Cancelled("left")
            self._so_far = done, total

        try:
            files = self._shelf.look(shelf.found(self._app.deck.given), told)
        except Cancelled:
            return
        self.app.call_from_thread(self._take, files)

    def _take(self, files: list[Listed]) -> None:
        self._files, self._reading = files, False
        self.look()

    @property
    def _looking(self) -> str:
        """That the files are being looked for, and how far that is."""
        done, total = self._so_far
        return f"looking into {done:,} of {total:,} files" if total else "looking for recordings"

    def on_resize(self) -> None:
        """Lay out anew."""
        self.call_after_refresh(self.look)

    # Painting

    def look(self) -> None:
        """The list, and what is under the cursor."""
        if not self.is_mounted or not self.app.is_running:
            return
        session, files = self._app.session, self._files or []
        count = (
            self._looking
            if self._files is None
            else f"{len(files)} recording{'s' * (len(files) != 1)}"
        )
        self.query_one(HeaderBar).say(
            Heading(
                ("recordings",), count, note=self._app.deck.badge,
                state="replay" if session.tape else "idle",
                state_words=replay_words(session) if session.tape else "", modes=AREAS,
                mode=_IN_MODES,
            )
        )  # fmt: skip
        cells = self.size.width - 1
        fitted = columns.fitted(shelf.FIELDS, cells)

        def draw(listed: Listed, _cells: int, selected: bool) -> Row:
            return columns.line(fitted, listed, selected=selected)

        self._table.set_source(
            files, key=lambda listed: str(listed.path), draw_row=draw,
            header=columns.header(fitted, cells),
        )  # fmt: skip
        self._show_inspector()

    @on(VirtualTable.Highlighted)
    def _show_inspector(self) -> None:
        rule: Row = (Run("─" * self.size.width, Paint("rule")),)
        rows = [(Run(" "), *line) for line in (*self._about(self._table.row), *self._about_first())]
        self.query_one("#inspector", Canvas).show([rule, *rows])

    def _about(self, listed: Listed | None) -> list[Row]:
        if listed is None:
            if self._files is None:
                return [row(Run(self._looking, DIM)), ()]
            places = ", ".join(display(os.fsencode(place)) for place in shelf.places())
            return [row(Run(f"none in {places}", DIM)), row(Run("R records what goes on now", DIM))]
        if isinstance(listed.about, Missing):
            return [row(Run(listed.about.reason)), row(Run(listed.about.unlock, DIM))]
        about, words = listed.about, [one.words for one in happened(listed.events)]
        release = ".".join(about.kernel.split(".")[:2])
        return [
            recording_lines.about(
                host=display(about.host), kernel=display(f"Linux {release}", 40),
                user=display(about.user), began=listed.span[0],
                seconds=listed.span[1] - listed.span[0], ticks=listed.ticks,
                memory_bytes=about.memory_bytes,
            ),
            recording_lines.contents(
                listed.pids, tuple(display(one, 40) for one in listed.experiments), words
            ),
        ]  # fmt: skip

    # Keys

    def action_back(self) -> None:
        """To what is observed."""
        self._app.action_mode("observe")

    @on(VirtualTable.Opened)
    def _opened(self, event: VirtualTable.Opened) -> None:
        """Replay it."""
        path: Path = event.row.path

        async def take(found: ReplayFeed | VmtuiError) -> None:
            if isinstance(found, VmtuiError):
                self.notify(str(found), severity="error", timeout=6)
            else:
                await self._app.deck.replay(path, found)

        aside(
            self, f"opening {event.row.name}", lambda _told: feed_of(path),
            lambda found: self.call_next(take, found), group="open",
        )  # fmt: skip

    def _about_first(self) -> list[Row]:
        """What A is, once something is."""
        first = self._first
        if first is None:
            return []
        when = "" if first.at is None else time.strftime(" at %T", time.localtime(first.at))
        return [
            row(Run("A is ", DIM), Run(f"{first.name}{when}", STRONG),
                Run(": D compares what is under the cursor with it", DIM))
        ]  # fmt: skip

    def _place(self, listed: Listed) -> Place:
        """That recording, at the moment that is on screen if it is the one replayed."""
        session, deck = self._app.session, self._app.deck
        now = session.clock.current
        shown = session.tape is not None and deck.replayed == listed.path and now is not None
        return Place(listed.path, now.taken_at if shown and now is not None else None)

    def action_compare_first(self) -> None:
        """Take the one under the cursor as A."""
        listed: Listed | None = self._table.row
        if listed is None or isinstance(listed.about, Missing):
            return
        self._first = self._place(listed)
        self.look()

    def action_compare_with(self) -> None:
        """Compare the one under the cursor with A."""
        listed: Listed | None = self._table.row
        if listed is None or isinstance(listed.about, Missing):
            return
        first, second = self._first, self._place(listed)
        if first is None or (first == second and listed.ticks):
            first = Place(listed.path, listed.span[0])
        from vmtui.ui.screens.differences import of_files  # brings numpy

        self.app.push_screen(of_files(first, second))
