"""What the two screens of the laboratory share: bars in two languages, and the way to others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import Widget

from vmtui.draw.edges import Heading
from vmtui.lab.text import Language
from vmtui.ui.keymap import bind
from vmtui.ui.lab.laboratory import Laboratory
from vmtui.ui.lab.words import KEYS, modes, run_words
from vmtui.ui.session import Session
from vmtui.ui.widgets.canvas import Canvas
from vmtui.ui.widgets.lines import FooterBar, HeaderBar

if TYPE_CHECKING:
    from vmtui.ui.observatory import Observatory

_IN_MODES = 2
"""Where the laboratory stands among the areas."""


class LabFooter(FooterBar):
    """The last line in the laboratory's language."""

    def words_of(self, key_id: str, english: str) -> str:
        """What a key does now."""
        laboratory = cast("Observatory", self.app).laboratory
        run, japanese = getattr(self.screen, "staged", None), laboratory.language == "ja"
        if key_id == "lab.run" and run is not None:
            return run_words(run.state, laboratory.language)
        return KEYS.get(key_id, english) if japanese else english


class LabScreen(Screen[None]):
    """A header, something in between, a footer."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("lab.language", "language")]
    FOOTER: ClassVar[tuple[str, ...]] = ()

    @property
    def laboratory(self) -> Laboratory:
        """What all runs share."""
        return cast("Observatory", self.app).laboratory

    @property
    def language(self) -> Language:
        """What is spoken here."""
        return self.laboratory.language

    @property
    def session(self) -> Session:
        """What all screens share."""
        return cast("Observatory", self.app).session

    def compose(self) -> ComposeResult:
        """Header, body, footer."""
        yield HeaderBar(id="header")
        yield Canvas(id="body")
        yield from self.below()
        yield LabFooter(self.FOOTER, id="footer")

    def below(self) -> Iterable[Widget]:
        """What stands between the body and the footer."""
        return ()

    def on_mount(self) -> None:
        """Nothing of Observe is read while nobody looks at it."""
        self._rest_from_observing()
        self.call_after_refresh(self.look)

    def on_screen_resume(self) -> None:
        """The same, when another screen has gone away."""
        self._rest_from_observing()
        self.call_after_refresh(self.look)

    def on_resize(self) -> None:
        """Lay out anew."""
        self.call_after_refresh(self.look)

    def _rest_from_observing(self) -> None:
        nothing: frozenset[str] = frozenset()
        self.session.wish(
            processes=False, target=None, window=None, visible=(), shown=nothing, for_all=nothing
        )

    def look(self) -> None:
        """Paint."""
        raise NotImplementedError

    def say(self, heading: Heading) -> None:
        """The first line, with the areas of the app."""
        self.query_one(HeaderBar).say(heading)

    def areas(self) -> tuple[tuple[tuple[str, str], ...], int]:
        """The areas, and which one this is."""
        return modes(self.language), _IN_MODES

    def action_language(self) -> None:
        """English and Japanese in turn."""
        self.laboratory.language = "en" if self.language == "ja" else "ja"
        self.query_one(LabFooter).read_bindings()
        self.look()
