"""What several text files of /proc have in common: «Name: value kB» lines and octal escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sys import intern

from vmtui.errors import ParseError
from vmtui.missing import Missing

_AMOUNT = re.compile(rb"^([!-9;-~]+):[ \t]+([0-9]{1,20})( kB)?$", re.MULTILINE)
_COUNTER = re.compile(rb"^([!-~]+) ([0-9]{1,20})$", re.MULTILINE)
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")


@dataclass(frozen=True, slots=True)
class NamedFigures:
    """What such a file says: an int by the kernel's name, or Missing where it has no such line."""

    figures: Mapping[str, int]
    """In file order."""

    def __getitem__(self, name: str) -> int | Missing:
        found = self.figures.get(name)
        return not_printed(name) if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(self.figures)

    def __len__(self) -> int:
        return len(self.figures)

    def __contains__(self, name: object) -> bool:
        return name in self.figures


def amounts(raw: bytes, what: str) -> dict[str, int]:
    """`Name: value kB` lines in file order; kB as bytes, values without a unit as they are.

    Lines of any other form (a header, something newer than this reader) are left out.

    Raises:
        ParseError: there is no such line at all.
    """
    found = {
        intern(name.decode("ascii")): int(value) << 10 if unit else int(value)
        for name, value, unit in _AMOUNT.findall(raw)
    }
    if not found:
        raise ParseError(f"{what}: no line of the form «Name: value kB»")
    return found


def counters(raw: bytes, what: str) -> dict[str, int]:
    """`name value` lines in file order.

    Raises:
        ParseError: there is no such line at all.
    """
    found = {intern(name.decode("ascii")): int(value) for name, value in _COUNTER.findall(raw)}
    if not found:
        raise ParseError(f"{what}: no line of the form «name value»")
    return found


def not_printed(name: str) -> Missing:
    """The value of a line that this kernel does not print."""
    return Missing(
        f"this kernel does not print {name}", "a newer kernel, or the option switched on"
    )


def unescaped(path: bytes) -> bytes:
    r"""A path as it was, from a file that prints space, tab, newline and backslash as `\ooo`."""
    return _OCTAL.sub(lambda match: bytes((int(match[1], 8),)), path)
