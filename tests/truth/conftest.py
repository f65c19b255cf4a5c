"""What tests of pages share: the bench, and settings of the machine for the time of a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.truth.machine_wide import NotBorrowed, huge_pool, ksm_running
from tests.truth.page_bench import (
    AS_ROOT,
    Bench,
    acting_as_nobody,
)
from tests.truth.specimen import (
    Specimen,
)
from tests.truth.swap_file import NoSwap, swap_available
from vmtui.kernel.target import Target
from vmtui.observe import page_reader
from vmtui.observe.page_reader import PageReader


@pytest.fixture(params=["root", "nobody"] if AS_ROOT else ["self"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    nobody = request.param == "nobody"
    with Specimen(as_nobody=nobody) as specimen:
        with acting_as_nobody(nobody):
            target = Target(specimen.pid)
            reader = PageReader(target)
        assert reader.pfns_visible == (request.param == "root")
        with target, reader:
            yield Bench(specimen, target, reader)


@pytest.fixture
def swap() -> Iterator[None]:
    try:
        with swap_available():
            yield
    except NoSwap as why:
        pytest.skip(str(why))


@pytest.fixture
def always_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refresh by scan even where a full read would be cheap."""
    monkeypatch.setattr(page_reader, "SMALL_PAGES", 0)


@pytest.fixture
def pool() -> Iterator[None]:
    """Two huge pages; torn down last, once the specimen has given them back."""
    try:
        with huge_pool(2):
            yield
    except NotBorrowed as why:
        pytest.skip(str(why))


@pytest.fixture
def ksm() -> Iterator[None]:
    try:
        with ksm_running():
            yield
    except NotBorrowed as why:
        pytest.skip(str(why))
