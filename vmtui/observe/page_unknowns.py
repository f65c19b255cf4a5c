"""Which figures of a range nobody could tell, and why: only where there are pages they apply to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vmtui.errors import NotPermitted, NotSupported, ParseError
from vmtui.kernel import flags
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.pages import FILE, GUARD, PRESENT, SWAPPED, ZERO

_FACTS = np.arange(256)
HAS_FILE = (_FACTS & (PRESENT | FILE)) == PRESENT | FILE
"""Facts bytes of present pages of a file, or of shared memory."""
HAS_PRIVATE = (_FACTS & (PRESENT | FILE | ZERO)) == PRESENT
"""Facts bytes of present private pages, zero pages not included."""
HAS_SWAPPED = (_FACTS & (PRESENT | SWAPPED | GUARD)) == SWAPPED
"""Facts bytes of what counts as in swap."""

_NO_GUARD = Missing("before Linux 6.15 guard markers count as swapped")
_NOT_ASKED = Missing("page flags were not asked for", "ask for page flags")
_NO_FRAMES = Missing("it is in /proc/kpageflags, which only root may read", "run vmtui as root")


class Unknowns:
    """What one read leaves open. Asks for the count of merged pages once, when it first matters."""

    def __init__(self, target: Target, pagemap: Pagemap, want_flags: bool) -> None:
        self._target = target
        self._knows_guard = pagemap.knows_guard
        self._merged: int | Missing | None = None
        self._no_flags: Missing | None = None
        if not pagemap.pfns_visible:
            self._no_flags = _NO_FRAMES
        elif not want_flags:
            self._no_flags = _NOT_ASKED
        self._want_flags = want_flags

    @property
    def wanted_frame_flags(self) -> int:
        """KPF_* bits to look up: KSM only where the process has merged pages."""
        if not self._want_flags:
            return 0
        return flags.KPF_DIRTY | (flags.KPF_KSM if self._any_merged() else 0)

    @property
    def everything_told(self) -> bool:
        """Whether no range can lack anything."""
        return self._no_flags is None and self._knows_guard

    def of(self, *, file: bool, private: bool, swapped: bool) -> dict[str, Missing]:
        """What is missing of a range that has such present pages, or swapped ones.

        Raises:
            ProcessGone: the process has exited.
        """
        missing = {}
        if self._no_flags is not None:
            if file:
                missing["dirty"] = self._no_flags
            if private and self._any_merged():
                missing["ksm"] = self._no_flags
        if swapped and not self._knows_guard:
            missing["guard"] = _NO_GUARD
        return missing

    def of_histogram(self, histogram: NDArray[np.int64]) -> dict[str, Missing]:
        """The same of a range whose pages have these facts bytes, counted."""
        return self.of(
            file=bool(histogram[HAS_FILE].any()),
            private=bool(histogram[HAS_PRIVATE].any()),
            swapped=bool(histogram[HAS_SWAPPED].any()),
        )

    def _any_merged(self) -> bool:
        """Whether KSM has merged pages of the process, or nobody knows; its user may read it.

        Raises:
            ProcessGone: the process has exited.
        """
        if self._merged is None:
            try:
                self._merged = int(self._target.read("ksm_merging_pages"))
            except (NotPermitted, NotSupported) as error:
                self._merged = Missing.because(error)
            except ValueError as error:
                raise ParseError("ksm_merging_pages is not a number") from error
        return self._merged != 0


def uncounted(missing: Mapping[str, Missing]) -> dict[str, Any]:
    """What of it takes the place of a count: guard markers are counted, as swapped."""
    return {name: why for name, why in missing.items() if name != "guard"}
