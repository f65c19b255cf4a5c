import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.errors import ParseError
from vmtui.kernel.status import NO_USER_MEMORY, parse
from vmtui.missing import Missing

PROCESS = captured("process-status")


def test_captured_process() -> None:
    found = parse(PROCESS)
    assert found.name == b"a) R 1\n"
    assert (found.state, found.threads, found.uid, found.euid) == ("R", 1, 0, 0)
    assert found.ns_pids == (found.tgid,)
    assert found.has_user_memory
    parts = (found.rss_anon_bytes, found.rss_file_bytes, found.rss_shmem_bytes)
    assert sum(part for part in parts if not isinstance(part, Missing)) == found.vm_rss_bytes
    assert found.rss_shmem_bytes == 8 << 20


@pytest.mark.parametrize("name", ["kthread-status", "zombie-status"])
def test_no_user_memory_is_missing_not_zero(name: str) -> None:
    found = parse(captured(name))
    assert found.vm_rss_bytes == NO_USER_MEMORY
    assert found.hugetlb_bytes == NO_USER_MEMORY
    assert not found.has_user_memory


def test_an_older_kernel_prints_fewer_lines() -> None:
    older = b"".join(
        line
        for line in PROCESS.splitlines(keepends=True)
        if not line.startswith((b"RssAnon", b"NSpid"))
    )
    found = parse(older)
    assert isinstance(found.rss_anon_bytes, Missing)
    assert found.rss_anon_bytes != NO_USER_MEMORY
    assert found.ns_pids == ()
    assert found.vm_rss_bytes == parse(PROCESS).vm_rss_bytes


@given(st.binary(max_size=15).filter(lambda name: b"\0" not in name))
def test_any_name(name: bytes) -> None:
    shown = name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")
    rest = PROCESS.partition(b"\n")[2]
    assert parse(b"Name:\t" + shown + b"\n" + rest).name == name


def test_a_line_every_process_has_is_required() -> None:
    with pytest.raises(ParseError):
        parse(PROCESS.replace(b"PPid:", b"Paid:"))
