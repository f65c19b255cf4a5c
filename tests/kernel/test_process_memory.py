"""Bytes of a process: exact, bounded, and refused in words."""

from __future__ import annotations

import ctypes
import mmap
import os

import pytest

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.kernel import process_memory
from vmtui.kernel.target import Target


def test_reads_what_is_there() -> None:
    kept = ctypes.create_string_buffer(b"the bytes of this very process")
    with Target(os.getpid()) as target:
        found = process_memory.read(target, ctypes.addressof(kept), len(kept.value))
    assert found == kept.value


def test_is_bounded() -> None:
    size = 2 * process_memory.MOST_BYTES
    with mmap.mmap(-1, size) as memory, Target(os.getpid()) as target:
        address = ctypes.addressof(one := ctypes.c_char.from_buffer(memory))
        assert len(process_memory.read(target, address, size)) == process_memory.MOST_BYTES
        del one


@pytest.mark.parametrize("address", [0, (1 << 64) - 4096, 1 << 62])
def test_where_nothing_is(address: int) -> None:
    with Target(os.getpid()) as target, pytest.raises(VmtuiError) as caught:
        process_memory.read(target, address)
    assert str(os.getpid()) in str(caught.value)
    if address == 0:
        assert isinstance(caught.value, NotPermitted)
        assert "nothing can be read" in str(caught.value)
