"""The vocabulary of scripts: one class per operation. To add one: its file, and its line here."""

from __future__ import annotations

from vmtui.lab.operations.advise import Advise
from vmtui.lab.operations.batches import Batches
from vmtui.lab.operations.compact import Compact
from vmtui.lab.operations.contents import Get, Put
from vmtui.lab.operations.exit import Exit
from vmtui.lab.operations.files import Cold, Sync, Truncate
from vmtui.lab.operations.fork import Fork
from vmtui.lab.operations.limit import Limit
from vmtui.lab.operations.lock import Lock, Unlock
from vmtui.lab.operations.looking import Measure, Pause
from vmtui.lab.operations.map import Map
from vmtui.lab.operations.operation import Doable, Done, Operation
from vmtui.lab.operations.poke import Poke
from vmtui.lab.operations.pool import Pool
from vmtui.lab.operations.protect import Protect
from vmtui.lab.operations.score import Score
from vmtui.lab.operations.swap import Swap
from vmtui.lab.operations.touch import Touch
from vmtui.lab.operations.unmap import Unmap
from vmtui.lab.operations.work import Work

__all__ = ["ALL", "Doable", "Done", "Operation"]

ALL: dict[str, type[Operation]] = {
    operation.keyword: operation
    for operation in (
        Map,
        Touch,
        Advise,
        Protect,
        Unmap,
        Lock,
        Unlock,
        Fork,
        Exit,
        Sync,
        Cold,
        Truncate,
        Put,
        Get,
        Poke,
        Swap,
        Limit,
        Work,
        Score,
        Pool,
        Compact,
        Batches,
        Measure,
        Pause,
    )
}
"""By the word a line begins with, in the order the help has them."""
