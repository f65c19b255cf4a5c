"""What the kernel did not say: `Missing(reason)`, never 0 and never nan."""

from __future__ import annotations

from dataclasses import dataclass

from vmtui.errors import NotPermitted, NotSupported, ProcessGone, VmtuiError


@dataclass(frozen=True, slots=True)
class Missing:
    """A figure that is not known, and why: a dim `–` on screen, its reason in the inspector."""

    reason: str
    """One clause: «smaps_rollup needs the same user or CAP_SYS_PTRACE»."""
    unlock: str = ""
    """The one step that would make it visible: «run as root». Empty when there is none."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return "–"

    @classmethod
    def because(cls, error: VmtuiError) -> Missing:
        """The error of a reader as a missing value, with the step that would unlock it."""
        match error:
            case NotPermitted():
                return cls(str(error), error.unlock)
            case NotSupported():
                return cls(str(error), "a newer kernel, or the option switched on")
            case ProcessGone():
                return cls(str(error))
            case _:
                return cls(str(error))


NOT_READ = Missing("not read yet")
"""The plan has not asked for it so far."""
