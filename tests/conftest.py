"""How the tests run everywhere: four at a time, those of the machine one after the other.

Tests of screens mostly wait, so there may be more processes than CPUs. Generated examples have no
deadline, for a busy machine is slow.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

_EXAMPLES = ".hypothesis"
_TESTS = Path(__file__).parent
ONE_AT_A_TIME = (
    "lab",
    "truth",
    "pty",
    "cli/test_lab.py",
    "ui/lab/test_run.py",
    "ui/lab/test_taping.py",
    "ui/screens/test_lab.py",
)
"""What depends on the whole machine: swap, huge pages, frames, one CPU."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the whole machine stay in one process, in their order."""
    places = [_TESTS / name for name in ONE_AT_A_TIME]
    for item in items:
        if any(item.path.is_relative_to(place) for place in places):
            item.add_marker(pytest.mark.machine)
            item.add_marker(pytest.mark.xdist_group("machine"))


def _database() -> ExampleDatabase | None:
    """Examples that failed are kept where the checkout can be written to."""
    return (
        DirectoryBasedExampleDatabase(f"{_EXAMPLES}/examples") if os.access(".", os.W_OK) else None
    )


settings.register_profile("vmtui", deadline=None, database=_database())
if not os.environ.get("CI"):  # there Hypothesis has a profile of its own, without randomness
    settings.load_profile("vmtui")
