"""How the tests run everywhere: four at a time, those of the machine one after the other.

Tests of screens mostly wait, so there may be more processes than CPUs. Generated examples have no
deadline, for a busy machine is slow.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

_EXAMPLES = ".hypothesis"
_PLACES = tuple(
    f"tests/{place}"
    for place in (
        "lab/",
        "truth/",
        "pty/",
        "cli/test_lab.py",
        "ui/lab/test_run.py",
        "ui/lab/test_taping.py",
        "ui/screens/test_lab.py",
    )
)
"""Of tests that depend on the whole machine: swap, huge pages, frames, one CPU."""
_MACHINE = "machine"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those tests are marked."""
    for item in items:
        if item.nodeid.startswith(_PLACES):
            item.add_marker(_MACHINE)


class _OneMachine(LoadScopeScheduling):
    """One process has all tests that depend on the machine; the others take what there is."""

    def _split_scope(self, nodeid: str) -> str:
        return _MACHINE if nodeid.startswith(_PLACES) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _OneMachine:
    """See there."""
    return _OneMachine(config, log)


def _database() -> ExampleDatabase | None:
    """Examples that failed are kept where the checkout can be written to."""
    return (
        DirectoryBasedExampleDatabase(f"{_EXAMPLES}/examples") if os.access(".", os.W_OK) else None
    )


settings.register_profile("vmtui", deadline=None, database=_database())
if not os.environ.get("CI"):  # there Hypothesis has a profile of its own, without randomness
    settings.load_profile("vmtui")
