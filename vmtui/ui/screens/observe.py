"""What all screens of the microscope share: the clock's keys, header, inspector, footer."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import Widget

from vmtui import units
from vmtui.draw import sentences
from vmtui.draw.edges import AREAS, Heading
from vmtui.draw.paint import Paint, Row, Run
from vmtui.observe.sample import Sample
from vmtui.observe.when import moment
from vmtui.ui.dialogs import Ask, Card
from vmtui.ui.keymap import bind
from vmtui.ui.replaying import replay_words, scrub_of
from vmtui.ui.session import Session
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.lines import FooterBar, HeaderBar
from vmtui.ui.widgets.scrub_bar import ScrubBar

if TYPE_CHECKING:
    from vmtui.export.shown import Shown
    from vmtui.ui.observatory import Observatory


_SETTLED: set[type] = set()
"""Levels that were open once. Their modules and styles stay for good: freezing them spares the UI
thread a pause of 60 ms at each full garbage collection."""


class ObserveScreen(Screen[None]):
    """A level of the microscope: a pure view of the sample under the clock's cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("clock.pause", "pause", show=True),
        bind("clock.back", "step(-1)"),
        bind("clock.forth", "step(1)"),
        bind("clock.back_ten", "step(-10)"),
        bind("clock.forth_ten", "step(10)"),
        bind("clock.first", "first"),
        bind("clock.now", "now"),
        bind("rate.slower", "rate(1)"),
        bind("rate.faster", "rate(-1)"),
        bind("mark.set", "mark", show=True),
        bind("mark.changes", "changes"),
        bind("help.explain", "explain"),
        bind("row.copy", "copy"),
        bind("export.shown", "export"),
    ]
    FOOTER: ClassVar[tuple[str, ...]] = ()
    """Ids of the bindings in the last line, most useful first."""
    ABOUT: ClassVar[tuple[str, ...]] = ()
    """What the screen shows, for its help."""

    @property
    def HELP_ROWS(self) -> list[Row]:  # noqa: N802  (what the app's help asks for)
        """What the screen shows, above its keys."""
        return [(Run(text),) for text in self.ABOUT]

    @property
    def session(self) -> Session:
        """What all screens share."""
        return cast("Observatory", self.app).session

    @property
    def is_observed(self) -> bool:
        """Whether this level is on screen, be it behind a dialog: only then may it have wishes."""
        return cast("Observatory", self.app).observed is self

    def compose(self) -> ComposeResult:
        """Header, body, inspector, footer."""
        yield HeaderBar(id="header")
        yield from self.body()
        if self.session.tape is not None:
            yield ScrubBar(id="scrub")
        yield Canvas(id="inspector")
        yield FooterBar(self.FOOTER, id="footer")

    def body(self) -> Iterable[Widget]:
        """The widgets between header and inspector."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Say what is wanted, and show what is known already."""
        self.wish()
        self.call_after_refresh(self.look)
        if type(self) not in _SETTLED:
            _SETTLED.add(type(self))
            self.call_after_refresh(gc.freeze)

    def on_screen_resume(self) -> None:
        """The same, when another screen has gone away."""
        if self.is_observed:
            self.wish()
            self.call_after_refresh(self.look)

    def on_resize(self) -> None:
        """Lay out anew."""
        self.call_after_refresh(self.look)

    def wish(self) -> None:
        """Tell the sampler what this screen needs."""
        raise NotImplementedError

    def look(self) -> None:
        """Paint the sample under the cursor."""
        sample = self.session.clock.current
        if sample is None or not self.is_mounted or not self.is_observed:
            return
        if not self.app.is_running:  # on the way out, its widgets gone already
            return
        self.query_one(HeaderBar).say(self._heading(sample))
        self.query_one(FooterBar).tell_cost(cast("Observatory", self.app).cost.text(sample))
        if self.session.tape is not None:
            self.query_one(ScrubBar).say(scrub_of(self.session.tape, self.session.clock, sample))
        self.show(sample)

    def show(self, sample: Sample) -> None:
        """Paint the body and the inspector."""
        raise NotImplementedError

    def crumbs(self) -> tuple[str, ...]:
        """Where this is, below the host."""
        raise NotImplementedError

    def facts(self, sample: Sample) -> list[str]:
        """What the header says of it."""
        raise NotImplementedError

    def badge(self, sample: Sample) -> str:
        """An alarm for the header, in words; empty for none."""
        return ""

    def _heading(self, sample: Sample) -> Heading:
        session, clock = self.session, self.session.clock
        wide = self.size.width >= 100
        facts = self.facts(sample)
        if self.size.width >= 152 or (wide and not facts):  # else the way here is worth more
            facts += [session.kernel, units.size(session.memory_bytes)]
        if wide:
            if session.plan.interval != 1.0 and session.tape is None:
                facts.append(f"every {session.plan.interval:g} s")
            if clock.mark is not None:
                facts.append(f"mark {units.duration(sample.taken_at - clock.mark.taken_at)} ago")
        if session.readonly and session.tape is None:
            facts.append("read-only")
        facts.append(session.user)
        day = "%F " if wide and session.tape else ""
        when = time.strftime(f"{day}%H:%M:%S", time.localtime(sample.taken_at))
        if session.tape is None and clock.behind >= 0.5:
            when += f"  {units.MINUS}{units.duration(clock.behind)}"
        elif clock.live and (age := time.monotonic() - sample.ended) > 3 * session.plan.interval:
            when += f"  {units.duration(age)} old"
        return Heading(
            crumbs=(*([] if session.tape else [session.host]), *self.crumbs()),
            facts=" · ".join(facts),
            badge=self.badge(sample),
            note=cast("Observatory", self.app).deck.badge,
            state=clock.state,
            state_words=replay_words(session) if session.tape else "",
            clock=when,
            modes=AREAS,
            mode=int(self.app.current_mode == "machine"),
        )

    def inspect(self, rows: Iterable[Row]) -> None:
        """Write the lines above the footer, under a thin rule."""
        lines = [(Run(" "), *line) for line in rows]
        if self.session.tape is None:  # a recording's line stands in the place of the rule
            lines.insert(0, (Run("─" * self.size.width, Paint("rule")),))
        self.query_one("#inspector", Canvas).show(lines)

    # The clock

    def action_pause(self) -> None:
        """Stand still, or go on."""
        clock = self.session.clock
        if clock.moving:
            clock.pause()
        else:
            clock.resume()
        self.look()

    def action_step(self, ticks: int) -> None:
        """Through the history."""
        self.session.clock.step(ticks)
        self.look()

    def action_first(self) -> None:
        """The oldest sample kept."""
        self.session.clock.first()
        self.look()

    def action_now(self) -> None:
        """Follow the newest again, or the end of the recording."""
        self.session.clock.last()
        self.look()

    def action_rate(self, step: int) -> None:
        """Sample less or more often; play a recording slower or faster."""
        if self.session.tape is not None:
            self.session.tape.change_speed(-step)
            self.look()
            return
        seconds = self.session.change_rate(step)
        self.notify(f"a sample every {seconds:g} s", timeout=2, markup=False)
        self.look()

    def action_mark(self) -> None:
        """Remember this moment."""
        self.session.clock.set_mark()
        cast("Observatory", self.app).note_mark()
        self.notify("marked: d shows what changed since", timeout=2, markup=False)
        self.look()

    def action_changes(self) -> None:
        """What changed since the mark."""
        mark, now = self.session.clock.mark, self.session.clock.current
        if mark is None or now is None:
            self.notify("no mark yet: m marks this moment", timeout=3, markup=False)
            return
        if (screen := self.differences(mark, now)) is not None:
            self.app.push_screen(screen)
            return
        rows = [sentences.span(mark.taken_at, now.taken_at), (), *self.changes_since(mark, now)]
        self.app.push_screen(Card("changed since the mark", rows))

    def differences(self, mark: Sample, now: Sample) -> Screen[None] | None:
        """What differs between the mark and now, as a screen; None where it fits a card."""
        return None

    def changes_since(self, mark: Sample, now: Sample) -> list[Row]:
        """What differs between the mark and now, in rows."""
        raise NotImplementedError

    @on(ScrubBar.Sought)
    def _sought(self, event: ScrubBar.Sought) -> None:
        self.session.clock.seek(event.at)

    @on(ScrubBar.Stepped)
    def _stepped(self, event: ScrubBar.Stepped) -> None:
        self.session.clock.step(event.ticks)

    def ask_where(
        self,
        title: str,
        placeholder: str,
        check: Callable[[str], str],
        take: Callable[[str], None],
    ) -> None:
        """Ask for a place of this screen, or for a time, which is known on every screen.

        Args:
            title: what is asked for.
            placeholder: an example.
            check: what is wrong with what was typed; empty for nothing.
            take: goes there.
        """

        def complaint(typed: str) -> str:
            return "" if self._moment(typed) is not None else check(typed)

        def go(typed: str | None) -> None:
            moment = self._moment(typed) if typed else None
            if moment is not None:
                self.session.clock.seek(moment)
                self.look()
            elif typed:
                take(typed)

        example = f"{placeholder}, or a time: 14:03:22, -30s"
        self.app.push_screen(Ask(title, placeholder=example, check=complaint), go)

    def _moment(self, typed: str) -> float | None:
        clock = self.session.clock
        now = clock.current
        return None if now is None else moment(typed, *clock.span, now.taken_at)

    # Words

    def action_explain(self) -> None:
        """What is under the cursor."""
        title, rows = self.explanation()
        self.app.push_screen(Card(title, rows))

    def explanation(self) -> tuple[str, list[Row]]:
        """Title and rows of the card that explains it."""
        raise NotImplementedError

    def action_copy(self) -> None:
        """Put the row under the cursor on the clipboard of the terminal (OSC 52)."""
        text = self.copied()
        if text:
            self.app.copy_to_clipboard(text)
            self.notify("copied; in tmux this needs set-clipboard on", timeout=3, markup=False)

    def copied(self) -> str:
        """What `y` copies: display text."""
        return ""

    def action_export(self) -> None:
        """What is shown into a file: asks as what."""
        from vmtui.ui.exporting import ask_what  # brings numpy

        sample = self.session.clock.current
        if sample is not None:
            ask_what(self, self.exported(sample), sample)

    def exported(self, sample: Sample) -> Shown | None:
        """The table of what is shown; None where there is only a picture of it."""
        return None

    @property
    def export_name(self) -> str:
        """What its rows are called in files: `processes`, `files`."""
        return type(self).__name__.removesuffix("Screen").removesuffix("Tab").lower()
