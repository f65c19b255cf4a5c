"""The bytes that begin a value, and the bounds within which a recording must stay."""

from __future__ import annotations

from typing import Final

import numpy as np

from vmtui.errors import VmtuiError

SAME: Final = 0
"""As in the base, at the same place."""
NONE: Final = 1
FALSE: Final = 2
TRUE: Final = 3
INT: Final = 4
"""Zigzag varint."""
INT_STEP: Final = 5
"""The same, to be added to the base."""
FLOAT: Final = 6
BYTES: Final = 7
STR: Final = 8
TUPLE: Final = 9
TUPLE_LIKE: Final = 10
"""As long as the base's; each item against the base's."""
EDIT: Final = 11
"""A tuple of processes as changes of the base's."""
RECORD: Final = 12
RECORD_LIKE: Final = 13
"""Of the base's class: a mask of fields, then those."""
MAPPING: Final = 14
MAPPING_LIKE: Final = 15
"""With the base's keys."""
STEPS_LIKE: Final = 16
"""With the base's keys; all values are integers, as an array of differences."""
FROZENSET: Final = 17
ARRAY: Final = 18
ARRAY_XOR: Final = 19
"""Of the base's length: an array to combine with it by exclusive or."""
ARRAY_SPLICE: Final = 20
"""The base's beginning and end, with an array between them."""
NAMES: Final = 21
"""A list of byte strings: the distinct ones, and an array of indices."""
NAMES_SPLICE: Final = 22
RUNS: Final = 23
RUNS_STEP: Final = 24
"""Runs to be laid over the base's."""

COPY: Final = 0
DROP: Final = 1
CHANGE: Final = 2
INSERT: Final = 3

MOST_BYTES = 64 << 20
"""Of one part, unpacked; a part that would be larger is not written."""
MOST_VALUES = 4_000_000
"""Of one part."""
MOST_DEPTH = 24
MOST_INT_BITS = 70

SCALARS: tuple[str, ...] = (
    "|b1", "|u1", "<u2", "<u4", "<u8", "|i1", "<i2", "<i4", "<i8", "<f8",
)  # fmt: skip
"""Types of array items, by number. What lies above them is a text of so many bytes."""
DTYPES = tuple(np.dtype(code) for code in SCALARS)
CODES = {dtype: code for code, dtype in enumerate(DTYPES)}
TEXT_CODE = 128
"""Plus the length of each text."""
NARROW = tuple(DTYPES[code] for code in (1, 2, 3))
"""In which integers are stored when they all fit."""


class Damaged(VmtuiError):
    """A recording's bytes make no sense, or are out of bounds."""
