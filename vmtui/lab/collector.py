"""Python's collector, kept from walking over the theory's pages again and again.

A region of 1 GiB is more than a million objects of the theory. They go when nothing refers to them
any more; looking through all of them for rings of references takes longer than the operations do.
Young objects are collected as ever, so a run that is left standing for an hour costs nothing.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_NEVER = 1 << 30

_turn = threading.Lock()
_usual: list[int] = []
"""The threshold of old objects before each of those who are inside now."""


@contextmanager
def old_ones_rest() -> Iterator[None]:
    """Do not collect old objects meanwhile; may be nested, and used by several threads."""
    with _turn:
        young, middle, old = gc.get_threshold()
        _usual.append(old)
        gc.set_threshold(young, middle, _NEVER)
    try:
        yield
    finally:
        with _turn:
            young, middle, _ = gc.get_threshold()
            # Whoever leaves last leaves what the first one found.
            gc.set_threshold(young, middle, _NEVER if len(_usual) > 1 else _usual[0])
            _usual.pop()
