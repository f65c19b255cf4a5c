import os
from pathlib import Path

import pytest

from tests.kernel.captured import captured
from vmtui.errors import ParseError
from vmtui.kernel import host
from vmtui.missing import Missing


def test_this_host(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_bytes(captured("meminfo"))
    found = host.read(str(tmp_path))
    assert found.name == os.fsencode(os.uname().nodename)
    assert found.kernel_release == os.uname().release
    assert isinstance(found.memory_bytes, int)


def test_without_meminfo(tmp_path: Path) -> None:
    assert isinstance(host.read(str(tmp_path)).memory_bytes, Missing)


def test_boot_time() -> None:
    assert host.parse_boot_time(b"intr 0 0\nctxt 330035\nbtime 1795347217\n") == 1795347217
    with pytest.raises(ParseError):
        host.parse_boot_time(b"cpu 1 2 3\n")
