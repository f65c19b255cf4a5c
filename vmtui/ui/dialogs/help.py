"""The keys that do something here, by what they are for, and a few words about the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from textual.app import App
from textual.binding import ActiveBinding

from vmtui.draw.paint import DIM, STRONG, TEXT, Row, Run, fit, row
from vmtui.ui.dialogs.card import Card
from vmtui.ui.keymap import BY_ID, GROUPS

_KEY_CELLS = 15
_TWO_COLUMNS_FROM = 70


def key_rows(app: App[Any], active: Mapping[str, ActiveBinding]) -> list[list[Row]]:
    """For each group of keys its heading and lines."""
    keys: dict[tuple[str, str], list[str]] = {}
    for each in active.values():
        binding = each.binding
        if each.enabled and binding.description and binding.id in BY_ID:  # not Textual's own
            about = (BY_ID[binding.id].group, binding.description)
            keys.setdefault(about, []).append(app.get_key_display(binding))
    made = []
    for group in GROUPS:
        lines = [
            row(Run(fit((Run(" ".join(names)),), _KEY_CELLS)[0].text.ljust(_KEY_CELLS), STRONG),
                Run(words, TEXT))
            for (of, words), names in keys.items()
            if of == group
        ]  # fmt: skip
        if lines:
            made.append([row(Run(group, DIM)), *lines, ()])
    return made


def side_by_side(blocks: Sequence[list[Row]], cells: int) -> list[Row]:
    """The blocks in two columns of about equal length where there is room for two."""
    flat = [line for block in blocks for line in block]
    if cells < _TWO_COLUMNS_FROM:
        return flat
    left: list[Row] = []
    rest = list(blocks)
    while rest and len(left) + len(rest[0]) // 2 < len(flat) / 2:
        left += rest.pop(0)
    right = [line for block in rest for line in block]
    half = cells // 2
    return [
        (*fit(first or (), half), *(second or ())) for first, second in zip_longest(left, right)
    ]


class HelpScreen(Card):
    """Made from the bindings that are active when it is opened."""

    def __init__(
        self, app: App[Any], active: Mapping[str, ActiveBinding], about: Iterable[Row] = ()
    ) -> None:
        """The help of a screen.

        Args:
            app: says how a key is written.
            active: `screen.active_bindings`, taken before this is pushed.
            about: what the screen shows, in a few rows.
        """
        blocks, words = key_rows(app, active), list(about)
        super().__init__(
            "help", lambda cells: [*words, *([()] if words else []), *side_by_side(blocks, cells)]
        )
