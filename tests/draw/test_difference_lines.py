"""What differs between two moments, in words."""

from __future__ import annotations

from tests.model.test_vma_difference import moment
from tests.model.test_vmas import PAGE, vma
from vmtui.draw.difference_lines import (
    MACHINE_COLUMNS,
    about_vma,
    cause_cell,
    everything_about,
    leak_words,
    moments,
)  # fmt: skip
from vmtui.draw.paint import text_of, width
from vmtui.missing import Missing
from vmtui.model.growth import Leak, Room
from vmtui.model.leak_report import Leaking, LeakReport
from vmtui.model.machine_difference import MachineDifference
from vmtui.model.vma_difference import Difference, VmaDifference

ONE = vma(16, 8)


def grown() -> VmaDifference:
    return Difference(moment((ONE, "aa......")), moment((ONE, "aaaaWW..")))[0]


def test_a_vma_before_and_after() -> None:
    assert text_of(about_vma(grown())) == (
        "[anon] rw-p  000000010000  resident 8.00K → 16.0K  in swap 0 → 8.00K\n"
        "+8.0K in [anon], touched, 8.00K paged out to swap, private dirty"
    )


def test_the_cell_of_causes_is_as_wide_as_its_column() -> None:
    for cells in (5, 12, 40, 90):
        assert width(cause_cell(grown(), cells)) == cells
    assert text_of([cause_cell(grown(), 20)]) == "touched, 8.00K page…"


def test_everything_of_a_vma() -> None:
    text = text_of(everything_about(grown()))
    assert "resident       8.00K → 16.0K   +8.0K" in text
    assert "2  Pages that went to swap." in text and "private dirty      – → –" in text


def test_moments_of_one_day_and_of_two() -> None:
    assert text_of([moments(0.0, 90.0)]).endswith("1 min 30 s later")
    assert text_of([moments(90.0, 0.0)]).endswith("1 min 30 s earlier")
    assert text_of([moments(0.0, 200_000.0)]).count("-") == 4  # with both dates


def report(room: Room | Missing, rate: float = 100.0) -> LeakReport:
    leak = Leak(rate, 40 * PAGE, 5, 5)
    return LeakReport((Leaking(grown(), leak),), 60.0, room)


def test_how_long_there_is_room() -> None:
    assert leak_words(LeakReport((), 90.0, Room(5, "machine"))) == (
        "nothing only ever grew in 1 min 30 s"
    )
    assert "the 58.6K left to its cgroup's limit will last 10 min 00 s" in leak_words(
        report(Room(60_000, "cgroup"))
    )
    assert "no limit is set: the 58.6K that the machine has left will last 10 min" in leak_words(
        report(Room(60_000, "machine"))
    )
    assert leak_words(report(Missing("no"))).endswith("is not known")


def test_amounts_and_events_share_a_column() -> None:
    delta = next(field for field in MACHINE_COLUMNS if field.id == "delta")
    rows = [
        MachineDifference("anon", "anon", "", "bytes", 4096, 0),
        MachineDifference("pgfault", "pgfault", "", "events", 1, 20_001),
        MachineDifference("swap_used", "swap used", "", "bytes", Missing("no"), 1),
    ]
    assert [delta.get(one).strip() for one in rows] == ["−4.0K", "+20.0k", "–"]
