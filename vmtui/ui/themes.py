"""The palette's chrome as Textual themes, for the few widgets that are Textual's own."""

from __future__ import annotations

from textual.theme import Theme

from vmtui.ui.colours import THEMES
from vmtui.ui.palette import Depth, Palette

CHROME = ("ground", "bar", "cursor", "rule", "faint", "dim", "text", "strong", "alarm", "alarm-ink")
"""Each is `$vm-…` in the stylesheets."""

_ON_FEW_COLOURS = {"cursor": "ansi_bright_black", "rule": "ansi_bright_black"}
_ANSI_VARIABLES = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "border-blurred": "ansi_bright_black",
    "input-selection-background": "ansi_bright_black",
    "input-selection-foreground": "ansi_default",
    "screen-selection-background": "ansi_bright_black",
    "screen-selection-foreground": "ansi_default",
}
"""What Textual's stylesheets ask of a theme without colours of its own."""
_PROJECTED = {
    "vmtui-dark": "vmtui-projector",
    "vmtui-light": "vmtui-projector-light",
}


def textual_themes(depth: Depth) -> list[Theme]:
    """One for each of the palette's themes, by the same name."""
    return [_theme(Palette(name, depth)) for name in THEMES]


def projected(theme: str) -> str:
    """The projector's counterpart of a theme, and back."""
    back = {there: here for here, there in _PROJECTED.items()}
    return _PROJECTED.get(theme) or back[theme]


def _theme(palette: Palette) -> Theme:
    filled = palette.depth in (Depth.TRUE, Depth.C256)

    def colour(slot: str) -> str:
        return palette.hex(slot) if filled else _ON_FEW_COLOURS.get(slot, "ansi_default")

    chrome = {f"vm-{slot}": colour(slot) for slot in CHROME}
    ground, bar, text, dim = colour("ground"), colour("bar"), colour("text"), colour("dim")
    return Theme(
        name=palette.theme,
        primary=text,
        secondary=dim,
        accent=text,
        warning=colour("alarm"),
        error=colour("alarm"),
        success=text,
        foreground=text,
        background=ground,
        surface=bar,
        panel=bar,
        boost=bar,
        dark=palette.dark,
        ansi=not filled,
        variables={
            **chrome,
            **({} if filled else _ANSI_VARIABLES),
            "block-cursor-background": colour("cursor"),
            "block-cursor-foreground": colour("strong"),
            "block-cursor-text-style": "bold" if filled else "bold reverse",
            "input-cursor-background": colour("strong"),
            "input-cursor-foreground": ground,
            "input-cursor-text-style": "none" if filled else "reverse",
            "scrollbar": colour("rule"),
            "scrollbar-background": bar,
            "scrollbar-hover": colour("dim"),
            "scrollbar-active": colour("dim"),
        },
    )
