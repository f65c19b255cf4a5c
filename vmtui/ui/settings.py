"""The settings and where they come from: flag > VMTUI_* > configuration file > default.

Knows no Textual, so that the command line can use it before deciding to open the app.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vmtui.errors import VmtuiError
from vmtui.text import display
from vmtui.ui.places import config_file, read_trusted

THEMES = ("dark", "light", "projector", "projector-light")
COLORS = ("auto", "truecolor", "256", "16", "mono")


class SettingsError(VmtuiError):
    """A flag, variable or configuration line that says something impossible: wrong usage."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user may choose."""

    interval: float = 1.0
    """Seconds between two samples."""
    theme: str = "dark"
    """One of THEMES."""
    colors: str = "auto"
    """One of COLORS; auto asks the terminal."""
    ascii: bool | None = None
    """Plain letters instead of blocks and braille; None asks the locale."""
    mouse: bool = True
    """Whether the mouse is ours; without it the terminal selects text."""
    history_minutes: float = 10.0
    """How far back the clock can be turned."""
    process_columns: tuple[str, ...] = ()
    """Ids of fields in their order; empty for the default ones."""
    vma_columns: tuple[str, ...] = ()
    """The same for the VMA table."""
    keys: tuple[tuple[str, str], ...] = ()
    """Keys by id of the binding: `("clock.pause", "space,p")`."""


def _number(low: float, high: float, words: str) -> Callable[[object], float]:
    def read(value: object) -> float:
        try:
            if isinstance(value, bool) or not isinstance(value, int | float | str):
                raise ValueError
            number = float(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise ValueError(f"{words} from {low:g} to {high:g}")
        return number

    return read


def _choice(names: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if str(value) not in names:
            raise ValueError("one of " + ", ".join(names))
        return str(value)

    return read


def _switch(value: object) -> bool:
    words = {"1": True, "yes": True, "on": True, "true": True}
    words |= {"0": False, "no": False, "off": False, "false": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError("true or false")


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    if not isinstance(value, list | tuple) or not all(isinstance(n, str) and n for n in value):
        raise ValueError("a list of column ids")
    return tuple(value)


def _keys(value: object) -> tuple[tuple[str, str], ...]:
    """`clock.pause = "p"` is a nested table to TOML, `"clock.pause" = "p"` is not: take both."""
    found: list[tuple[str, str]] = []

    def walk(table: object, above: str) -> None:
        if not isinstance(table, dict):
            raise ValueError('a table of id = "key,key"')
        for name, entry in table.items():
            if isinstance(entry, dict):
                walk(entry, f"{above}{name}.")
            elif isinstance(entry, str) and entry.strip(", "):
                found.append((above + name, entry))
            else:
                raise ValueError(f'key names for {display(above + name)}, such as "space,p"')

    walk(value, "")
    return tuple(found)


_READERS: dict[str, Callable[[object], Any]] = {
    "interval": _number(0.1, 3600, "a number of seconds"),
    "theme": _choice(THEMES),
    "colors": _choice(COLORS),
    "ascii": _switch,
    "mouse": _switch,
    "history_minutes": _number(1, 1440, "a number of minutes"),
    "process_columns": _names,
    "vma_columns": _names,
    "keys": _keys,
}

_IN_FILE = {"process_columns": ("columns", "processes"), "vma_columns": ("columns", "vmas")}
"""Options that stand in a table of the file."""


def load(
    flags: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    path: Path | None = None,
) -> Settings:
    """The settings for this run.

    Args:
        flags: options from the command line by field name; None means not given.
        environ: where `VMTUI_INTERVAL` and the like are looked up (everything but keys).
        path: a configuration file to read instead of the usual one; it must then exist.

    Raises:
        SettingsError: one sentence that names the file and line, the variable or the flag.
    """
    chosen = _from_file(path, environ)
    for name in _READERS:
        variable = "VMTUI_" + name.upper()
        if name != "keys" and environ.get(variable):
            chosen[name] = _read(name, environ[variable], variable)
        if (value := (flags or {}).get(name)) is not None:
            chosen[name] = _read(name, value, "--" + name.replace("_", "-"))
    return replace(Settings(), **chosen)


def _read(name: str, value: object, where: str) -> Any:
    try:
        return _READERS[name](value)
    except ValueError as error:
        shown = display(str(value), 40)
        raise SettingsError(f"{where} must be {error}, not «{shown}»") from error


def _from_file(path: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    wanted = path or config_file(environ)
    shown = display(str(wanted))
    try:
        text = read_trusted(wanted, environ)
        if text is None:
            if path is not None:
                raise SettingsError(f"{shown}: no such file")
            return {}
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{shown}: not TOML: {display(str(error))}") from error
    except SettingsError:
        raise
    except VmtuiError as error:
        raise SettingsError(str(error)) from error

    chosen: dict[str, Any] = {}
    for name in _READERS:
        table, key = _IN_FILE.get(name, ("", name))
        source = document.get(table, {}) if table else document
        if not isinstance(source, dict):
            raise SettingsError(f"{shown}{_line(text, '', table)}: [{table}] must be a table")
        if key in source:
            chosen[name] = _read(name, source.pop(key), f"{shown}{_line(text, table, key)}: {key}")
    for table in {table for table, _ in _IN_FILE.values()}:
        for key in document.pop(table, {}):
            raise SettingsError(
                f"{shown}{_line(text, table, key)}: [{table}] has no {display(key)}"
            )
    for key in document:
        known = ", ".join(name for name in _READERS if name not in _IN_FILE)
        raise SettingsError(
            f"{shown}{_line(text, '', key)}: there is no option {display(key)}; "
            f"there are {known} and [columns]"
        )
    return chosen


def _line(text: str, table: str, key: str) -> str:
    """` line 3`, where `key` of `table` is set; empty if it is written in an unusual way."""
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            here = header[1]
            if here == key and not table:
                return f" line {number}"
        elif here == table and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line):
            return f" line {number}"
    return ""
