"""Settings in files of /proc/sys and /sys: set for the time of a run, or acted on once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vmtui.errors import NotPermitted
from vmtui.lab.resources import syscalls

if TYPE_CHECKING:
    from vmtui.lab.resources.keeper import Keeper


def set_for_now(keeper: Keeper, path: str, value: str) -> str:
    """Set it until the keeper restores; what it was.

    Raises:
        NotPermitted: not by this user.
        OSError: as named.
    """
    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise NotPermitted(f"setting {path} needs root; run vmtui as root", unlock="")
    keeper.hold(path)
    before = syscalls.value(path)

    def change() -> str:
        syscalls.write(path, value)
        return syscalls.value(path)

    if before != value:
        keeper.change(
            "value", change, lambda left: {"left": left}, path=path, before=before, wrote=value
        )
    return before


def act(path: str, value: str = "1") -> None:
    """Write to a file that only starts something (`compact_memory`); there is nothing to undo.

    Raises OSError with the path in it.
    """
    syscalls.write(path, value)
