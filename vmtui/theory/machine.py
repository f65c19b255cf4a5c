"""Everything there is: processes, objects, and what the operation under way has cost so far."""

from __future__ import annotations

from vmtui.theory.answers import Answer, Fault, Outcome
from vmtui.theory.frames import Object
from vmtui.theory.kernel import Kernel
from vmtui.theory.process import Process

USER, POPULATE, LOCK = range(3)
"""Who accesses a page: the program, MADV_POPULATE_…, or mlock and MAP_POPULATE. The last of these
never counts a major fault: it starts over after having waited for the disk, and finds the page."""


class Tally:
    """Counters of one operation."""

    __slots__ = (
        "copied", "failed", "fault", "guessed", "major", "maybe", "minor", "most", "notes",
        "swapped_in", "swapped_out", "waited",
    )  # fmt: skip

    def __init__(self) -> None:
        self.minor = 0
        self.major = 0
        self.maybe = 0
        """Faults that are major unless swap readahead has been there before."""
        self.guessed = False
        """Whether a file was touched of which nobody can say how much one fault brings in."""
        self.waited = False
        """Whether at least one fault of these surely waited for the disk."""
        self.most = 0
        """Pages touched: there cannot be more faults."""
        self.copied = 0
        self.failed = 0
        self.fault: Fault | None = None
        self.swapped_in = self.swapped_out = 0
        """Pages read from swap and written there."""
        self.notes: dict[str, None] = {}

    def note(self, words: str) -> None:
        """Say what lowers the certainty."""
        self.notes[words] = None

    def outcome(self, errno: int = 0) -> Outcome:
        """The counters as answers."""
        minor, major, maybe = self.minor, self.major, self.maybe
        total = minor + major + maybe
        if self.guessed:
            cause = "readahead and large folios decide how much one fault brings in"
            most = max(self.most, total)
            minors = Answer.between(0, most, cause)
            majors = Answer.between(int(self.waited), most, cause)
            faults = Answer.between(min(1, total), most, cause)
        else:
            cause = "swap readahead brings neighbours in"
            minors = Answer.between(minor, minor + maybe, cause)
            majors = Answer.between(major, major + maybe, cause)
            faults = Answer.exactly(total)
        return Outcome(
            errno, minors, majors, faults, self.failed, self.fault, self.copied, tuple(self.notes),
            swapped_in=self.swapped_in, swapped_out=self.swapped_out,
        )  # fmt: skip


class Machine:
    """The state that the rules work on."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.processes: dict[str, Process] = {"parent": Process("parent")}
        self.objects: dict[str, Object] = {}
        """Files and memfds by name; unnamed shared memory is known to its VMAs alone."""
        self.tally = Tally()
        self.batches_kept = False
        """Whether pages on their way to the LRU lists may be in a batch of the CPU still."""
        self.maybe_copied: set[tuple[str, int]] = set()
        """Process and page: written in place, unless a batch had the frame just then."""
        self.hugetlb_free = kernel.hugetlb_pages
        """2 MiB pages of the pool that nobody was promised."""
        self.limit_pages: int | None = None
        """What all processes together may have in memory; None for any (see oom)."""
        self.limit_swap_pages: int | None = None
        """The same for swap."""
        self.copies = 0, 0
        """How many processes have copies, charged to the group, of what a program needs for itself:
        at least and at most."""
        self.decided: tuple[str, ...] | None = None
        """Who is killed next, where that is known already; None for who has most points."""
        self.unsure = False
        """Whether reclaim decides which pages are in memory (see work)."""
        self.kept_pages = 0
        """What a program at work leaves in memory by itself; 0 for all."""

    def others(self, process: Process) -> list[Process]:
        """All processes but one."""
        return [other for other in self.processes.values() if other is not process]

    def holds(self, page: int, frame: object) -> list[Process]:
        """Processes that map an anonymous frame: always at the same page, for it came by fork."""
        return [
            process
            for process in self.processes.values()
            if (pte := process.ptes.get(page)) is not None and pte.frame is frame
        ]
