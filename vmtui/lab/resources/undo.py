"""How each kind of change is undone: by the app, by the janitor, by `vmtui cleanup`, all alike.

Compare and restore: a change is undone only while what is found is still what we made. Processes
end first; then swap goes, then files and groups, in the reverse order of their making. Everything
may be done twice. Only the standard library: the janitor has nothing else.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable
from typing import NamedTuple

from vmtui.lab.resources import ending, records, syscalls
from vmtui.lab.resources.records import Change

PATIENCE_SECONDS = 5.0
_SPARE_BYTES = 64 << 20
"""What must stay free when pages come back from swap."""


class Outcome(NamedTuple):
    """What became of a journal: sentences."""

    done: tuple[str, ...]
    """What was put back."""
    left: tuple[str, ...]
    """What was not, and why."""
    open: bool
    """Whether something is left that may be tried again."""


class NotUndone(Exception):
    """It was not undone; says why. Trying again helps unless it is `settled`."""

    def __init__(self, sentence: str, *, settled: bool = False) -> None:
        super().__init__(sentence)
        self.settled = settled


def put_back(journal: int) -> Outcome:
    """Undo everything in an open journal and note it there. Raises nothing but OSError of reading.

    After another boot only files are left of what was made.
    """
    account = records.read(journal)
    changes = account.changes
    if account.boot != records.boot_id():
        changes = tuple(change for change in changes if change.kind == "file")
    for change in changes:
        if change.kind in ("processes", "group"):
            _try(change, _END[change.kind])
    done: list[str] = []
    left: list[str] = []
    unfinished = False
    for change in reversed(changes):
        undo = _UNDO.get(change.kind, _unknown)
        did, refused = _try(change, undo)
        if did:
            done.append(did)
        if refused:
            left.append(str(refused))
        if refused and not refused.settled:
            unfinished = True
        else:
            _note(journal, change)
    return Outcome(tuple(done), tuple(left), unfinished)


def finish(journal: int, path: str) -> Outcome:
    """`put_back`, and take the journal away unless something is left to be tried again."""
    outcome = put_back(journal)
    if not outcome.open:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        remove_place(os.path.dirname(path))
    return outcome


def take_over(path: str) -> None:
    """Finish the journal of an app that has died, unless somebody is at it already."""
    try:
        journal = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        remove_place(os.path.dirname(path))  # made for a journal that was never begun
        return
    try:
        fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finish(journal, path)
    except BlockingIOError:
        pass
    finally:
        os.close(journal)


def remove_place(place: str) -> None:
    """Take the directory of the journals away if it is ours and nothing is in it."""
    with contextlib.suppress(OSError):
        if is_ours(os.lstat(place)):
            os.rmdir(place)


def is_ours(directory: os.stat_result) -> bool:
    """Whether it is a directory that this user alone can write to."""
    private = not stat.S_IMODE(directory.st_mode) & 0o022
    return stat.S_ISDIR(directory.st_mode) and directory.st_uid == os.geteuid() and private


def _try(change: Change, undo: Callable[[Change], str]) -> tuple[str, NotUndone | None]:
    try:
        return undo(change), None
    except NotUndone as refused:
        return "", refused
    except OSError as error:
        what = error.filename or change.facts.get("path", change.kind)
        return "", NotUndone(f"{what}: {os.strerror(error.errno or 0)}")
    except (KeyError, TypeError, ValueError):
        return "", NotUndone(f"the journal's entry of a {change.kind} makes no sense", settled=True)


def _note(journal: int, change: Change) -> None:
    with contextlib.suppress(OSError):  # a full disk: it will be found undone
        records.append(journal, {"undone": change.number})


def _unknown(change: Change) -> str:
    raise NotUndone(f"a change of the kind {change.kind} is not known to this version of vmtui")


def _end_processes(change: Change) -> str:
    facts = change.facts
    ended = ending.end_session(facts["pid"], facts["start"], facts["program"], PATIENCE_SECONDS)
    return f"{ended} processes of the experiment ended" if ended else ""


def _end_group(change: Change) -> str:
    for path in {change.facts["path"], *change.facts["directories"]}:
        ending.end_group(path, PATIENCE_SECONDS)
    return ""


def _group(change: Change) -> str:
    removed = [path for path in reversed(change.facts["directories"]) if _remove_group(path)]
    return f"the cgroup {' and '.join(removed)} removed" if removed else ""


def _remove_group(path: str) -> bool:
    """Whether there was one."""

    def remove() -> None:
        ending.end_group(path, PATIENCE_SECONDS)
        os.rmdir(path)

    try:
        _when_free(remove)
    except FileNotFoundError:
        return False
    return True


def _file(change: Change) -> str:
    path = change.facts["path"]
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return ""
    made = change.learned["inode"] if change.learned else found.st_ino
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_ino != made:
        raise NotUndone(f"{path} is not the file that vmtui made: left alone", settled=True)
    os.unlink(path)
    return f"{path} removed"


def _swap(change: Change) -> str:
    path = change.facts["path"]
    used = syscalls.swap_used(path)
    if used is None:
        return ""
    if used + _SPARE_BYTES > (available := syscalls.available()):
        raise NotUndone(
            f"{path}: {used >> 20} MiB are in this swap and only {available >> 20} MiB of memory "
            f"are available; run `vmtui cleanup` later"
        )
    _when_free(lambda: syscalls.swapoff(path))
    return f"the swap {path} switched off"


def _zram(change: Change) -> str:
    number = syscalls.zram_of(change.facts, change.learned)
    if number is None:
        return ""
    device = f"/dev/zram{number}"
    if syscalls.swap_used(device) is not None:
        raise NotUndone(f"{device} is still in use as swap")
    _when_free(lambda: syscalls.write(f"/sys/block/zram{number}/reset", "1"))
    _when_free(lambda: syscalls.write(f"{syscalls.ZRAM}/hot_remove", str(number)))
    return f"{device} removed"


def _when_free(act: Callable[[], object]) -> None:
    """Do it; again while something is busy.

    The kernel lets go of an ended process a moment later, and udev looks into every new device.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            act()
            return
        except OSError as error:
            if error.errno not in (errno.EBUSY, errno.EINTR) or time.monotonic() > until:
                raise
        time.sleep(0.005)


def _value(change: Change) -> str:
    """A setting, or the pool of huge pages, of which the kernel may have granted fewer."""
    facts, learned = change.facts, change.learned
    path, before, wrote = facts["path"], facts["before"], facts["wrote"]
    try:
        now = syscalls.value(path)
    except FileNotFoundError:
        return ""  # its driver is gone
    if now == before:
        return ""
    if learned is not None:
        ours = now == learned["left"]
    else:
        ours = now == wrote or (change.kind == "pool" and int(before) < int(now) < int(wrote))
    if not ours:
        raise NotUndone(
            f"{path} is {now} now, which vmtui did not write: left alone (it was {before})",
            settled=True,
        )
    syscalls.write(path, before)
    if (found := syscalls.value(path)) != before:
        raise NotUndone(f"{path} is {found} after {before} was written")
    return f"{path} is {before} again"


_END: dict[str, Callable[[Change], str]] = {"processes": _end_processes, "group": _end_group}
_UNDO: dict[str, Callable[[Change], str]] = {
    "processes": _end_processes,
    "group": _group,
    "file": _file,
    "swap": _swap,
    "zram": _zram,
    "value": _value,
    "pool": _value,
}
