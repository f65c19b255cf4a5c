"""What mountinfo says beside the cgroup hierarchies (those are in test_cgroup)."""

from __future__ import annotations

import pytest

from vmtui.kernel.mounts import parse


@pytest.mark.parametrize(
    ("options", "hides"),
    [
        (b"rw", False),
        (b"rw,hidepid=invisible", True),
        (b"rw,hidepid=2,gid=4", True),
        (b"rw,hidepid=0", False),
    ],
)
def test_hidepid(options: bytes, hides: bool) -> None:
    line = b"24 30 0:22 / /proc rw,nosuid - proc proc " + options + b"\n"
    assert parse(line).hides_processes is hides
