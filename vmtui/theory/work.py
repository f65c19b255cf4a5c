"""A program at work on more memory than it may have: how often a page is not there.

Touched at random, every page is as likely to be the next as any other, so the share of touches
that miss is the share of pages that are not in memory, whatever the kernel throws out: given 3 of
4 pages, one touch in four misses. Touched in turn, the page that was touched longest ago is
exactly the one that is needed next: a kernel that throws that one out (LRU) misses every time, as
soon as a single page is lacking. No kernel can do better than 1 − given / work in the long run,
and Linux is in between, for its two lists, active and inactive, keep some pages longer than others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from vmtui.theory.answers import Answer, Outcome
from vmtui.theory.oom import SLACK_PAGES, charged_pages

if TYPE_CHECKING:
    from vmtui.theory.machine import Machine

Order: TypeAlias = Literal["random", "cyclic"]

THOUSAND = 1000
_NOISE = 25
"""Of a thousand: what chance does to some hundred touches, and the first ones after a change."""
_SPENT = 16
"""One part in so many of what is given may be spent on something else: pages that swap readahead
brought in beside the wanted one, and what reclaim takes beforehand, 32 pages and more at a time."""


def textbook(order: Order, given: float, work: float, together: int = 1) -> float:
    """The share of touches that miss, 0 to 1, with nothing else in memory and perfect LRU."""
    if order == "cyclic":
        return 0.0 if given >= work else 1.0 / together
    return max(0.0, 1.0 - given / work)


def misses(order: Order, given: int, work: int, *, own: int = 0, together: int = 1) -> Answer:
    """Major faults of a thousand touches, every page having been touched before.

    Args:
        order: of the touches.
        given: pages that may be in memory.
        work: pages of the working set.
        own: pages that may be charged besides: tables, and what the kernel charges in advance.
        together: how many neighbours one fault reads from swap.
    """
    if given >= work + own:
        return Answer.exactly(0)
    lacking = THOUSAND * textbook("random", given, work)
    low = max(0, int(0.9 * lacking) - _NOISE)
    if order == "cyclic":
        cause = "readahead, and lists that keep some pages longer than others"
        return Answer.between(low // together, THOUSAND, cause)
    usable = max(0, given - given // _SPENT - own)
    high = THOUSAND * textbook("random", usable, work) + _NOISE
    cause = "chance, and memory that goes to tables and to swap readahead"
    return Answer.between(low, min(THOUSAND, int(high)), cause)


def given_pages(machine: Machine, keep: int) -> int | None:
    """What a program that keeps to `keep` pages (0 for any) may have in memory; None for any."""
    limits = [pages for pages in (machine.limit_pages, keep or None) if pages is not None]
    return min(limits, default=None)


def read_together(machine: Machine, *, of_file: bool) -> int:
    """How many pages one major fault brings in at most, pages in a row being wanted."""
    return 1 if of_file or machine.kernel.swap_is_memory else machine.kernel.swap_cluster_pages


def own_pages(machine: Machine) -> int:
    """Charged besides the pages that are worked on, at most."""
    return 0 if machine.limit_pages is None else SLACK_PAGES


def doubt(machine: Machine) -> bool:
    """Whether it is reclaim that decides which pages are there; from then on, until all are gone.

    Where there is nowhere to put a page, nothing is reclaimed, and somebody dies (`oom`).
    """
    if not any(process.ptes for process in machine.processes.values()):
        machine.unsure, machine.kept_pages = False, 0
    elif not machine.unsure and machine.limit_pages is not None and _has_a_way_out(machine):
        machine.unsure = charged_pages(machine) + SLACK_PAGES > machine.limit_pages
    return machine.unsure


def vague(outcome: Outcome, pages: int) -> Outcome:
    """A touch of pages some of which may have gone: those that never were there fault for sure."""
    cause = "which pages are still there depends on reclaim"
    surely = outcome.faults.low or 0
    return Outcome(
        outcome.errno,
        Answer.between(min(outcome.minor.low or 0, surely), pages, cause)
        if surely < pages
        else outcome.minor,
        Answer.between(outcome.major.low or 0, pages - surely + (outcome.major.high or 0), cause),
        Answer.between(surely, pages, cause),
        outcome.failed,
        outcome.fault,
        outcome.copied,
        outcome.notes,
        outcome.killed,
    )


def _has_a_way_out(machine: Machine) -> bool:
    """Whether pages can go somewhere: to swap, or back to the file that they are of."""
    if machine.kernel.swap and machine.limit_swap_pages != 0:
        return True
    return any(
        vma.object is not None and vma.object.kind == "file"
        for process in machine.processes.values()
        for vma in process.vmas
    )
