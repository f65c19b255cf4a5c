"""What the user types after `/`: words, `pid:1`, `user:root`, `rss>100M`; all must hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.model.fields.field import Cost, Field, Unit

RowT = TypeVar("RowT")

_COMPARISON = re.compile(r"([a-z_0-9/]+)(>=|<=|>|<|=|:)(.*)", re.IGNORECASE)
_NUMBER = re.compile(r"([-−]?\d+(?:\.\d+)?)([kmgtp]?)(?:i?b)?", re.IGNORECASE)
COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    ":": lambda a, b: a == b,
}
"""By sign; they work on numbers and on arrays."""


class FilterError(VmtuiError):
    """The filter's text was not understood; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Term(Generic[RowT]):
    """One condition: any of the fields must satisfy it."""

    fields: tuple[Field[RowT], ...]
    sign: str
    """A key of `COMPARE`, or empty where a text shall contain the word."""
    wanted: str | float
    """A number, or a lower-case text."""

    def holds(self, value: Any) -> bool:
        """Whether a value satisfies it. What is not known satisfies no comparison."""
        if isinstance(value, Missing):
            return False
        if isinstance(self.wanted, str):
            text = str(value).lower()
            return text == self.wanted if self.sign == "=" else self.wanted in text
        return bool(COMPARE[self.sign](value, self.wanted))

    def __call__(self, row: RowT) -> bool:
        """Whether any of its fields satisfies it."""
        return any(self.holds(field.get(row)) for field in self.fields)


@dataclass(frozen=True, slots=True)
class Filter(Generic[RowT]):
    """A parsed filter."""

    terms: tuple[Term[RowT], ...] = ()

    @property
    def needs(self) -> frozenset[Cost]:
        """What must be read of every row for it, beyond what is shown."""
        return frozenset(field.cost for term in self.terms for field in term.fields)

    def __call__(self, row: RowT) -> bool:
        """Whether the row passes."""
        return all(term(row) for term in self.terms)

    def __bool__(self) -> bool:
        return bool(self.terms)


def parse(
    text: str, fields: Mapping[str, Field[RowT]], words: Sequence[str] = ("command",)
) -> Filter[RowT]:
    """The filter that `text` spells.

    Args:
        text: words and comparisons, separated by blanks.
        fields: what can be compared, by id or by column title.
        words: the ids of the fields in which a bare word is looked for.

    Raises:
        FilterError: one sentence that says what was expected.
    """
    titles = {field.title.lower(): field for field in fields.values()}
    anywhere = tuple(fields[name] for name in words)
    terms: list[Term[RowT]] = []
    for token in text.split():
        match = _COMPARISON.fullmatch(token)
        field = None
        if match:
            field = fields.get(match[1].lower()) or titles.get(match[1].lower())
        if match is None or (field is None and match[2] == ":"):
            terms.append(Term(anywhere, "", token.lower()))
        elif field is None:
            raise FilterError(f"there is no column called {match[1]!r}; try rss>100M or pid:1")
        elif match[3]:  # else it is still being typed
            terms.append(_comparison(field, match[2], match[3]))
    return Filter(tuple(terms))


def _comparison(field: Field[RowT], sign: str, wanted: str) -> Term[RowT]:
    if field.unit is Unit.TEXT:
        if sign not in ":=":
            raise FilterError(f"{field.id} is text: use {field.id}:word")
        return Term((field,), "=" if sign == "=" else "", wanted.lower())
    if field.unit is Unit.ADDRESS:
        try:
            return Term((field,), sign, int(wanted, 16))
        except ValueError as error:
            raise FilterError(f"{wanted!r} is no address in hexadecimal") from error
    match = _NUMBER.fullmatch(wanted)
    if match is None:
        raise FilterError(f"{wanted!r} is no number; sizes are written like 100M or 1.5G")
    base = 1024 if field.unit in (Unit.BYTES, Unit.CHANGE) else 1000
    number = float(match[1].replace("−", "-")) * base ** " kmgtp".index(match[2].lower() or " ")
    return Term((field,), sign, number)
