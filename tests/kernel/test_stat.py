from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.kernel.flags import PF_KTHREAD
from vmtui.kernel.stat import parse

numbers = st.lists(st.integers(-(1 << 63), 1 << 63), min_size=51, max_size=51)


def test_a_name_that_looks_like_the_next_fields() -> None:
    found = parse(captured("process-stat"))
    assert found.comm == b"a) R 1\n"
    assert (found.state, found.threads) == ("R", 1)
    assert (found.pid, found.ppid) == (10060, 10059)
    assert (found.vsize_bytes, found.rss_pages) == (21618688, 4332)
    assert (found.minflt, found.majflt, found.start_ticks) == (2979, 0, 145876)
    assert not found.kernel_thread


def test_kernel_thread_and_zombie() -> None:
    thread = parse(captured("kthread-stat"))
    assert thread.kernel_thread
    assert (thread.comm, thread.rss_pages) == (b"kthreadd", 0)
    assert parse(captured("zombie-stat")).state == "Z"


@given(comm=st.binary(max_size=64), state=st.sampled_from("RSDZTtXI"), fields=numbers)
def test_any_name_in_any_line(comm: bytes, state: str, fields: list[int]) -> None:
    rest = b" ".join(b"%d" % number for number in fields[2:])
    found = parse(b"%d (%s) %s %s\n" % (fields[0], comm, state.encode(), rest))
    assert (found.pid, found.comm, found.state) == (fields[0], comm, state)
    by_field = {3 + at: number for at, number in enumerate(fields[2:], start=1)}
    assert found.ppid == by_field[4]
    assert found.flags == by_field[9]
    assert (found.minflt, found.majflt) == (by_field[10], by_field[12])
    assert (found.utime_ticks, found.stime_ticks) == (by_field[14], by_field[15])
    assert (found.nice, found.threads) == (by_field[19], by_field[20])
    assert (found.start_ticks, found.vsize_bytes) == (by_field[22], by_field[23])
    assert found.rss_pages == by_field[24]
    assert found.kernel_thread == bool(by_field[9] & PF_KTHREAD)
