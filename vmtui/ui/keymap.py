"""Every key of the app by the id it can be rebound under; screens name ids, never keys."""

from __future__ import annotations

import contextlib
import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.keys import KEY_TO_UNICODE_NAME, Keys

from vmtui.text import display


@dataclass(frozen=True, slots=True)
class Key:
    """A thing that can be done, and the keys that do it unless the user chose others."""

    id: str
    """What a configuration file calls it."""
    keys: str
    """Textual's names, separated by commas; the first is shown."""
    words: str
    """What it does, as short as the footer needs it."""
    group: str
    """The heading it stands under in the help."""


KEYS: tuple[Key, ...] = (
    Key("zoom.in", "enter", "open", "microscope"),
    Key("zoom.out", "escape,backspace", "back", "microscope"),
    Key("goto.ask", "colon", "go to", "microscope"),
    Key("help.explain", "i", "explain", "microscope"),
    Key("table.up", "up,k", "up", "move"),
    Key("table.down", "down,j", "down", "move"),
    Key("table.page_up", "pageup", "page up", "move"),
    Key("table.page_down", "pagedown", "page down", "move"),
    Key("table.half_up", "ctrl+u", "half a page up", "move"),
    Key("table.half_down", "ctrl+d", "half a page down", "move"),
    Key("table.first", "g", "first", "move"),
    Key("table.last", "G", "last", "move"),
    Key("cursor.left", "left,h", "left", "move"),
    Key("cursor.right", "right,l", "right", "move"),
    Key("panel.next", "tab", "panel", "panels"),
    Key("panel.previous", "shift+tab", "previous panel", "panels"),
    Key("panel.maximise", "z", "maximise", "panels"),
    Key("mode.observe", "1", "Observe", "panels"),
    Key("mode.machine", "2", "Machine", "panels"),
    Key("mode.lab", "3", "Lab", "panels"),
    Key("mode.recordings", "4", "Recordings", "panels"),
    Key("filter.edit", "slash,f3,f4", "filter", "list"),
    Key("filter.next", "n", "next match", "list"),
    Key("filter.previous", "N", "previous match", "list"),
    Key("sort.menu", "s,f6", "sort", "list"),
    Key("sort.left", "less_than_sign", "sort column to the left", "list"),
    Key("sort.right", "greater_than_sign", "sort column to the right", "list"),
    Key("sort.reverse", "r", "reverse", "list"),
    Key("columns.choose", "c", "columns", "list"),
    Key("tree.toggle", "t,f5", "tree", "list"),
    Key("user.mine", "u", "mine only", "list"),
    Key("follow.toggle", "f", "follow", "list"),
    Key("zoom.closer", "plus", "closer", "picture"),
    Key("zoom.wider", "minus", "wider", "picture"),
    Key("zoom.fit", "0", "fit", "picture"),
    Key("legend.toggle", "L", "legend", "picture"),
    Key("page.bytes", "b", "bytes", "one page"),
    Key("page.search", "x", "search", "one page"),
    Key("clock.pause", "space", "pause", "clock"),
    Key("clock.back", "left_square_bracket", "one tick back", "clock"),
    Key("clock.forth", "right_square_bracket", "one tick forth", "clock"),
    Key("clock.back_ten", "left_parenthesis", "ten back", "clock"),
    Key("clock.forth_ten", "right_parenthesis", "ten forth", "clock"),
    Key("clock.first", "home", "first tick", "clock"),
    Key("clock.now", "end", "now", "clock"),
    Key("rate.slower", "left_curly_bracket", "slower", "clock"),
    Key("rate.faster", "right_curly_bracket", "faster", "clock"),
    Key("mark.set", "m", "mark", "clock"),
    Key("mark.changes", "d", "changes since the mark", "clock"),
    Key("peak.go", "p", "its largest moment", "clock"),
    Key("record.toggle", "R", "record on/off", "clock"),
    Key("compare.first", "d", "compare this one", "recordings"),
    Key("compare.with", "D", "compare with it", "recordings"),
    Key("row.copy", "y", "copy the row", "take away"),
    Key("export.shown", "e", "export", "take away"),
    Key("app.screenshot", "S", "screenshot", "take away"),
    Key("lab.run", "space", "run", "laboratory"),
    Key("lab.step", "right,l", "step", "laboratory"),
    Key("lab.reset", "r", "reset", "laboratory"),
    Key("lab.hide", "p", "hide", "laboratory"),
    Key("lab.edit", "e", "edit", "laboratory"),
    Key("lab.c", "C", "as C", "laboratory"),
    Key("lab.observe", "a", "observe", "laboratory"),
    Key("lab.notes", "n", "notes", "laboratory"),
    Key("lab.machine", "M", "machine", "laboratory"),
    Key("lab.overlay", "o", "last run", "laboratory"),
    Key("lab.language", "J", "日本語", "laboratory"),
    Key("signal.ask", "K,f9", "signal", "vmtui"),
    Key("app.projector", "P", "projector", "vmtui"),
    Key("app.palette", "ctrl+p", "all actions", "vmtui"),
    Key("help.show", "question_mark,f1", "help", "vmtui"),
    Key("app.suspend", "ctrl+z", "suspend", "vmtui"),
    Key("app.quit", "q,ctrl+q,f10", "quit", "vmtui"),
    Key("dialog.accept", "enter", "take it", "dialog"),
    Key("dialog.cancel", "escape", "leave it", "dialog"),
    Key("dialog.toggle", "space", "show or hide", "dialog"),
    Key("dialog.yes", "y", "yes", "dialog"),
    Key("dialog.no", "n", "no", "dialog"),
    Key("dialog.switch", "left,right,tab,h,l", "the other answer", "dialog"),
    Key("dialog.earlier", "shift+up,K", "move up", "dialog"),
    Key("dialog.later", "shift+down,J", "move down", "dialog"),
)

BY_ID = {key.id: key for key in KEYS}
GROUPS = tuple(dict.fromkeys(key.group for key in KEYS))
"""In the order of the help."""


_SHORT = {
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
_KEYBOARD = {key.value for key in Keys}
"""Names of keys that are not characters."""


def bind(
    key_id: str, action: str, words: str = "", *, show: bool = False, priority: bool = False
) -> Binding:
    """The binding of an id to an action of a screen or widget.

    Args:
        key_id: one of KEYS.
        action: as in Textual: `pause` for `action_pause`.
        words: what it does here, where that differs from KEYS.
        show: whether the footer shows it.
        priority: whether it is taken before the focused widget sees the key.
    """
    key = BY_ID[key_id]
    return Binding(key.keys, action, words or key.words, show=show, priority=priority, id=key_id)


def apply_keys(app: App[Any], chosen: Iterable[tuple[str, str]]) -> list[str]:
    """Put the user's keys in force; what is wrong with them, a sentence each."""
    keymap: dict[str, str] = {}
    complaints = []
    for key_id, keys in chosen:
        names = [name.strip() for name in keys.split(",") if name.strip()]
        bad = [name for name in names if not _is_key(name)]
        if key_id not in BY_ID:
            near = difflib.get_close_matches(key_id, BY_ID, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            complaints.append(f"[keys]: nothing is called «{display(key_id, 40)}»{hint}")
        elif bad:
            complaints.append(f"[keys] {key_id}: «{display(bad[0], 40)}» is not a key")
        elif names:
            keymap[key_id] = ",".join(names)
    app.set_keymap(keymap)
    return complaints


def key_words(name: str) -> str:
    """A key of Textual's as people write it: `/` for slash, `esc` for escape, `↑` for up."""
    *modifiers, base = name.split("+")
    if base in _SHORT:
        base = _SHORT[base]
    elif len(base) > 1 and "_" not in base and base in _KEYBOARD:
        pass
    elif len(base) > 1:
        spelled = KEY_TO_UNICODE_NAME.get(base, base.replace("_", " ")).upper()
        with contextlib.suppress(KeyError):
            base = unicodedata.lookup(spelled)
    return "+".join([*modifiers, base])


def _is_key(name: str) -> bool:
    base = name
    for modifier in ("ctrl+", "shift+", "alt+", "super+", "meta+"):
        base = base.removeprefix(modifier)
    if len(base) == 1 or base in KEY_TO_UNICODE_NAME or base in _KEYBOARD:
        return True
    try:
        return bool(unicodedata.lookup(base.replace("_", " ").upper()))
    except KeyError:
        return False
