"""A text that is read again and again, and parsed only where it is not that of the last time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Parsed(Generic[T]):
    """Keeps the last text with what it says: equal texts give the same object."""

    def __init__(self, parse: Callable[[bytes], T]) -> None:
        """Nothing is kept yet.

        Args:
            parse: what a text says; it may raise, and then nothing new is kept.
        """
        self._parse = parse
        self._kept: tuple[bytes, T] | None = None

    def __call__(self, raw: bytes) -> T:
        """What that text says."""
        kept = self._kept
        if kept is None or kept[0] != raw:
            kept = self._kept = raw, self._parse(raw)
        return kept[1]
