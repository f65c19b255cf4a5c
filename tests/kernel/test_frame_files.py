"""Long reads of the frame files, on a file of our own and, as root, the kernel's."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from vmtui.errors import NotPermitted, NotSupported
from vmtui.kernel import kpage
from vmtui.kernel.frame_files import FrameFile


def test_reads_up_to_the_end(tmp_path: Path) -> None:
    words = np.arange(1000, dtype=np.uint64)
    (tmp_path / "kpageflags").write_bytes(words.tobytes())
    with FrameFile(proc=str(tmp_path)) as source:
        assert source.end() == 1000
        buffer = np.full(64, np.uint64(7))
        assert source.read(100, buffer) == 64
        assert buffer.tolist() == list(range(100, 164))
        assert source.read(990, buffer) == 10
        assert buffer[:11].tolist() == [*range(990, 1000), 110]
        assert source.read(5000, buffer) == 0


def test_absent_is_not_supported(tmp_path: Path) -> None:
    with pytest.raises(NotSupported):
        FrameFile("kpagecgroup", proc=str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read it")
def test_only_root() -> None:
    with pytest.raises(NotPermitted):
        FrameFile()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_says_what_single_reads_say() -> None:
    with FrameFile() as source:
        first = source.end() - 4096
        bulk = np.zeros(4096, np.uint64)
        assert source.read(first, bulk) == 4096
    single = kpage.flags_of(np.arange(first, first + 4096, dtype=np.uint64))
    assert (bulk == single).mean() > 0.9  # memory is in use meanwhile
