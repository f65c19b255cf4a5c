from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.captured import captured
from vmtui.kernel.meminfo import parse
from vmtui.missing import Missing

TEXT = captured("meminfo")
names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)


def test_captured() -> None:
    found = parse(TEXT)
    assert list(found)[:3] == ["MemTotal", "MemFree", "MemAvailable"]
    assert len(found) == TEXT.count(b"\n")
    assert "Active(anon)" in found
    total = next(line for line in TEXT.splitlines() if line.startswith(b"MemTotal"))
    assert found["MemTotal"] == int(total.split()[1]) * 1024


def test_huge_pages_are_counts() -> None:
    text = b"HugePages_Total:      12\nHugepagesize:       2048 kB\n"
    assert parse(text)["HugePages_Total"] == 12
    assert parse(text)["Hugepagesize"] == 2 << 20


def test_what_is_not_printed_is_missing() -> None:
    value = parse(TEXT)["Zswapped2"]
    assert isinstance(value, Missing)
    assert "Zswapped2" in value.reason


@given(st.dictionaries(names, st.integers(0, 1 << 50), min_size=1))
def test_any_names(figures: dict[str, int]) -> None:
    text = "".join(f"{name}:{kib:>16} kB\n".replace(":", ": ", 1) for name, kib in figures.items())
    found = parse(text.encode())
    assert list(found) == list(figures)
    assert all(found[name] == kib * 1024 for name, kib in figures.items())
