"""One script on the kernel and in the theory at once, compared after every action.

Compared for every live process: each page's word, that equal frames are equal and others are not,
map counts, smaps figures of the regions, VmPTE of the whole process, faults, errno.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace

from tests.truth.differential.actions import Action
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.hands import Hands, Reply
from vmtui.lab.layout import Region
from vmtui.lab.measure import Meter, ProcessLook
from vmtui.lab.operations import abi
from vmtui.lab.spawner import SLOT
from vmtui.missing import Missing
from vmtui.theory import Answer, Kernel, Outcome, World, views
from vmtui.theory.vmas import Vma

_WINDOW = (64 << 20) // PAGE_SIZE
_BORDER = (2 << 20) // PAGE_SIZE
_GAP_FLAGS = abi.MAP_PRIVATE | abi.MAP_ANONYMOUS | abi.MAP_NORESERVE | abi.MAP_FIXED
_FIRST = SLOT // PAGE_SIZE


class Disagreement(Exception):
    """Theory and kernel differ; says where and how."""


@dataclass
class Figures:
    """How much was compared."""

    scripts: int = 0
    actions: int = 0
    faults: int = 0
    pages: int = 0
    map_counts: int = 0
    vmas: int = 0
    tables: int = 0
    unmeasured: int = 0
    """Fault counts that perf could not tell."""

    def add(self, other: Figures) -> None:
        """The sum."""
        for one in fields(Figures):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass
class _Live:
    """A process on both sides."""

    hands: Hands
    meter: Meter
    places: dict[int, Region] = field(default_factory=dict)
    descriptors: dict[str, int] = field(default_factory=dict)


class Both:
    """A world and the specimens it should describe."""

    def __init__(self, parent: Hands, meter: Meter, kernel: Kernel) -> None:
        self.world = World(kernel)
        self.figures = Figures(scripts=1)
        self._live = {"parent": _Live(parent, meter)}
        self._frames: dict[int, int] = {}
        parent.reset()
        meter.look((), whole=False)  # forget the faults before

    def close(self) -> None:
        """End the children."""
        for name in [name for name in self._live if name != "parent"]:
            self._end(name)

    def run(self, script: Sequence[Action]) -> None:
        """Every action, compared at once.

        Raises:
            Disagreement: at the first difference.
        """
        for number, action in enumerate(script):
            try:
                self._do(self._possible(action))
            except Disagreement as difference:
                raise Disagreement(f"action {number} {told(action)}: {difference}") from None

    def _possible(self, action: Action) -> Action:
        """What is asked of a process or region that is not there is asked of one that is."""
        process = action.process if action.process in self._live else "parent"
        places = self._live[process].places
        region = action.region
        if action.do != "map" and places and region not in places:
            region = min(places)
        return replace(action, process=process, region=region)

    def _do(self, action: Action) -> None:
        done = getattr(self, f"_{action.do}")(action, self._live[action.process])
        if done is None:
            return
        outcome, replies = done
        self.figures.actions += 1
        looks = {
            name: one.meter.look(tuple(one.places.values()), whole=False, all_counts=True)
            for name, one in self._live.items()
        }
        if replies is not None:
            self._compare_call(outcome, replies)
        else:
            self._compare_faults(outcome, looks[action.process])
        frames: dict[int, int] = {}
        for name, look in looks.items():
            self._compare(name, look, frames)
        if len(set(frames.values())) != len(frames):
            raise Disagreement("two frames of the theory are one of the kernel")
        self._frames = frames

    # Actions: what was predicted, and what the calls replied (None: it was a touch)

    def _map(self, action: Action, at: _Live) -> tuple[Outcome, list[Reply]] | None:
        if action.region in at.places:
            return None
        kind, _, _ = action.word.partition("-")
        name, descriptor, pages = None, -1, action.pages
        if kind in ("memfd", "file"):
            name = action.word
            if not self._has(name, kind, action):
                return None
            if name not in at.descriptors:
                return None
            descriptor = at.descriptors[name]
            pages = min(pages, self.world.objects[name].pages - action.offset)
            if pages < 1:
                return None
        region = Region(
            str(action.region), _FIRST + action.region * _WINDOW + 2 * _BORDER + action.at, pages
        )
        at.places[action.region] = region
        for gap in (
            Region("below", region.first - _BORDER, _BORDER),
            Region("above", region.end, _BORDER),
        ):
            self.world.gap(action.process, gap.first, gap.pages)
            _must(at.hands.call("mmap", gap.address, gap.pages * PAGE_SIZE, 0, _GAP_FLAGS, -1, 0))
        prot = "rw-" if action.write else "r--"
        flags = abi.MAP_FIXED | (abi.MAP_SHARED if action.shared else abi.MAP_PRIVATE)
        flags |= abi.MAP_POPULATE if action.populate else 0
        flags |= 0 if name else abi.MAP_ANONYMOUS
        size = pages * PAGE_SIZE
        reply = at.hands.call(
            "mmap", region.address, size, abi.prot_bits(prot), flags, descriptor,
            action.offset * PAGE_SIZE,
        )  # fmt: skip
        outcome = self.world.map(
            action.process, region.first, pages, backing=name, offset=action.offset,
            shared=action.shared, prot=prot, populate=action.populate,
        )  # fmt: skip
        replies = [reply]
        if kind == "huge":
            advice = "hugepage"
        elif kind == "file":
            advice = "random"
        else:
            return outcome, replies
        self.world.advise(action.process, region.first, pages, advice)
        _must(at.hands.call("madvise", region.address, size, abi.ADVICE[advice]))
        return outcome, replies

    def _has(self, name: str, kind: str, action: Action) -> bool:
        """Make an object unless it is there; only while there is one process, so that all know."""
        if name in self.world.objects:
            return True
        if len(self._live) > 1:
            return False
        parent, pages = self._live["parent"], action.offset + action.pages
        make = parent.hands.file if kind == "file" else parent.hands.memfd
        parent.descriptors[name] = make(name, pages)
        (self.world.file if kind == "file" else self.world.memfd)(name, pages)
        return True

    def _touch(self, action: Action, at: _Live) -> tuple[Outcome, None] | None:
        pages = self._touchable(action, at)
        if not pages:
            return None
        at.hands.touch([(page, 1, 1) for page in pages], write=action.write)
        return self.world.touch(action.process, pages, action.write), None

    def _touchable(self, action: Action, at: _Live) -> list[int]:
        """Pages of the slice that can be touched without a signal."""
        region = at.places.get(action.region)
        if region is None:
            return []
        process = self.world.processes[action.process]
        words = views.words(self.world, action.process, region.first, region.pages)
        wanted = "w" if action.write else "r"
        found = []
        for index in action.slice(region.pages)[:: action.stride]:
            vma = process.vma(region.first + index)
            if vma is None or wanted not in vma.prot or words[index] & views.IS_GUARD:
                continue
            if not vma.past_the_end(region.first + index):
                found.append(region.first + index)
        return found

    def _stretch(self, action: Action, at: _Live) -> tuple[int, int, list[Vma]] | None:
        """The first run of mapped pages in the slice: its start, its length, its VMAs."""
        region = at.places.get(action.region)
        if region is None:
            return None
        process = self.world.processes[action.process]
        first, run, vmas = 0, 0, list[Vma]()
        for index in action.slice(region.pages):
            page = region.first + index
            vma = process.vma(page)
            if vma is None or vma.gap or vma.past_the_end(page):
                if run:
                    break
                continue
            if not run:
                first = page
            run += 1
            if not vmas or vmas[-1] is not vma:
                vmas.append(vma)
        return (first, run, vmas) if run else None

    def _protect(self, action: Action, at: _Live) -> tuple[Outcome, list[Reply]] | None:
        found = self._stretch(action, at)
        if found is None:
            return None
        first, pages, _ = found
        outcome = self.world.protect(action.process, first, pages, action.word)
        bits = abi.prot_bits(action.word)
        return outcome, [at.hands.call("mprotect", first * PAGE_SIZE, pages * PAGE_SIZE, bits)]

    def _unmap(self, action: Action, at: _Live) -> tuple[Outcome, list[Reply]] | None:
        return self._plain(action, at, "munmap", self.world.unmap)

    def _lock(self, action: Action, at: _Live) -> tuple[Outcome, list[Reply]] | None:
        return self._plain(action, at, "mlock", self.world.lock)

    def _unlock(self, action: Action, at: _Live) -> tuple[Outcome, list[Reply]] | None:
        return self._plain(action, at, "munlock", self.world.unlock)

    def _plain(
        self, action: Action, at: _Live, function: str, predict: Callable[[str, int, int], Outcome]
    ) -> tuple[Outcome, list[Reply]] | None:
        found = self._stretch(action, at)
        if found is None:
            return None
        first, pages, _ = found
        outcome = predict(action.process, first, pages)
        return outcome, [at.hands.call(function, first * PAGE_SIZE, pages * PAGE_SIZE)]

    def _advise(self, action: Action, at: _Live) -> tuple[Outcome, list[Reply]] | None:
        found = self._stretch(action, at)
        if found is None:
            return None
        first, pages, vmas = found
        if action.word == "pageout" and any(v.object and v.object.kind == "file" for v in vmas):
            return None
        outcome = self.world.advise(action.process, first, pages, action.word)
        number = abi.ADVICE[action.word]
        return outcome, [at.hands.call("madvise", first * PAGE_SIZE, pages * PAGE_SIZE, number)]

    def _sync(self, action: Action, at: _Live) -> tuple[Outcome, list[Reply]] | None:
        region = at.places.get(action.region)
        vma = region and self.world.processes[action.process].vma(region.first)
        if not vma or vma.object is None or vma.object.kind != "file":
            return None
        outcome = self.world.sync(vma.object.name)
        return outcome, [at.hands.call("fsync", at.descriptors[vma.object.name])]

    def _truncate(self, action: Action, at: _Live) -> tuple[Outcome, list[Reply]] | None:
        if action.word not in at.descriptors:
            return None
        pages = min(action.pages, self.world.objects[action.word].pages)
        outcome = self.world.truncate(action.word, pages)
        descriptor = at.descriptors[action.word]
        return outcome, [at.hands.call("ftruncate", descriptor, pages * PAGE_SIZE)]

    def _fork(self, action: Action, at: _Live) -> tuple[Outcome, list[Reply]] | None:
        if action.word in self._live:
            return None
        outcome = self.world.fork(action.process, action.word)
        hands = at.hands.fork(action.word)
        self._live[action.word] = _Live(hands, Meter(hands), dict(at.places), dict(at.descriptors))
        return outcome, []

    def _exit(self, action: Action, at: _Live) -> tuple[Outcome, list[Reply]] | None:
        if action.process == "parent":
            return None
        outcome = self.world.exit(action.process)
        self._end(action.process)
        return outcome, []

    def _end(self, name: str) -> None:
        one = self._live.pop(name)
        one.meter.close()
        one.hands.exit()

    # Comparing

    def _compare_call(self, outcome: Outcome, replies: Iterable[Reply]) -> None:
        for reply in replies:
            _same("errno", outcome.errno, reply.errno)
            self.figures.faults += reply.minor + reply.major
            _holds("minor faults inside the call", outcome.minor, reply.minor)
            _holds("major faults inside the call", outcome.major, reply.major)

    def _compare_faults(self, outcome: Outcome, look: ProcessLook) -> None:
        if isinstance(look.minor, Missing) or isinstance(look.major, Missing):
            self.figures.unmeasured += 1
            return
        self.figures.faults += look.minor + look.major
        _holds("faults", outcome.faults, look.minor + look.major)
        _holds("minor faults", outcome.minor, look.minor)
        _holds("major faults", outcome.major, look.major)

    def _compare(self, name: str, look: ProcessLook, frames: dict[int, int]) -> None:
        for index, region in enumerate(look.regions):
            first, pages = region.first, region.pages
            where = f"{name}, region at {first:x}"
            self._compare_words(name, look.words[index], first, where)
            self.figures.pages += pages
            if look.pfns is None or look.map_counts is None:
                continue
            ids = views.frames(self.world, name, first, pages)
            self._compare_frames(ids, look.pfns[index].tolist(), frames, where)
            _all_same(
                f"map count, {where}",
                views.map_counts(self.world, name, first, pages),
                look.map_counts[index].tolist(),
            )
            self.figures.map_counts += pages
        self._compare_smaps(name, look)
        if isinstance(look.rest, Missing) or isinstance(look.vm_pte_bytes, Missing):
            return
        tables = views.tables(self.world, name)
        self.figures.tables += 1
        _same(f"page tables of {name}, kB", tables.bytes // 1024,
              (look.vm_pte_bytes - look.rest.bytes) // 1024)  # fmt: skip

    def _compare_words(self, name: str, seen: bytes, first: int, where: str) -> None:
        told = views.words(self.world, name, first, len(seen))
        if told != seen:
            at = next(
                i for i, pair in enumerate(zip(told, seen, strict=True)) if len(set(pair)) > 1
            )
            wrong = sum(one != other for one, other in zip(told, seen, strict=True))
            raise Disagreement(
                f"{where}: page {at} is {seen[at]:#x}, predicted {told[at]:#x} ({wrong} pages)"
            )

    def _compare_frames(
        self, ids: list[int], pfns: list[int], frames: dict[int, int], where: str
    ) -> None:
        for at, (frame, pfn) in enumerate(zip(ids, pfns, strict=True)):
            if frame <= 0 or pfn <= 0:
                _same(f"frame of page {at}, {where}", frame, pfn)
            elif frames.setdefault(frame, pfn) != pfn:
                raise Disagreement(f"{where}: page {at} should share a frame and does not")
            elif self._frames.get(frame, pfn) != pfn:
                raise Disagreement(f"{where}: page {at} was moved to another frame")

    def _compare_smaps(self, name: str, look: ProcessLook) -> None:
        told = [views.smaps(self.world, name, r.first, r.pages) for r in look.regions]
        self.figures.vmas += len(look.region_vmas)
        for one in fields(look.smaps):
            _same(f"{one.name} of {name}, kB", sum(getattr(each, one.name) for each in told),
                  getattr(look.smaps, one.name))  # fmt: skip


def told(action: Action) -> str:
    return " ".join(_words(action))


def _words(action: Action) -> Iterator[str]:
    yield f"{action.process}: {action.do} r{action.region}"
    if action.word:
        yield action.word
    if action.do == "map":
        yield f"{action.pages} pages at +{action.at} offset {action.offset}"
        yield ("shared" if action.shared else "private") + (" rw" if action.write else " r")
        yield "populate" if action.populate else ""
    elif action.do == "touch":
        yield "write" if action.write else "read"
        yield f"{action.low}-{action.high}‰ every {action.stride}"
    elif action.do not in ("fork", "exit"):
        yield f"{action.low}-{action.high}‰ {action.pages or ''}"


def _must(reply: Reply) -> None:
    if reply.errno:
        raise Disagreement(f"the kernel refused a gap: errno {reply.errno}")


def _same(what: str, told: int, seen: int) -> None:
    if told != seen:
        raise Disagreement(f"{what}: {seen}, predicted {told}")


def _all_same(what: str, told: Sequence[int], seen: Sequence[int]) -> None:
    for at, (one, other) in enumerate(zip(told, seen, strict=True)):
        if one != other:
            raise Disagreement(f"{what}: page {at} has {other}, predicted {one}")


def _holds(what: str, answer: Answer, seen: int) -> None:
    if not answer.holds(seen):
        raise Disagreement(f"{what}: {seen}, predicted {answer.low}–{answer.high}")
