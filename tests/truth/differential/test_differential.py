"""Theory and kernel over random scripts: a few hundred of each family, within some seconds each."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest

from tests.truth.differential.actions import FAMILIES
from tests.truth.differential.campaign import Campaign
from tests.truth.swap_file import NoSwap, swap_available
from vmtui.lab.probe import Findings, probe
from vmtui.lab.spawner import Bench

_SCRIPTS = 300
_SECONDS = 5.0 if os.geteuid() else 10.0
"""At most so long per family: twelve of them make two minutes."""


@pytest.fixture(scope="module")
def bench() -> Iterator[tuple[Bench, Findings]]:
    """A bench, with some swap where that is possible."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(NoSwap):
            stack.enter_context(swap_available())
        opened = stack.enter_context(Bench.open())
        yield opened, probe(opened)


@pytest.mark.parametrize("family", FAMILIES)
def test_theory_and_kernel_agree(bench: tuple[Bench, Findings], family: str) -> None:
    opened, findings = bench
    if FAMILIES[family].needs_swap and not findings.kernel.swap:
        pytest.skip("needs some swap, or root to add a swap file")
    if FAMILIES[family].needs_huge and findings.kernel.huge_mode == "never":
        pytest.skip("needs transparent huge pages")
    if family in ("file", "guard", "lock", "all") and not isinstance(findings.directory, str):
        pytest.skip(f"needs a directory on a disk: {findings.directory.reason}")
    campaign = Campaign(opened, findings.kernel)
    try:
        found = campaign.run(family, range(_SCRIPTS), seconds=_SECONDS)
    finally:
        campaign.close()
    assert found == []
    assert len(campaign.once) <= 2
    assert campaign.figures.actions > 100
