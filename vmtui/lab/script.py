"""Scripts: lines of operations, checked before anything runs.

A wrong script gets one sentence with the number of its line and what was expected there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vmtui.errors import VmtuiError
from vmtui.kernel.files import PAGE_SIZE
from vmtui.lab.layout import Layout
from vmtui.lab.operations import ALL, Operation
from vmtui.lab.operations.abi import c_name
from vmtui.lab.operations.exit import Exit
from vmtui.lab.operations.files import Truncate
from vmtui.lab.operations.fork import Fork
from vmtui.lab.operations.map import Map
from vmtui.lab.operations.poke import Poke
from vmtui.lab.operations.unmap import Unmap
from vmtui.lab.operations.work import Work
from vmtui.lab.text import Text
from vmtui.lab.words import Unexpected, Words, size_word

if TYPE_CHECKING:
    from vmtui.lab.experiment import Experiment

PARENT = "parent"
"""The first process."""
MOST_STEPS = 200
_HUGE_BYTES = 512 * PAGE_SIZE
MOST_PROCESSES = 6
_IN = re.compile(r"in\s+(\S+?)\s*:\s*(.*)")
_PARAMETER = re.compile(r"\{([^{}]*)\}")


class ScriptError(VmtuiError):
    """A line of a script makes no sense."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"line {line}: {sentence}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Step:
    """One operation, and the process that does it."""

    operation: Operation
    process: str = PARENT
    line: int = 0
    """Of the script, from 1."""

    @property
    def source(self) -> str:
        """The line; parsing it gives the same step."""
        prefix = "" if self.process == PARENT else f"in {self.process}: "
        return prefix + self.operation.source()

    @property
    def told(self) -> Text:
        """The operation's own sentence, and who does it."""
        said = self.operation.told()
        if self.process == PARENT:
            return said
        return Text(f"In {self.process}: {said.en}", f"{self.process} で：{said.ja}")

    def c_lines(self, layout: Layout) -> tuple[str, ...]:
        """C statements that do the same."""
        lines = self.operation.c_lines(layout)
        if self.process == PARENT:
            return lines
        if len(lines) == 1 or (len(lines) == 2 and lines[1].startswith(" ")):
            return (f"if ({c_name(self.process)} == 0)", *(f"    {line}" for line in lines))
        inside = (f"    {line}" for line in lines)
        return (f"if ({c_name(self.process)} == 0) {{", *inside, "}")


@dataclass(frozen=True, slots=True)
class Script:
    """Steps that make sense one after the other, and where their regions lie."""

    steps: tuple[Step, ...]
    layout: Layout

    @property
    def source(self) -> str:
        """The lines; parsing them gives the same script."""
        return "\n".join(step.source for step in self.steps)

    @property
    def several(self) -> bool:
        """Whether it ever has more than one process, so that their names tell something."""
        return any(isinstance(step.operation, Fork) for step in self.steps)

    @property
    def changes(self) -> tuple[Text, ...]:
        """What it changes outside its processes, each sentence once."""
        said = [change for step in self.steps for change in step.operation.changes()]
        return tuple(dict.fromkeys(said))

    @property
    def touched_pages(self) -> int:
        """The most pages that can become memory: each of a region once, whoever touches it."""
        now, most = dict[str, int](), 0
        for step in self.steps:
            operation = step.operation
            name = operation.region() or getattr(operation, "name", "")
            now[name] = max(now.get(name, 0), operation.touched(self.layout))
            if isinstance(operation, Unmap) and operation.pages.whole:
                del now[name]
            most = max(most, sum(now.values()))
        return most


def parse(text: str, values: Mapping[str, str] | None = None) -> Script:
    """The script in a text: a line an operation, `#` begins a comment.

    Args:
        text: the lines, with `{name}` where a parameter's value belongs.
        values: of the parameters.

    Raises:
        ScriptError: a line makes no sense, by itself or after those before it.
    """
    steps = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition("#")[0].strip()
        if bare:
            try:
                steps.append(parse_line(_filled(bare, values or {}), number))
            except Unexpected as error:
                raise ScriptError(number, str(error)) from None
    if not steps:
        raise ScriptError(1, "expected an operation, found an empty script")
    if len(steps) > MOST_STEPS:
        raise ScriptError(steps[MOST_STEPS].line, f"expected at most {MOST_STEPS} operations")
    _Story().check(steps)
    wanted = [found for step in steps if (found := step.operation.reservation())]
    return Script(tuple(steps), Layout.of(wanted))


def changes_of(experiment: Experiment, values: Mapping[str, str]) -> tuple[Text, ...]:
    """What a run with these values changes outside its processes, a sentence each.

    A script that makes no sense changes nothing: the run says what is wrong with it.
    """
    try:
        return parse(experiment.script(values), values).changes
    except ScriptError:
        return ()


def parse_line(line: str, number: int = 1) -> Step:
    """One step.

    Raises:
        Unexpected: the line is none.
    """
    process = PARENT
    if match := _IN.fullmatch(line):
        process, line = match[1], match[2]
    words = Words(line.split())
    keyword = words.one_of(tuple(ALL))
    return Step(ALL[keyword].parse(words), process, number)


def _filled(line: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            known = ", ".join(f"{{{name}}}" for name in values) or "none"
            found = f"found «{match[0]}»"
            raise Unexpected(f"expected a parameter of this experiment ({known}), {found}")
        return values[match[1]]

    return _PARAMETER.sub(value, line)


@dataclass(slots=True)
class _Story:
    """Who is alive and has what mapped, step by step."""

    mapped: dict[str, set[str]] = field(default_factory=lambda: {PARENT: set()})
    """Regions by live process."""
    files: dict[str, set[str]] = field(default_factory=lambda: {PARENT: set()})
    sizes: dict[str, Map] = field(default_factory=dict)
    """The first line that mapped each region."""
    kinds: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=lambda: {PARENT})

    def check(self, steps: list[Step]) -> None:
        """Raise the ScriptError of the first step that cannot be done."""
        for step in steps:
            if wrong := self._wrong(step):
                raise ScriptError(step.line, wrong)

    def _wrong(self, step: Step) -> str:
        operation, process = step.operation, step.process
        if process not in self.mapped:
            return f"expected a live process ({', '.join(self.mapped)}), found «{process}»"
        regions, files = self.mapped[process], self.files[process]
        match operation:
            case Map():
                return self._map(operation, regions, files)
            case Fork():
                return self._fork(operation.name, process)
            case Exit():
                if operation.name == PARENT or operation.name not in self.mapped:
                    return f"expected a live child to end, found «{operation.name}»"
                del self.mapped[operation.name], self.files[operation.name]
                return ""
            case Poke():
                known = operation.region()
                if known and known not in self.sizes:
                    return f"expected an address or a region mapped before, found «{known}»"
                return ""
        name = operation.region()
        if name and name not in regions:
            listed = ", ".join(sorted(regions)) or "none so far"
            return f"expected a region that {process} has mapped ({listed}), found «{name}»"
        if isinstance(operation, Work) and self.sizes[name].times > 1:
            return f"expected a region in one piece, found «{name}»"
        if isinstance(operation, Unmap) and operation.pages.whole:
            regions.discard(name)
        name = operation.file()
        if name and name not in files:
            listed = ", ".join(sorted(files)) or "none so far"
            return f"expected a file that {process} has open ({listed}), found «{name}»"
        if isinstance(operation, Truncate) is False and name and self.kinds[name] == "memfd":
            return f"expected a file on a disk, found «{name}», which is in memory"
        return ""

    def _map(self, operation: Map, regions: set[str], files: set[str]) -> str:
        name, before = operation.name, self.sizes.get(operation.name)
        if name in regions:
            return f"expected a new name, found «{name}», which is mapped already"
        if before and before.reservation() != operation.reservation():
            return f"expected «{name}» as large as before"
        if operation.hugetlb and operation.nbytes % _HUGE_BYTES:
            return f"expected a multiple of 2M for hugetlb, found {size_word(operation.nbytes)}"
        self.sizes.setdefault(name, operation)
        regions.add(name)
        kind, file = operation.kind, operation.object_name
        if file:
            if self.kinds.setdefault(file, kind) != kind:
                return f"expected «{file}» to be a {self.kinds[file]} as before"
            if file not in files and any(file in theirs for theirs in self.files.values()):
                return f"expected «{file}» to be mapped before the fork, so that both have it open"
            files.add(file)
        return ""

    def _fork(self, name: str, process: str) -> str:
        if name in self.names:
            return f"expected a new name, found «{name}»"
        if len(self.mapped) >= MOST_PROCESSES:
            return f"expected at most {MOST_PROCESSES} processes at a time"
        self.names.add(name)
        self.mapped[name] = set(self.mapped[process])
        self.files[name] = set(self.files[process])
        return ""
