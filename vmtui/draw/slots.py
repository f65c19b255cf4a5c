"""Which palette slot a page state, a figure or a line takes."""

from __future__ import annotations

from vmtui.model.states import PageState

STATE_SLOTS = tuple(state.slot for state in PageState)
"""Indexed by PageState."""
_MEMORY = frozenset({*STATE_SLOTS, "kernel", "unexplained"})


def ink(slot: str) -> str:
    """The ink of a line or figure about that slot; chrome slots are inks already."""
    return f"{slot}-ink" if slot in _MEMORY else slot
