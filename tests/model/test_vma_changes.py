"""How much a VMA grew since another moment."""

from __future__ import annotations

import numpy as np

from tests.kernel.maps_text import PlainVma
from tests.model.test_vmas import PAGE, maps_of, vma
from vmtui.missing import Missing
from vmtui.model.vma_changes import grown
from vmtui.model.vmas import Vmas


def scanned(*each: tuple[PlainVma, int]) -> Vmas:
    """A table with that many resident pages in each VMA."""
    pages = np.array([resident for _, resident in each], np.int64)
    return Vmas.of(
        maps_of(*(one for one, _ in each)), resident_pages=pages, swapped_pages=pages * 0
    )


def test_by_what_covers_its_first_address() -> None:
    before = scanned((vma(1, 4), 4), (vma(10, 4), 1))
    after = scanned((vma(1, 4), 1), (vma(10, 8), 8), (vma(40), 1))
    assert [grown(one, before) for one in after] == [-3 * PAGE, 7 * PAGE, PAGE]


def test_what_is_not_known_is_no_change() -> None:
    unread = Vmas.of(maps_of(vma(1, 4), vma(10)))
    known = scanned((vma(1, 4), 3), (vma(20), 1))
    assert isinstance(grown(unread[0], known), Missing)
    assert isinstance(grown(known[0], unread), Missing)
    assert grown(known[1], unread) == PAGE
