"""Sorted without doubles, as numpy.unique says it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vmtui.model.distinct import distinct


@given(st.lists(st.integers(0, 40), max_size=60), st.sampled_from(["<i8", "<u8", "|u1"]))
def test_as_numpy_says_it(numbers: list[int], kind: str) -> None:
    values = np.array(numbers, kind)
    before = values.copy()
    found = distinct(values)
    assert found.dtype == values.dtype
    assert np.array_equal(found, np.unique(values))
    assert np.array_equal(values, before)
