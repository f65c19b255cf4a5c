"""The words of a script's line: names, sizes and page slices, read and written the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from vmtui.kernel.files import PAGE_SIZE

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,23}")
_SIZE = re.compile(r"([0-9]{1,15})([KMGT]?)")
_BOUND = re.compile(r"(-?[0-9]{1,12})(%|[KMGT]|)")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class Unexpected(Exception):
    """A line makes no sense; the message says what was expected, and what stood there."""


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of a slice: a page (negative from the end, as in Python) or a percentage."""

    number: int
    percent: bool = False

    def page(self, pages: int) -> int:
        """The page it means in a region of that many."""
        if self.percent:
            return pages * self.number // 100
        return max(0, min(pages, self.number + (pages if self.number < 0 else 0)))

    def __str__(self) -> str:
        return f"{self.number}{'%' if self.percent else ''}"


@dataclass(frozen=True, slots=True)
class Slice:
    """Pages of a region: `start:stop:stride`, each part optional; a number alone is one page."""

    start: Bound | None = None
    stop: Bound | None = None
    stride: int = 1

    def of(self, pages: int) -> range:
        """The indices it means in a region of that many pages."""
        start = self.start.page(pages) if self.start else 0
        stop = self.stop.page(pages) if self.stop else pages
        return range(start, max(start, stop), self.stride)

    @property
    def whole(self) -> bool:
        """Whether it is every page."""
        return self == WHOLE

    @property
    def page_alone(self) -> int | None:
        """The page, when it is only one with a number."""
        first, after = self.start, self.stop
        if first is None or after is None or first.percent or after.percent or self.stride > 1:
            return None
        return first.number if after.number == first.number + 1 and after.number else None

    def __str__(self) -> str:
        if self.page_alone is not None:
            return str(self.page_alone)
        ends = ":".join("" if end is None else str(end) for end in (self.start, self.stop))
        return ends if self.stride == 1 else f"{ends}:{self.stride}"


WHOLE = Slice()


class Words:
    """A line's words, taken from the left."""

    def __init__(self, words: Iterable[str]) -> None:
        self._left = list(words)
        self._taken: list[str] = []

    @property
    def next(self) -> str:
        """The word that comes next, not taken; "" at the end."""
        return self._left[0] if self._left else ""

    def take(self) -> str:
        """The next word."""
        self._taken.append(self._left.pop(0))
        return self._taken[-1]

    def taken(self, *choices: str) -> str:
        """The next word if it is one of these, else ""."""
        return self.take() if self.next in choices and self._left else ""

    def one_of(self, choices: Sequence[str]) -> str:
        """The next word, which must be one of these."""
        if self.next not in choices or not self._left:
            raise self.wrong(" or ".join(choices))
        return self.take()

    def name(self, what: str) -> str:
        """A name of the script's own."""
        if not _NAME.fullmatch(self.next):
            raise self.wrong(f"{what}: small letters, digits, - and _")
        return self.take()

    def size(self, what: str = "a size such as 64M") -> int:
        """Bytes, which must be whole pages and more than none."""
        return self._read(size_of, what)

    def count(self, what: str) -> int:
        """A number above zero."""
        return self._read(_count, what)

    def slice(self) -> Slice:
        """A page slice if the next word is one; every page otherwise."""
        found = slice_of(self.next)
        if found is None:
            return WHOLE
        self.take()
        return found

    def end(self) -> None:
        """Nothing may be left."""
        if self._left:
            raise self.wrong("nothing more")

    def wrong(self, expected: str) -> Unexpected:
        """What to raise where something else was expected."""
        found = f"«{self.next}»" if self._left else "the end of the line"
        after = f" after «{' '.join(self._taken)}»" if self._taken else ""
        return Unexpected(f"expected {expected}{after}, found {found}")

    def _read(self, read: Callable[[str], int | None], what: str) -> int:
        value = read(self.next)
        if value is None:
            raise self.wrong(what)
        self.take()
        return value


def size_of(word: str) -> int | None:
    """`64M` as bytes; None when it is no size, or no whole number of pages above zero."""
    match = _SIZE.fullmatch(word)
    if match is None:
        return None
    nbytes = int(match[1]) * _UNITS[match[2]]
    return nbytes if nbytes and nbytes % PAGE_SIZE == 0 and nbytes < 1 << 47 else None


def size_word(nbytes: int) -> str:
    """The shortest exact word for that many bytes: 100M, 96K, 1G."""
    for letter in "TGMK":
        if nbytes % _UNITS[letter] == 0 and nbytes:
            return f"{nbytes // _UNITS[letter]}{letter}"
    return str(nbytes)


def slice_of(word: str) -> Slice | None:
    """`::10`, `[0:50%]`, `7` as a slice; None when the word is none."""
    if word.startswith("[") and word.endswith("]"):
        word = word[1:-1]
    parts = word.split(":")
    if len(parts) == 1:
        first = _bound(parts[0])
        if first is None or first.percent:
            return None
        return Slice(first, None if first.number == -1 else Bound(first.number + 1))
    if len(parts) > 3 or (len(parts) == 3 and parts[2] and _count(parts[2]) is None):
        return None
    start, stop = (_bound(part) for part in parts[:2])
    if (parts[0] and start is None) or (parts[1] and stop is None):
        return None
    stride = _count(parts[2]) if len(parts) == 3 and parts[2] else 1
    return Slice(start, stop, stride or 1)


def _bound(word: str) -> Bound | None:
    match = _BOUND.fullmatch(word)
    if match is None:
        return None
    number = int(match[1])
    if match[2] == "%":
        return Bound(number, percent=True) if 0 <= number <= 100 else None
    return Bound(number * _UNITS[match[2]] // PAGE_SIZE) if match[2] else Bound(number)


def _count(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and 0 < int(word) < 1 << 40 else None
