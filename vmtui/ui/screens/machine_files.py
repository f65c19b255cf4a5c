"""Machine, tab «Files»: the page cache by file, who has each, and any path one asks about."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

from textual import on

from vmtui import units
from vmtui.draw import machine_cells, sentences
from vmtui.draw.columns import CellOf
from vmtui.draw.paint import DIM, STRONG, Row, Run, row
from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.model.fields.cached_file import CACHED_FILE_FIELDS, CACHED_FILE_FIELDS_BY_ID
from vmtui.model.page_cache import CachedFile, CacheSurvey, Holder
from vmtui.observe.machine_depth import Known
from vmtui.observe.sample import Sample
from vmtui.text import DisplayText, display, plain
from vmtui.told import Told
from vmtui.ui.aside import aside
from vmtui.ui.dialogs import Ask, Card, Choose, Option
from vmtui.ui.screens.machine_table import MachineTable
from vmtui.ui.widgets.virtual_table import VirtualTable

_MOST_ASKED = 20_000
_MOST_SHOWN = 60


class FilesTab(MachineTable):
    """Every regular file that a process has open or mapped."""

    TITLE_OF_TAB = "Files"
    DEPTH = frozenset({"files"})
    FIELDS = CACHED_FILE_FIELDS
    FIELDS_BY_ID = CACHED_FILE_FIELDS_BY_ID
    WORDS = ("file", "who")
    EXAMPLE = "libc  cached>1M  dirty>0  mapped_by>2"
    OWN_CELLS = frozenset({"filled"})
    ABOUT: ClassVar[tuple[str, ...]] = (
        "What of each file is in memory. The kernel keeps no list of cached files: these are the "
        "files that processes have open or mapped. : asks about a path that nobody has open, or "
        "about a whole directory.",
        "enter shows who has the file, and goes on to that process.",
    )

    def __init__(self) -> None:
        super().__init__("cached")

    def known(self, sample: Sample) -> Known[Any] | None:
        """The survey."""
        return sample.depth.files if sample.depth else None

    def rows_of(self, value: Any) -> Sequence[CachedFile]:
        """All files."""
        files: Sequence[CachedFile] = value.files
        return files

    def key_of(self, one: CachedFile) -> Hashable:
        """Device and inode."""
        return one.device, one.inode

    def own_cells(self, sample: Sample) -> Mapping[str, CellOf]:
        """What is in memory as a bar."""
        letters = self.session.bars_by_letters

        def bar(file: CachedFile, width: int) -> Row:
            return machine_cells.file_bar(file, width, letters=letters)

        return {"filled": bar}

    def above(self, sample: Sample, value: Any) -> list[Row]:
        """How much of the page cache that is."""
        machine = sample.machine.meminfo
        whole: int | Missing = machine if isinstance(machine, Missing) else machine["Cached"]
        return [machine_cells.files_line(value, whole)]

    def about(self, one: CachedFile, *, wide: bool) -> list[Row]:
        """One file in a sentence."""
        rows = [machine_cells.about_file(one, display(one.path))]
        if wide:
            rows.append(sentences.provenance(CACHED_FILE_FIELDS_BY_ID["cached"], 0, None))
        return rows

    def name_of(self, one: CachedFile) -> DisplayText:
        """The path."""
        return display(one.path)

    def amount_of(self, one: CachedFile) -> int | Missing:
        """What of it is cached."""
        return one.cached_bytes

    # Who has it

    @on(VirtualTable.Opened)
    def _opened(self, event: VirtualTable.Opened) -> None:
        file: CachedFile = event.row
        if not file.holders:
            self.action_explain()
            return
        options = [Option(f"{one.pid} {display(one.comm)}", _how(one)) for one in file.holders]

        def take(index: int | None) -> None:
            if index is not None:
                self.open_process(file.holders[index].pid)

        self.app.push_screen(Choose(f"who has {display(file.path, 60)}", options), take)

    # A path

    def action_goto(self) -> None:
        """Ask about a path: a file, or all files below a directory."""

        def take(typed: str | None) -> None:
            if typed:
                self._look_at(typed)

        self.app.push_screen(
            Ask("what of a file or directory is cached?", placeholder="/var/lib"), take
        )

    def _look_at(self, path: str) -> None:
        """In a thread: a directory may be large, a file system slow."""

        def look(told: Told) -> CacheSurvey:
            from vmtui.observe import page_cache

            return page_cache.of_paths([path], most=_MOST_ASKED, told=told)

        def take(found: CacheSurvey | VmtuiError) -> None:
            self._tell(display(path), found)

        aside(self, f"looking at {display(path)}", look, take, group="path")

    def _tell(self, path: DisplayText, found: CacheSurvey | VmtuiError) -> None:
        if isinstance(found, VmtuiError):
            self.notify(str(found), timeout=5)
            return
        self.app.push_screen(Card(f"in the page cache: {path}", _answer(found)))


def _answer(found: CacheSurvey) -> list[Row]:
    """The sum, and the files with most in the cache."""
    count = len(found.files)
    rows = [
        row(Run(units.size(found.cached_bytes), STRONG),
            Run(f" of {count:,} file{'s' * (count != 1)} in memory", DIM)),
        (),
    ]  # fmt: skip
    for file in found.files[:_MOST_SHOWN]:
        rows.append(machine_cells.about_file(file, display(file.path)))
    if count > _MOST_SHOWN:
        rows.append(row(Run(f"and {count - _MOST_SHOWN:,} files with less", DIM)))
    if found.left_out:
        rows.append(row(Run(f"{found.left_out:,} files beyond were not looked at", DIM)))
    return rows


def _how(holder: Holder) -> DisplayText:
    ways = [name for name, is_so in (("mapped", holder.mapped), ("open", holder.opened)) if is_so]
    return plain(" and ".join(ways))
