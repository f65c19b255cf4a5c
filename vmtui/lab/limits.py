"""What an experiment may use of the machine, and when it is refused altogether."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.errors import VmtuiError
from vmtui.kernel import meminfo, memory_settings
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.script import Script
from vmtui.lab.words import size_word
from vmtui.missing import Missing
from vmtui.units import size

MOST_BYTES = 1 << 30
SHARE = 10
"""One part in so many of what is available."""
LEAST_AVAILABLE = 1 << 30
MOST_SECONDS = 60.0


class TooMuch(VmtuiError):
    """The experiment would take more of the machine than it may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """For one experiment."""

    nbytes: int
    """Memory that its regions may become."""
    seconds: float = MOST_SECONDS
    """Of running; waiting of whoever watches does not count."""

    def check(self, script: Script) -> None:
        """Refuse what is too large before it starts.

        Raises:
            TooMuch: with what would be allowed.
        """
        wanted = script.touched_pages * PAGE_SIZE
        if wanted > self.nbytes:
            raise TooMuch(
                f"it would use {size_word(wanted)}; here it may use "
                f"{size(self.nbytes)} (1 GiB, or a tenth of what is available)"
            )
        seconds = sum(step.operation.seconds(script.layout) for step in script.steps)
        if seconds > self.seconds:
            raise TooMuch(
                f"it would take {seconds:.0f} s at that rate; at most {self.seconds:.0f} s"
            )


def of_this_machine(nbytes: int | None = None) -> Limits:
    """The limits here and now.

    Args:
        nbytes: raised by hand; never above half of what is available.

    Raises:
        TooMuch: less than 1 GiB of memory is available, or running out would stop the machine.
    """
    if _panics():
        raise TooMuch("this machine stops when memory runs out (vm.panic_on_oom)")
    available = meminfo.read()["MemAvailable"]
    if isinstance(available, Missing):
        raise TooMuch(f"how much memory is available is not known: {available.reason}")
    if available < LEAST_AVAILABLE:
        raise TooMuch(f"only {size(available)} of memory is available; experiments need 1 GiB")
    if nbytes is not None:
        return Limits(min(nbytes, available // 2))
    return Limits(min(MOST_BYTES, available // SHARE))


def _panics() -> bool:
    try:
        return memory_settings.panics_on_oom()
    except VmtuiError:
        return False
