"""What the user types after `/`: words, `pid:1`, `user:root`, `rss>100M`; all must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.model.fields.field import Cost, Field, Unit

RowT = TypeVar("RowT")

_COMPARISON = re.compile(r"([a-z_0-9/]+)(>=|<=|>|<|=|:)(.*)", re.IGNORECASE)
_NUMBER = re.compile(r"([-−]?\d+(?:\.\d+)?)([kmgtp]?)(?:i?b)?", re.IGNORECASE)
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    ":": lambda a, b: a == b,
}


class FilterError(VmtuiError):
    """The filter's text was not understood; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Filter(Generic[RowT]):
    """A parsed filter."""

    text: str
    tests: tuple[Callable[[RowT], bool], ...]
    needs: frozenset[Cost]
    """What must be read of every process for it, beyond what is shown."""

    def __call__(self, row: RowT) -> bool:
        """Whether the row passes. What is not known does not pass a comparison."""
        return all(test(row) for test in self.tests)

    def __bool__(self) -> bool:
        return bool(self.tests)


def parse(
    text: str, fields: Mapping[str, Field[RowT]], words: tuple[str, ...] = ("command",)
) -> Filter[RowT]:
    """The filter that `text` spells.

    Args:
        text: words and comparisons, separated by blanks.
        fields: what can be compared, by id or by column title.
        words: the ids of the fields in which a bare word is looked for.

    Raises:
        FilterError: one sentence that says what was expected.
    """
    tests: list[Callable[[RowT], bool]] = []
    needs: set[Cost] = set()
    titles = {field.title.lower(): field for field in fields.values()}
    for token in text.split():
        match = _COMPARISON.fullmatch(token)
        field = None
        if match:
            name = match[1].lower()
            field = fields.get(name) or titles.get(name)
        if match is None or (field is None and match[2] == ":"):
            tests.append(_contains(token, [fields[name] for name in words]))
            continue
        if field is None:
            raise FilterError(f"there is no column called {match[1]!r}; try rss>100M or pid:1")
        if not match[3]:
            continue  # still typing
        needs.add(field.cost)
        tests.append(_compares(field, match[2], match[3]))
    return Filter(text, tuple(tests), frozenset(needs))


def _contains(word: str, fields: list[Field[Any]]) -> Callable[[Any], bool]:
    wanted = word.lower()

    def test(row: Any) -> bool:
        return any(wanted in str(field.get(row)).lower() for field in fields)

    return test


def _compares(field: Field[Any], sign: str, wanted: str) -> Callable[[Any], bool]:
    if field.unit is Unit.TEXT:
        if sign not in ":=":
            raise FilterError(f"{field.id} is text: use {field.id}:word")
        lowered = wanted.lower()
        if sign == "=":
            return lambda row: str(field.get(row)).lower() == lowered
        return lambda row: lowered in str(field.get(row)).lower()
    match = _NUMBER.fullmatch(wanted)
    if match is None:
        raise FilterError(f"{wanted!r} is no number; sizes are written like 100M or 1.5G")
    base = 1024 if field.unit in (Unit.BYTES, Unit.CHANGE) else 1000
    number = float(match[1].replace("−", "-")) * base ** " kmgtp".index(match[2].lower() or " ")
    compare = _COMPARE[sign]

    def test(row: Any) -> bool:
        value = field.get(row)
        return not isinstance(value, Missing) and compare(value, number)

    return test
