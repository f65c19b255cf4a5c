"""Finds out what the symbols on screen are, in a thread of its own: files are read there.

The sampler asks at each tick and takes what is known by then; the latest question wins. Names that
are known already come first, then those for which a file has to be read (1 s for the largest).
Residency is looked at anew at each question, with a duty of a tenth.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np

from vmtui.errors import ProcessGone, VmtuiError
from vmtui.kernel.maps import Maps
from vmtui.kernel.pagemap import Pagemap
from vmtui.kernel.target import Target
from vmtui.missing import Missing
from vmtui.model.fields.symbols import ObjectRow
from vmtui.model.symbol_residency import PiecePages
from vmtui.observe import symbol_pages
from vmtui.observe.budget import Budget, tried
from vmtui.observe.function_list import FunctionList
from vmtui.observe.mapped_objects import MappedObject
from vmtui.observe.plan import PageWindow, SymbolWish
from vmtui.observe.symbol_cache import SHARED, LoadedSymbols
from vmtui.observe.symbol_pages import ObjectPages
from vmtui.observe.symbol_rows import object_row, section_rows
from vmtui.observe.symbols import Symbols
from vmtui.observe.symbols_told import Located, ObjectParts, SymbolsTold
from vmtui.text import display

READING = Missing("its symbols are being read")
UNREAD = Missing("read when the object is opened, or a name is looked for")


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is on screen at one tick."""

    maps: Maps
    wish: SymbolWish
    window: PageWindow | None


class SymbolDesk:
    """Of one process. `ask`, `told` and `rest` never wait."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._asked = threading.Event()
        self._question: Question | None = None
        self._told: SymbolsTold | None = None
        self._answered: Question | None = None
        self._seconds = 0.0
        self._over = False
        self._crash: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="vmtui-symbols", daemon=True)
        self._thread.start()

    @property
    def expecting(self) -> bool:
        """Whether a question that is new in kind waits for its answer."""
        asked, answered = self._question, self._answered
        if asked is None or self._over:
            return False
        return answered is None or (asked.wish, asked.window) != (answered.wish, answered.window)

    def ask(self, question: Question) -> None:
        """The latest question; what was asked before and not begun is dropped."""
        self._question = question
        self._asked.set()

    def told(self) -> tuple[SymbolsTold | None, float]:
        """What is known by now, and the seconds spent in the target's page tables since.

        Raises:
            BaseException: a bug in the thread, raised here rather than lost there.
        """
        if self._crash is not None:
            raise self._crash
        seconds, self._seconds = self._seconds, 0.0
        return self._told, seconds

    def rest(self) -> None:
        """Nothing is on screen: forget what was."""
        self._question = self._told = self._answered = None

    def close(self) -> None:
        """End the thread; it is a daemon, so a long read cannot hold the exit."""
        self._over = True
        self._asked.set()

    def _run(self) -> None:
        try:
            with ExitStack() as stack:
                target = stack.enter_context(Target(self._pid))
                clerk = _Clerk(target, stack.enter_context(Pagemap(target)))
                while not self._over:
                    self._asked.wait()
                    self._asked.clear()
                    question = self._question
                    if question is None or self._over:
                        continue
                    for told in clerk.answers(question, self._told or SymbolsTold()):
                        if self._question is None:
                            break
                        self._told = told
                        self._answered = question
                    self._seconds += clerk.seconds()
        except VmtuiError as error:
            why = Missing.because(error)
            self._told = SymbolsTold(objects=why, parts=why, jit=why)
        except Exception as error:
            self._crash = error
        finally:
            self._over = True


class _Clerk:
    """What the thread works with."""

    def __init__(self, target: Target, pagemap: Pagemap) -> None:
        self._target, self._pagemap = target, pagemap
        self._symbols = Symbols(target)
        self._budget = Budget()
        self._pages: dict[int, ObjectPages] = {}  # by lowest address, as they were last
        self._runs_of: tuple[object, ...] = ()

    def seconds(self) -> float:
        """Spent in the target's page tables since this was last asked."""
        spent, self._budget.spent_seconds = self._budget.spent_seconds, 0.0
        return spent

    def answers(self, question: Question, before: SymbolsTold) -> Iterator[SymbolsTold]:
        """Ever more complete ones.

        Raises:
            ProcessGone: the process has exited.
        """
        wish, symbols = question.wish, self._symbols
        symbols.refresh(question.maps)
        objects = symbols.objects
        told = replace(self._with_runs(before, question), jit=symbols.jit)
        if wish.address is not None:
            located = before.located
            if located is None or located.address != wish.address:
                told = replace(told, located=self._located(wish.address, may_load=False))
                yield told
        else:
            told = replace(told, located=None)
        if wish.objects:
            told = replace(
                told, objects=self._object_rows(objects, before.objects),
                unread=tuple((display(path), why) for path, why in symbols.missing),
            )  # fmt: skip
        elif wish.parts_of is None:
            told = replace(told, objects=None, unread=())
        if wish.parts_of is None:
            told = replace(told, parts=None)
            yield told
        else:
            yield from self._with_parts(told, objects, wish.parts_of)
            return
        if wish.address is not None:
            yield replace(told, located=self._located(wish.address, may_load=True))

    def _located(self, address: int, *, may_load: bool) -> Located:
        symbols = self._symbols
        place = symbols.place_of(address, may_load=may_load)
        return Located(address, place, symbols.on_page(address, may_load=may_load))

    def _with_runs(self, told: SymbolsTold, question: Question) -> SymbolsTold:
        window, symbols = question.window, self._symbols
        if window is None:
            return replace(told, window=None, runs=())
        made_of = symbols.objects, window
        known = bool(self._runs_of) and self._runs_of[0] is made_of[0]
        if known and told.window == window:
            return told
        self._runs_of = made_of
        runs = tuple(symbols.runs(window.start, window.end))
        return replace(told, window=window, runs=runs)

    def _object_rows(
        self, objects: tuple[MappedObject, ...], before: tuple[ObjectRow, ...] | Missing | None
    ) -> tuple[ObjectRow, ...]:
        began = time.monotonic()
        if isinstance(before, tuple) and not self._budget.due("objects", began):
            return before
        starts = {one.pieces[0].start for one in objects}
        self._pages = {at: pages for at, pages in self._pages.items() if at in starts}
        rows = tuple(
            object_row(one, self._look(one), _known(one)) for one in objects
        )  # fmt: skip
        self._budget.spent("objects", began, time.monotonic())
        return before if before == rows else rows

    def _look(self, one: MappedObject) -> ObjectPages | Missing:
        """Its pages; the object of the look before where none has another state."""
        pages = tried(lambda: symbol_pages.read(self._target, self._pagemap, one))
        if isinstance(pages, Missing):
            if not self._target.alive():
                raise ProcessGone(f"process {self._target.pid} has exited")
            return pages
        start = one.pieces[0].start
        known = self._pages.get(start)
        if known is not None and known.of is one and _same(known.pages, pages.pages):
            return known
        self._pages[start] = pages
        return pages

    def _with_parts(
        self, told: SymbolsTold, objects: tuple[MappedObject, ...], start: int
    ) -> Iterator[SymbolsTold]:
        one = next((one for one in objects if one.pieces[0].start == start), None)
        if one is None:
            yield replace(told, parts=Missing("this object is no longer mapped"))
            return
        began, old = time.monotonic(), told.parts
        known = old if isinstance(old, ObjectParts) and old.start == start else None
        if known is not None and not self._budget.due("parts", began):
            yield told
            return
        seen = self._pages.get(start)
        pages = self._look(one)
        self._budget.spent("parts", began, time.monotonic())
        if isinstance(pages, Missing):
            yield replace(told, parts=pages)
            return
        if known is not None and pages is seen and isinstance(known.functions, FunctionList):
            yield told
            return
        sections = section_rows(pages)
        parts = ObjectParts(
            start, one.name, sections if isinstance(sections, Missing) else tuple(sections),
            known.functions if known else READING,
        )  # fmt: skip
        if known is None:
            yield replace(told, parts=parts)
        loaded = self._symbols.symbols(one)
        if isinstance(loaded, Missing):
            yield replace(told, parts=replace(parts, functions=loaded))
        else:
            functions = FunctionList(pages.functions(loaded.table), one.name)
            yield replace(told, parts=replace(parts, functions=functions))


def _known(one: MappedObject) -> LoadedSymbols | Missing:
    known = SHARED.known_symbols(one.image)
    return UNREAD if known is None else known


def _same(one: tuple[PiecePages, ...], other: tuple[PiecePages, ...]) -> bool:
    return len(one) == len(other) and all(
        a.piece == b.piece and np.array_equal(a.facts, b.facts)
        for a, b in zip(one, other, strict=True)
    )
