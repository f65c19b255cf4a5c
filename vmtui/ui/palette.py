"""Slots into what the terminal can show: four themes at four colour depths.

The drawings name slots (`draw/paint.py`); only this file knows what they look like. Beside the
forms listed there a slot can end in

* `-letter`: the letter of a page on its own fill, quiet; after a mixture or a flash too
  (`anon/50!25-letter`). In 16 colours and mono it is the coloured letter without a fill.
* `-label`: a word on that fill, black or white, whichever is read better.
* `-swatch`: the letter of a legend: a label where there are fills, a bold letter where not.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from rich.color import Color
from rich.style import Style

from vmtui.draw.paint import Paint
from vmtui.ui.colours import CHROME, STATES, THEMES, Colours
from vmtui.ui.mixing import (
    Rgb,
    chroma,
    from_hex,
    lightness,
    luminance,
    mix,
    nearest_256,
    of_256,
    same_hue,
)

DEFAULT_THEME = "vmtui-dark"
MIXTURES = (75, 50, 30)
"""Percent of fill over the vessel; 100 is the fill itself."""
FLASHES = (25, 60, 100)
"""Percent towards white (black on light), from cooled to just now."""

_ROLES = ("ink", "letter", "label", "swatch")
_BRIGHT_BLACK = 8
_DULLER = 1.1
"""How much stronger than its fill a mixture's colour may be; only 256 colours need the slack."""


class Depth(StrEnum):
    """How many colours the terminal shows."""

    TRUE = "truecolor"
    C256 = "256"
    C16 = "16"
    MONO = "mono"


class Slot(NamedTuple):
    """A slot taken apart: `anon/50!25-letter` is (anon, 50, 25, letter)."""

    base: str
    strength: int = 100
    flash: int = 0
    role: str = ""

    @classmethod
    def parse(cls, text: str) -> Slot:
        """The parts of a slot's name. Raises KeyError for a name that is no slot."""
        if text in CHROME or text == "":
            return cls(text or "ground")
        head, _, role = text.partition("-")
        head, _, flash = head.partition("!")
        base, _, strength = head.partition("/")
        base = "absent" if base == "vessel" else base
        if base not in STATES or (role and role not in _ROLES):
            raise KeyError(text)
        return cls(base, int(strength or 100), int(flash or 0), role)


class Palette:
    """The look of one theme at one depth; styles are made once and kept."""

    def __init__(self, theme: str = DEFAULT_THEME, depth: Depth = Depth.TRUE) -> None:
        self.theme = theme
        self.depth = depth
        self._colours: Colours = THEMES[theme]
        self._styles: dict[Paint, Style] = {}
        self._numbers: dict[Slot, int] = {}

    @property
    def dark(self) -> bool:
        """Whether text is lighter than the ground."""
        return self._colours.dark

    @property
    def draws_fills(self) -> bool:
        """Whether page grids have filled cells; else coloured or plain letters only."""
        return self.depth in (Depth.TRUE, Depth.C256)

    @property
    def bars_by_letters(self) -> bool:
        """Whether the parts of a bar need their letter to be told apart."""
        return self.depth is Depth.MONO

    @property
    def letters_by_default(self) -> bool:
        """Whether a grid opens with a letter in each cell."""
        return not self.draws_fills or self.theme.startswith("vmtui-projector")

    def style(self, paint: Paint) -> Style:
        """What rich paints for it. Raises KeyError for a slot that does not exist."""
        style = self._styles.get(paint)
        if style is None:
            style = self._styles[paint] = self._make(paint)
        return style

    def rgb(self, slot: str) -> Rgb:
        """The colour of a slot as three bytes; the 256-colour one at that depth."""
        parsed = Slot.parse(slot)
        return of_256(self._number(parsed)) if self.depth is Depth.C256 else self._true(parsed)

    def hex(self, slot: str) -> str:
        """The same as `#rrggbb`, for a stylesheet."""
        return "#{:02x}{:02x}{:02x}".format(*self.rgb(slot))

    def _make(self, paint: Paint) -> Style:
        ink, ground = Slot.parse(paint.ink), Slot.parse(paint.ground)
        if self.depth is Depth.TRUE:
            colour: Color | None = Color.from_rgb(*self._true(ink))
            behind: Color | None = Color.from_rgb(*self._true(ground))
        elif self.depth is Depth.C256:
            colour = Color.from_ansi(self._number(ink))
            behind = Color.from_ansi(self._number(ground))
        else:
            return self._few_colours(paint, ink, ground)
        return Style(
            color=colour,
            bgcolor=behind,
            bold=paint.bold or None,
            underline=paint.underline or None,
            reverse=paint.reverse or None,
        )

    def _true(self, slot: Slot) -> Rgb:
        """The true colour of any slot."""
        if slot.base in CHROME:
            return self._chrome[slot.base]
        if slot.role == "ink":
            return from_hex(self._colours.inks[STATES.index(slot.base)])
        fill = self._fills[slot.base]
        if slot.strength != 100:
            fill = mix(self._fills["absent"], fill, slot.strength / 100)
        if slot.flash:
            fill = mix(fill, self._chrome["flash"], slot.flash / 100)
        return self._over(slot, fill)

    def _over(self, slot: Slot, fill: Rgb) -> Rgb:
        """What is written on a fill, by role; the fill itself without one."""
        if not slot.role:
            return fill
        light = luminance(fill)
        if slot.role == "letter":
            share = 0.35 if slot.base == "absent" and not slot.flash else 0.55
            return mix(fill, (255, 255, 255) if light < 0.14 else (0, 0, 0), share)
        if slot.base == "absent" and not slot.flash:
            return self._chrome["dim"]
        return (0, 0, 0) if light > 0.179 else (255, 255, 255)

    @cached_property
    def _chrome(self) -> dict[str, Rgb]:
        return dict(zip(CHROME, map(from_hex, self._colours.chrome), strict=True))

    @cached_property
    def _fills(self) -> dict[str, Rgb]:
        return dict(zip(STATES, map(from_hex, self._colours.fills), strict=True))

    def _number(self, slot: Slot) -> int:
        """The 256-colour number of any slot."""
        number = self._numbers.get(slot)
        if number is None:
            number = self._numbers[slot] = self._find_number(slot)
        return number

    def _find_number(self, slot: Slot) -> int:
        colours = self._colours
        if slot.base in CHROME:
            return colours.chrome_256[CHROME.index(slot.base)]
        if slot.role == "ink":
            return colours.inks_256[STATES.index(slot.base)]
        if slot.role in ("label", "swatch") and slot.base == "absent":
            return colours.chrome_256[CHROME.index("dim")]
        if slot.role:
            fill = self._number(slot._replace(role=""))
            return nearest_256(
                self._over(slot, of_256(fill)), [n for n in range(16, 256) if n != fill]
            )
        pure = colours.fills_256[STATES.index(slot.base)]
        if (slot.strength == 100 or slot.base == "absent") and not slot.flash:
            return pure
        if slot.flash == 100:
            return colours.chrome_256[CHROME.index("flash")]
        return self._between(slot, pure)

    def _between(self, slot: Slot, pure: int) -> int:
        """A mixture or a fading flash, never the number of another fill."""
        colours = self._colours
        if not slot.flash:
            return self._thinned(slot, pure)
        start = self._number(slot._replace(flash=0))
        end = colours.chrome_256[CHROME.index("flash")]
        cooler = [self._number(slot._replace(flash=f)) for f in FLASHES if f < slot.flash]
        target = mix(of_256(start), of_256(end), slot.flash / 100)
        taken = {*colours.fills_256, start, end, *cooler}
        return nearest_256(target, [n for n in range(16, 256) if n not in taken])

    def _thinned(self, slot: Slot, pure: int) -> int:
        """A mixture over the vessel, between the next denser one and the vessel in lightness.

        Where the cube has no such colour of that hue, the denser one stands for both.
        """
        colours = self._colours
        vessel = colours.fills_256[0]
        denser = [
            self._number(slot._replace(strength=m)) for m in (100, *MIXTURES) if m > slot.strength
        ]
        near, far = sorted((lightness(of_256(denser[-1])), lightness(of_256(vessel))))
        free = [
            number
            for number in range(16, 256)
            if number not in {*colours.fills_256, colours.chrome_256[0], *denser}
            and near <= lightness(of_256(number)) <= far
            and same_hue(of_256(pure), of_256(number))
            and chroma(of_256(number)) <= _DULLER * chroma(of_256(pure)) + 0.01
        ]
        target = mix(of_256(vessel), of_256(pure), slot.strength / 100)
        return nearest_256(target, free) if free else denser[-1]

    def _few_colours(self, paint: Paint, ink: Slot, ground: Slot) -> Style:
        """16 colours or none: letters on the terminal's own ground, blocks only in bars."""
        coloured = self.depth is Depth.C16
        colour = self._ansi(ink) if coloured else None
        behind: int | None = None
        on_state = ground.base in STATES and ground.base != "absent"
        if coloured and on_state and ink.role not in ("letter", "swatch"):
            behind = self._ansi(ground)
            if ink.base != ground.base or ink.role:
                colour = 15 if behind in (0, 4, 8, 12) else 0
        bold = paint.bold or ink.base == "strong" or ground.base == "bar" or ink.role == "swatch"
        reverse = paint.reverse or ground.base in ("cursor", "alarm")
        if ink.role == "letter" and ground.flash:
            bold, reverse = bold or ground.flash == 60, reverse or ground.flash == 100
        if ground.base == "alarm" and coloured:
            colour = 1
        if ground.base == "cursor" and ink.base in CHROME:
            colour = None
        return Style(
            color=None if colour is None else Color.from_ansi(colour),
            bgcolor=None if behind is None else Color.from_ansi(behind),
            bold=bold or None,
            underline=paint.underline or None,
            reverse=reverse or None,
        )

    def _ansi(self, slot: Slot) -> int | None:
        if slot.base in STATES:
            return self._colours.states_16[STATES.index(slot.base)]
        match slot.base:
            case "faint" | "rule":
                return _BRIGHT_BLACK
            case "strong" | "flash" if self.dark:
                return 15
            case _:
                return None
