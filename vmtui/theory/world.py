"""The operations: what a program can ask of its memory, each with what it will cost."""

from __future__ import annotations

import errno
from bisect import insort
from collections.abc import Iterable
from dataclasses import replace

from vmtui.theory.access import access, populate_as_locked
from vmtui.theory.advice import advise
from vmtui.theory.answers import Answer, Outcome
from vmtui.theory.fork import fork
from vmtui.theory.frames import Object
from vmtui.theory.huge import may_cut
from vmtui.theory.kernel import Kernel
from vmtui.theory.lock import lock, unlock
from vmtui.theory.machine import Machine, Tally
from vmtui.theory.objects import evict, sync, truncate
from vmtui.theory.oom import end, frames_of, strained, under_strain
from vmtui.theory.poke import Kind, allows, fault_at, poke
from vmtui.theory.process import HUGE_PAGES
from vmtui.theory.protect import protect
from vmtui.theory.tables import FRAME, ZERO
from vmtui.theory.vmas import Vma, merge, overlapping
from vmtui.theory.work import Order, doubt, given_pages, misses, own_pages, read_together, vague
from vmtui.theory.zap import free_tables, zap_range


class World(Machine):
    """The machine, with its handles. Pages are absolute page numbers: address >> 12."""

    def __init__(self, kernel: Kernel | None = None) -> None:
        super().__init__(kernel or Kernel())

    def map(
        self, process: str, first: int, pages: int, *, backing: str | None = None, offset: int = 0,
        shared: bool = False, prot: str = "rw-", populate: bool = False, noreserve: bool = False,
        hugetlb: bool = False,
    ) -> Outcome:  # fmt: skip
        """mmap(2): a promise. No page of it is memory yet, unless populated.

        Args:
            process: whose.
            first: page number.
            pages: how many.
            backing: name of a file or memfd; None for anonymous memory.
            offset: of the backing, in pages.
            shared: MAP_SHARED rather than MAP_PRIVATE.
            prot: such as rw-.
            populate: MAP_POPULATE.
            noreserve: MAP_NORESERVE.
            hugetlb: MAP_HUGETLB, 2 MiB pages.
        """
        self.tally = Tally()
        mapper = self.processes[process]
        if mapper.reaches(first, first + pages):
            return self.tally.outcome(errno.EEXIST)
        if hugetlb:
            if pages // HUGE_PAGES > self.hugetlb_free:
                return self.tally.outcome(errno.ENOMEM)
            self.hugetlb_free -= pages // HUGE_PAGES
        if mapper.may_map is not None:
            if pages > mapper.may_map:
                return self.tally.outcome(errno.ENOMEM)
            mapper.may_map -= pages
        owner = self.objects[backing] if backing is not None else None
        if owner is None and shared:
            owner = Object("", "shmem", pages)
        accounted = "w" in prot and not (shared or noreserve or hugetlb)
        vma = Vma(
            first, first + pages, prot, shared, owner, offset, accounted=accounted,
            noreserve=noreserve, hugetlb=hugetlb,
        )  # fmt: skip
        insort(mapper.vmas, vma, key=lambda each: each.start)
        vma = merge(mapper.vmas, vma)
        if populate:
            populate_as_locked(self, mapper, vma, first, first + pages)
        return self.tally.outcome()

    def gap(self, process: str, first: int, pages: int) -> Outcome:
        """Nothing may be done here: keeps regions apart, and their VMAs from merging."""
        self.tally = Tally()
        vma = Vma(first, first + pages, "---", noreserve=True, gap=True)
        insort(self.processes[process].vmas, vma, key=lambda each: each.start)
        merge(self.processes[process].vmas, vma)
        return self.tally.outcome()

    def memfd(self, name: str, pages: int) -> Outcome:
        """A file in memory, of holes."""
        self.tally = Tally()
        self.objects[name] = Object(name, "shmem", pages)
        return self.tally.outcome()

    def file(self, name: str, pages: int, cached: bool = True, folio_pages: int = 1) -> Outcome:
        """A file on disk, written and synced; in the page cache unless said otherwise."""
        self.tally = Tally()
        made = self.objects[name] = Object(name, "file", pages, folio_pages)
        for index in range(pages if cached else 0):
            made.add(index)
        return self.tally.outcome()

    def touch(self, process: str, pages: Iterable[int], write: bool) -> Outcome:
        """Read or write one byte of each page, in that order, up to the first that fails."""
        tally = self.tally = Tally()
        toucher = self.processes[process]
        before = frames_of(toucher) if self.limit_pages is not None else 0
        entry, vma, allowed = toucher.ptes.get, None, False
        for tally.most, page in enumerate(pages, 1):
            if vma is None or not vma.start <= page < vma.end:
                vma = toucher.vma(page)
                allowed = vma is not None and allows(vma, "write" if write else "read")
                if vma is not None and vma.object is not None and vma.object.guessed:
                    tally.guessed = True
            pte = entry(page)
            if pte is not None and allowed:
                if write:
                    if pte.writable and pte.dirty and pte.frame and not pte.frame.zero:
                        continue
                elif pte.kind in (FRAME, ZERO):
                    continue
            if vma is None or not allowed or not access(self, toucher, vma, page, write):
                tally.failed += 1
                tally.fault = fault_at(toucher, page << 12, "write" if write else "read")
                break
        outcome, unsure = tally.outcome(), doubt(self)
        if self.limit_pages is not None and (self.kernel.swap or not unsure):
            outcome = under_strain(outcome, strained(self, toucher, before))
        return vague(outcome, tally.most) if unsure else outcome

    def work(
        self, process: str, first: int, pages: int, order: Order, *, write: bool, keep: int = 0
    ) -> Outcome:
        """Touch all these pages again and again.

        Args:
            process: whose.
            first: page number.
            pages: how many.
            order: at random, or one after the other.
            write: or read.
            keep: how many of them the program itself leaves in memory; 0 for all.
        """
        touched = self.touch(process, range(first, first + (0 if self.unsure else pages)), write)
        if touched.fault:
            return touched
        self.kept_pages = keep
        given = given_pages(self, keep)
        vma = self.processes[process].vma(first)
        together = read_together(self, of_file=vma is not None and vma.object is not None)
        expected = misses(
            order, pages if given is None else given, pages, own=own_pages(self),
            together=together,
        )  # fmt: skip
        if not self.unsure and touched.faults.high == 0 and expected.exact:
            return replace(touched, misses=expected)
        self.unsure = True
        some = Answer(0, None, "how often it is touched depends on its speed")
        if expected.exact:
            expected = Answer.unknown("some of the pages have to come back first")
        return Outcome(0, some, some, some, misses=expected, together=together)

    def swap_on(self, *, in_memory: bool) -> Outcome:
        """swapon(2): somewhere to put pages, on a disk or in compressed memory."""
        self.tally = Tally()
        self.kernel = replace(self.kernel, swap=True, swap_is_memory=in_memory)
        return self.tally.outcome()

    def limit_memory(self, pages: int | None, swap_pages: int | None) -> Outcome:
        """All processes in one memory cgroup, which may have so much; None for any."""
        self.tally = Tally()
        self.limit_pages, self.limit_swap_pages = pages, swap_pages
        doubt(self)
        return self.tally.outcome()

    def limit_address(self, process: str, pages: int) -> Outcome:
        """setrlimit(2), RLIMIT_AS: so many pages more than it has mapped."""
        self.tally = Tally()
        self.processes[process].may_map = pages
        return self.tally.outcome()

    def score(self, process: str, score_adj: int) -> Outcome:
        """oom_score_adj."""
        self.tally = Tally()
        self.processes[process].score_adj = score_adj
        return self.tally.outcome()

    def pool(self, blocks: int) -> Outcome:
        """vm.nr_hugepages: so many more pages of 2 MiB for MAP_HUGETLB."""
        self.tally = Tally()
        self.hugetlb_free += blocks
        return self.tally.outcome()

    def protect(self, process: str, first: int, pages: int, prot: str) -> Outcome:
        """mprotect(2). A hole ends it with ENOMEM, and what comes before stays done."""
        self.tally = Tally()
        owner, end = self.processes[process], first + pages
        pieces, at = overlapping(owner.vmas, first, end), first
        for low, high, allowed in [
            (max(first, vma.start), min(end, vma.end), may_cut(vma, first, end)) for vma in pieces
        ]:
            if low > at:
                break
            if not allowed:
                return self.tally.outcome(errno.EINVAL)
            protect(self, owner, low, high, prot)
            at = high
        return self.tally.outcome(0 if at == end else errno.ENOMEM)

    def unmap(self, process: str, first: int, pages: int) -> Outcome:
        """munmap(2): entries, VMAs, and the tables that no VMA needs any more."""
        self.tally = Tally()
        owner, end = self.processes[process], first + pages
        if not all(may_cut(vma, first, end) for vma in overlapping(owner.vmas, first, end)):
            return self.tally.outcome(errno.EINVAL)
        for vma in owner.cut(first, end):
            zap_range(owner, vma.start, vma.end, guards=True)
            owner.vmas.remove(vma)
            if vma.hugetlb:
                self.hugetlb_free += (vma.end - vma.start) // HUGE_PAGES
            if owner.may_map is not None:
                owner.may_map += vma.end - vma.start
        free_tables(owner, first, end)
        doubt(self)
        return self.tally.outcome()

    def advise(self, process: str, first: int, pages: int, advice: str) -> Outcome:
        """madvise(2); the advice by its name in lower case, without MADV_."""
        self.tally = Tally()
        error = advise(self, self.processes[process], first, first + pages, advice)
        return self.tally.outcome(error)

    def lock(self, process: str, first: int, pages: int) -> Outcome:
        """mlock(2)."""
        self.tally = Tally()
        return self.tally.outcome(lock(self, self.processes[process], first, first + pages))

    def unlock(self, process: str, first: int, pages: int) -> Outcome:
        """munlock(2)."""
        self.tally = Tally()
        return self.tally.outcome(unlock(self.processes[process], first, first + pages))

    def sync(self, name: str) -> Outcome:
        """fsync(2)."""
        self.tally = Tally()
        sync(self, self.objects[name])
        return self.tally.outcome()

    def evict(self, name: str) -> Outcome:
        """fsync(2) and POSIX_FADV_DONTNEED."""
        self.tally = Tally()
        evict(self, self.objects[name])
        return self.tally.outcome()

    def truncate(self, name: str, pages: int) -> Outcome:
        """ftruncate(2)."""
        self.tally = Tally()
        truncate(self, self.objects[name], pages)
        return self.tally.outcome()

    def batches(self, *, kept: bool) -> Outcome:
        """From now on pages stay in the batches of the CPU after an operation, or they do not."""
        self.tally = Tally()
        self.batches_kept = kept
        return self.tally.outcome()

    def fork(self, process: str, name: str) -> Outcome:
        """fork(2): a process of that name."""
        self.tally = Tally()
        self.processes[name] = fork(self.processes[process], name)
        if self.limit_pages is not None:
            self.copies = self.copies[0] + 1, self.copies[1] + 1
        return self.tally.outcome()

    def exit(self, process: str) -> Outcome:
        """_exit(2)."""
        self.tally = Tally()
        end(self, process)
        return self.tally.outcome()

    def poke(self, process: str, address: int, kind: Kind) -> Outcome:
        """One access anywhere, in a fork that ends at once."""
        self.tally = Tally()
        fault = poke(self, self.processes[process], address, kind)
        self.tally = Tally()
        self.tally.fault, self.tally.failed = fault, int(fault is not None)
        if fault is None and kind == "exec":
            self.tally.note("what the bytes there do is not predicted")
        return self.tally.outcome()
