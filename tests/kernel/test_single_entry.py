"""The entry of one page by number."""

from __future__ import annotations

import ctypes
import os

import pytest

from vmtui.errors import VmtuiError
from vmtui.kernel import flags
from vmtui.kernel.files import PAGE_SIZE
from vmtui.kernel.single_entry import entry_of


def test_of_a_page_in_memory() -> None:
    kept = ctypes.create_string_buffer(b"x")
    assert entry_of(os.getpid(), ctypes.addressof(kept) // PAGE_SIZE) & flags.PM_PRESENT


@pytest.mark.parametrize("page", [0, (1 << 52) - 1, 1 << 60, 1 << 62])
def test_nothing_there(page: int) -> None:
    assert entry_of(os.getpid(), page) == 0


def test_nobody_of_that_number() -> None:
    with pytest.raises(VmtuiError):
        entry_of((1 << 31) - 1, 0)
