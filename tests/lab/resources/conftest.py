"""What the tests of resources share: the machine for themselves, with others' things on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.resources.machine import adopting, assert_state, machine_state, others_things
from tests.truth.machine_wide import NotBorrowed, alone
from vmtui.lab.resources import memcg, swapfile, zram

_LOCK_SECONDS = 120.0


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Root's machine, for this module alone; the directory for journals and swap files.

    What was there before is there afterwards, and somebody else's things never change.
    """
    if os.geteuid() != 0:
        pytest.skip("needs root: swap, cgroups, huge pages")
    for why in (swapfile.refused(), zram.refused(), memcg.refusal()):
        if why is not None:
            pytest.skip(why.en)
    directory = tmp_path_factory.mktemp("machine")
    place = str(Path(directory, "vmtui"))
    try:
        with alone(_LOCK_SECONDS), adopting():
            before = machine_state(place)
            with others_things(str(directory)):
                yield place
            assert_state(before, place, "after all tests of the module")
    except NotBorrowed as error:
        pytest.skip(str(error))
    except OSError as error:
        pytest.skip(f"{error.filename}: {error.strerror}")
