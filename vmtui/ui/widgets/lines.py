"""The first and the last line of every screen: where am I, how old is this, what can I press."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.screen import Screen

from vmtui.draw.edges import Entry, Heading, footer_row, heading_row
from vmtui.draw.paint import on
from vmtui.ui.widgets.canvas import Canvas


class HeaderBar(Canvas):
    """The first line."""

    DEFAULT_CSS = "HeaderBar { dock: top; height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(ground="bar", id=id)
        self.heading = Heading(())
        """What it says now."""

    def say(self, heading: Heading) -> None:
        """Another state of affairs."""
        self.heading = heading
        self.on_resize()

    def on_resize(self, _event: events.Resize | None = None) -> None:
        """Lay it out for the width there is."""
        self.show([on(heading_row(self.heading, self.size.width), "bar")])


class FooterBar(Canvas):
    """The last line: keys of the focused screen, and what vmtui itself costs."""

    DEFAULT_CSS = "FooterBar { dock: bottom; height: 1; }"

    def __init__(
        self,
        order: Sequence[str] = (),
        *,
        id: str | None = None,  # noqa: A002  (Textual's name)
    ) -> None:
        super().__init__(ground="bar", id=id)
        self._order = order
        """Ids of the bindings to show, most useful first; otherwise those marked `show`."""
        self._cost = ""
        self._entries: tuple[Entry, ...] = ()
        self._places: list[tuple[range, Entry]] = []

    def tell_cost(self, cost: str) -> None:
        """`vmtui 1.1% · 6 ms/tick · 2.4 kB/s`."""
        self._cost = cost
        self.on_resize()

    def on_mount(self) -> None:
        """Follow the bindings of the screen it stands on."""
        self.screen.bindings_updated_signal.subscribe(self, self.read_bindings)
        self.call_after_refresh(self.read_bindings)

    def read_bindings(self, _screen: Screen[object] | None = None) -> None:
        """The keys that do something now."""
        found: dict[str, Entry] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            wanted = binding.id in self._order if self._order else binding.show
            name = binding.id or binding.action
            if wanted and active.enabled and name not in found:
                key = self.app.get_key_display(binding)
                words = self.words_of(name, binding.description)
                found[name] = Entry(key, words, binding.key)
        order = [name for name in self._order if name in found] or list(found)
        self._entries = tuple(found[name] for name in order)
        self.on_resize()

    def words_of(self, _key_id: str, english: str) -> str:
        """What a key does, in the language of the screen."""
        return english

    def on_resize(self, _event: events.Resize | None = None) -> None:
        """Lay it out for the width there is."""
        line, self._places = footer_row(self._entries, self._cost, self.size.width)
        self.show([on(line, "bar")])

    def on_canvas_clicked(self, message: Canvas.Clicked) -> None:
        """A click on an entry is its key."""
        message.stop()
        for columns, entry in self._places:
            if message.x in columns:
                self.app.simulate_key(entry.press)
