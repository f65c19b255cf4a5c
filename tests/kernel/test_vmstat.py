from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.kernel.vmstat import parse
from vmtui.missing import Missing

names = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)


def test_captured() -> None:
    text = captured("vmstat")
    found = parse(text)
    assert len(found) == text.count(b"\n")
    assert next(iter(found)) == "nr_free_pages"
    assert all(name in found for name in ("pgfault", "pgmajfault", "pswpin", "pswpout"))
    assert isinstance(found["pgfault"], int)
    assert isinstance(found["no_such_counter"], Missing)


@given(st.dictionaries(names, st.integers(0, (1 << 64) - 1), min_size=1))
def test_any_counters(figures: dict[str, int]) -> None:
    found = parse("".join(f"{name} {value}\n" for name, value in figures.items()).encode())
    assert {name: found[name] for name in found} == figures
