"""How the tests run everywhere: generated examples have no deadline, for a busy machine is slow."""

from __future__ import annotations

import os

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

_EXAMPLES = ".hypothesis"


def _database() -> ExampleDatabase | None:
    """Examples that failed are kept where the checkout can be written to."""
    return (
        DirectoryBasedExampleDatabase(f"{_EXAMPLES}/examples") if os.access(".", os.W_OK) else None
    )


settings.register_profile("vmtui", deadline=None, database=_database())
if not os.environ.get("CI"):  # there Hypothesis has a profile of its own, without randomness
    settings.load_profile("vmtui")
