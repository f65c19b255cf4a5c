"""Who was killed, the proof of it, and who would be next: the OOM killer as a run sees it.

A process counts as killed by the OOM killer only if it ended by SIGKILL *and* its group's own
counter rose by as much; anybody can send a signal. Who would be next is the kernel's arithmetic
done with what /proc says of each process now (`theory.oom`).
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from errno import ENOMEM

from vmtui.errors import VmtuiError
from vmtui.kernel import oom, status
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab import commitment
from vmtui.lab.evidence import Candidate, GroupView, KillView
from vmtui.lab.hands import Hands
from vmtui.lab.scene import Scene
from vmtui.lab.text import NOTHING, Text
from vmtui.missing import Missing
from vmtui.theory.oom import badness, chosen, total_pages

_PATIENCE_SECONDS = 2.0
_PAUSE_SECONDS = 0.002
REFUSED = Text(
    "ENOMEM: an error, which the program can handle; nobody was killed",
    "ENOMEM．プログラムが対処できるエラーで，誰も kill されていない",
)
NO_GROUP = Missing("there is no memory cgroup, so nobody is killed for it")


@dataclass(frozen=True, slots=True)
class Death:
    """How a process ended that nobody told to."""

    process: str
    signal: int
    """0 when it was none."""


class Killings:
    """Remembers what the group's counter said, and who died."""

    def __init__(self) -> None:
        self._first: int | None = None
        self._noted = 0
        self.deaths: list[Death] = []
        self.of_step: tuple[str, ...] = ()
        """Who died in this step."""
        self._seen: dict[str, Candidate] = {}

    def bury(self, scene: Scene) -> tuple[str, ...]:
        """Processes that died since the last time, taken out of the scene and waited for."""
        kills = self.oom_kills(scene)
        announced = 0 if isinstance(kills, Missing) else kills - self._noted
        self._noted += announced
        dead = _dead(scene, announced)
        for name in dead:
            hands = scene.hands.pop(name)
            scene.files.pop(name, None)
            scene.meters.pop(name).close()
            hands.end()
            self.deaths.append(Death(name, _signal(hands)))
        self.of_step = (*self.of_step, *dead)
        return tuple(dead)

    def oom_kills(self, scene: Scene) -> int | Missing:
        """By the group's own counter, since it was made."""
        if scene.group is None:
            return NO_GROUP
        kills = scene.group.reading().oom_kills
        if isinstance(kills, Missing):
            return kills
        if self._first is None:
            self._first = kills
        return kills - self._first

    def view(self, scene: Scene, group: GroupView | None, errno: int = 0) -> KillView:
        """The arithmetic now, and the evidence so far; or the error that came instead."""
        total = _total(group)
        found = [
            one for name, hands in scene.hands.items() if (one := _candidate(name, hands, total))
        ]
        self._seen |= {one.process: one for one in found}
        next_one = chosen({one.process: one.points for one in found}) if group else ""
        kills = self.oom_kills(scene)
        last = self.deaths[-1] if self.deaths else Death("", 0)
        return KillView(
            total,
            tuple(sorted(found, key=lambda one: -one.points)),
            next_one,
            last.process,
            last.signal,
            kills,
            REFUSED if errno == ENOMEM and not self.deaths else self._verdict(kills),
            tuple(self._seen[one.process] for one in self.deaths if one.process in self._seen),
        )

    def _verdict(self, kills: int | Missing) -> Text:
        if not self.deaths:
            return NOTHING
        if any(death.signal != signal.SIGKILL for death in self.deaths):
            return Text("not SIGKILL: it ended otherwise", "SIGKILL ではない．別の終わり方をした")
        if isinstance(kills, int) and kills == len(self.deaths):
            return Text(
                f"SIGKILL, and the group's own counter rose to {kills}: the OOM killer",
                f"SIGKILL を受け，グループ自身のカウンタも {kills} に増えた．OOM killer による",
            )
        return Text(
            "SIGKILL, but the group's counter did not rise with it: killed by someone",
            "SIGKILL だが，グループのカウンタは増えていない．誰かが kill した",
        )


def _dead(scene: Scene, announced: int) -> list[str]:
    """Who is dead; the counter rises first, so as many as it says are waited for."""
    patience = time.monotonic() + _PATIENCE_SECONDS
    while True:
        dead = [name for name, hands in scene.hands.items() if not hands.alive]
        if len(dead) >= announced or time.monotonic() > patience:
            return dead
        time.sleep(_PAUSE_SECONDS)


def _signal(hands: Hands) -> int:
    code = hands.status
    return os.WTERMSIG(code) if code is not None and code > 0 and os.WIFSIGNALED(code) else 0


def _total(group: GroupView | None) -> int:
    """What the kernel divides by a thousand, pages: of the group, or of the machine."""
    swap = commitment.swap_bytes()
    if group is None or group.limit is None:
        return total_pages(commitment.ram_bytes() // PAGE_SIZE, swap // PAGE_SIZE)
    most = min(swap, group.swap_limit) if isinstance(group.swap_limit, int) else swap
    return total_pages(group.limit // PAGE_SIZE, most // PAGE_SIZE)


def _candidate(name: str, hands: Hands, total: int) -> Candidate | None:
    """A process as the kernel weighs it; None when it has just died."""
    try:
        now = status.read(hands.target)
        score_adj = oom.read(hands.target).score_adj
    except VmtuiError:
        return None
    rss, swap, tables = (
        0 if isinstance(found, Missing) else found // PAGE_SIZE
        for found in (now.vm_rss_bytes, now.vm_swap_bytes, now.vm_pte_bytes)
    )
    points = badness(rss, swap, tables, score_adj, total)
    return Candidate(name, hands.pid, rss, swap, tables, score_adj, points)
