"""Rates from two readings, and the figures of a machine's row."""

from __future__ import annotations

from vmtui.kernel.meminfo import MemInfo
from vmtui.kernel.pressure import Line, Pressure
from vmtui.kernel.vmstat import VmStat
from vmtui.missing import Missing
from vmtui.model.fields.machine import MACHINE_FIELDS, MACHINE_FIELDS_BY_ID
from vmtui.model.machine import MachineReading, MachineRow, Rates, counts_events, rates

REFUSED = Missing("/proc/vmstat: the kernel refused")


def reading(at: float, **counters: int) -> MachineReading:
    return MachineReading(
        at=at,
        meminfo=MemInfo({"MemTotal": 1000, "MemFree": 400, "SwapTotal": 100, "SwapFree": 30}),
        vmstat=VmStat(counters),
        pressure=Pressure(Line(1.5, 0, 0, 7), Missing("not printed")),
        swaps=(),
    )


def test_rates_are_per_second() -> None:
    found = rates(reading(10, pgfault=100, pswpin=0), reading(12, pgfault=700, pswpin=8))
    assert isinstance(found, Rates)
    assert found.seconds == 2
    assert found["pgfault"] == 300
    assert found["pswpin"] == 4
    assert isinstance(found["pgmajfault"], Missing)


def test_amounts_have_no_rate() -> None:
    assert counts_events("pgfault")
    assert counts_events("nr_dirtied")
    assert not counts_events("nr_free_pages")
    assert not counts_events("workingset_nodes")


def test_a_counter_that_went_back_or_just_appeared_has_none() -> None:
    found = rates(reading(1, pgfault=9), reading(2, pgfault=8, pgscan=1))
    assert isinstance(found, Rates)
    assert dict(found.per_second) == {}


def test_rates_need_time_and_two_answers() -> None:
    one = reading(5, pgfault=1)
    assert isinstance(rates(one, one), Missing)
    silent = MachineReading(6, one.meminfo, REFUSED, one.pressure, ())
    assert rates(one, silent) is REFUSED
    assert rates(silent, one) is REFUSED


def test_a_row_says_why_there_is_no_rate() -> None:
    row = MachineRow(reading(1, pgfault=1))
    value = MACHINE_FIELDS_BY_ID["fault_rate"].value(row)
    assert isinstance(value, Missing)
    assert "two readings" in value.reason


def test_figures_of_a_row() -> None:
    row = MachineRow(reading(3, pgfault=10, pswpout=2), reading(1, pgfault=4, pswpout=0))
    values = {field.id: field.value(row) for field in MACHINE_FIELDS}
    assert values["mem_total"] == 1000
    assert values["swap_used"] == 70
    assert values["fault_rate"] == 3
    assert values["swap_out_rate"] == 4096
    assert values["pressure_some"] == 1.5
    assert values["pressure_full"] == Missing("not printed")
    assert values["unexplained"] == 600
    assert isinstance(values["slab"], Missing)


def test_an_unreadable_meminfo_is_missing_everywhere() -> None:
    base = reading(1)
    row = MachineRow(MachineReading(1, REFUSED, REFUSED, REFUSED, REFUSED))
    assert row.shares == ()
    assert all(isinstance(field.value(row), Missing) for field in MACHINE_FIELDS)
    assert base.shares()
