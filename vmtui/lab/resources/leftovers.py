"""What runs left behind whose app and janitor both died: found by their journals, and put back.

A journal that is locked has a living owner, or a janitor that is at work: it is left to them.
"""

from __future__ import annotations

import fcntl
import os
import time
from dataclasses import dataclass

from vmtui.errors import NotPermitted
from vmtui.lab.resources import journal, records, undo
from vmtui.lab.resources.journal import NotOurs

_JANITOR_SECONDS = 5.0
_LOOK_EVERY_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What was found and done."""

    journals: int = 0
    """That nobody owned any more."""
    done: tuple[str, ...] = ()
    """What was put back, a sentence each."""
    left: tuple[str, ...] = ()
    """What was not, and why."""
    living: tuple[int, ...] = ()
    """Processes whose experiments go on; they put things back themselves."""

    @property
    def line(self) -> str:
        """All of it in one line; "" when there is nothing to say."""
        if not self.journals and not self.left:
            return ""
        sentences = (*self.done, *self.left) or ("nothing of it was left",)
        return f"an experiment was cut off earlier: {'; '.join(sentences)}"


def clean_up(place: str | None = None, *, patience: float = _JANITOR_SECONDS) -> Cleaned:
    """Put back what is left of this user's runs.

    Args:
        place: the directory of the journals; None for the usual one.
        patience: seconds to wait for a janitor that is at work.

    Raises:
        NotOurs, NotPermitted: the directory is not this user's alone.
    """
    place = place or journal.usual_place()
    if not os.path.lexists(place):
        return Cleaned()
    journals = 0
    done: list[str] = []
    left: list[str] = []
    living: list[int] = []
    until = time.monotonic() + patience
    for path in journal.all_in(place):
        try:
            fd = journal.opened(path)
        except FileNotFoundError:
            continue
        except NotOurs as error:
            left.append(str(error))
            continue
        try:
            if not _abandoned(fd, until):
                living.append(records.read(fd).pid)
            elif os.fstat(fd).st_nlink:
                journals += 1
                outcome = undo.finish(fd, path)
                done += outcome.done
                left += outcome.left
        finally:
            os.close(fd)
    undo.remove_place(place)
    return Cleaned(journals, tuple(done), tuple(left), tuple(living))


def clean_up_at_start() -> str:
    """The same when the app or the laboratory starts as root: at once, and in one line or none."""
    if os.geteuid() or not os.path.lexists(journal.ROOT_PLACE):
        return ""
    try:
        return clean_up(patience=0.0).line
    except (NotOurs, NotPermitted, OSError) as error:
        return str(error)


def _abandoned(fd: int, until: float) -> bool:
    """Whether nobody holds its lock, which is ours then; waits for a janitor, not for an app."""
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            owner = records.read(fd).pid
            if os.path.exists(f"/proc/{owner}") or time.monotonic() > until:
                return False
        time.sleep(_LOOK_EVERY_SECONDS)
