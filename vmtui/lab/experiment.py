"""What an experiment is: a question, the script that answers it, and every word around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeAlias

from vmtui.errors import VmtuiError
from vmtui.lab.text import NOTHING, Text
from vmtui.lab.words import size_of, size_word

NO_NEEDS = Text("nothing", "とくになし")
Picture: TypeAlias = Literal["pages", "tables", "fault", "commit", "cliff", "kill", "blocks"]
"""What the stage draws large: page grids, the page-table tree, the faults, what was promised,
throughput against memory, who is killed, free blocks by size."""


class ParameterError(VmtuiError):
    """A parameter cannot have that value; the message says what it can have."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that can be changed before a run; `{id}` stands for it in the script."""

    id: str
    label: Text
    default: str
    kind: Literal["size", "count", "choice"] = "size"
    low: int = 4096
    high: int = 1 << 30
    choices: tuple[str, ...] = ()
    suggest: Callable[[], str] | None = None
    """The default where it depends on the machine."""

    def checked(self, value: str) -> str:
        """The value as the script takes it.

        Raises:
            ParameterError: it is none, or out of bounds.
        """
        if self.kind == "choice":
            if value not in self.choices:
                raise ParameterError(f"{self.id} is one of {', '.join(self.choices)}")
            return value
        if self.kind == "count":
            number = int(value) if value.isascii() and value.isdigit() and len(value) < 12 else -1
            if not self.low <= number <= self.high:
                raise ParameterError(f"{self.id} is a number from {self.low:,} to {self.high:,}")
            return str(number)
        nbytes = size_of(value)
        if nbytes is None or not self.low <= nbytes <= self.high:
            low, high = size_word(self.low), size_word(self.high)
            raise ParameterError(f"{self.id} is a size of whole pages from {low} to {high}")
        return size_word(nbytes)


SIZE = Parameter("size", Text("size of the region", "領域の大きさ"), "100M", low=1 << 20)
"""What most experiments let one choose; `--size` on the command line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a script, and the sentence that tells it."""

    source: str
    told: Text
    """Empty: the operation's own sentence is told."""
    when: tuple[str, tuple[str, ...]] | None = None
    """Only if that parameter has one of these values: the variants of an experiment."""
    also: tuple[str, tuple[str, ...]] | None = None
    """And that one has one of these."""

    @property
    def conditions(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Parameters, and the values that they must have."""
        return tuple(one for one in (self.when, self.also) if one)

    def applies(self, values: Mapping[str, str]) -> bool:
        """Whether the line belongs to the script with these parameters."""
        return all(values[name] in choices for name, choices in self.conditions)


@dataclass(frozen=True, slots=True)
class Experiment:
    """Everything about one experiment. `{parameter}` may stand in the script and in `told`."""

    id: str
    title: Text
    question: Text
    answer: Text
    """The answer in one short sentence, for after the run and for small screens."""
    why: Text
    """Three sentences: what the kernel does, and what to look at."""
    lines: tuple[Line, ...]
    figures: tuple[str, ...]
    """Shown in the table: an id for every process, `id.child` for one."""
    charts: tuple[str, ...]
    """Drawn as curves, the same keys, the most telling one first."""
    notes: tuple[Text, ...]
    """For the lecturer: what to ask before which step, what students get wrong."""
    parameters: tuple[Parameter, ...] = ()
    needs: Text = NO_NEEDS
    without: Text = NOTHING
    """What it does where that is missing."""
    picture: Picture = "pages"
    group: str = ""
    """A list of its own in the menu: `surprises`."""
    user_file: str = ""
    """Where a user's own script was read from."""

    def script(self, values: Mapping[str, str]) -> str:
        """The lines as one text; empty ones where a line is of another variant."""
        return "\n".join(line.source if line.applies(values) else "" for line in self.lines)

    def variants(self) -> list[dict[str, str]]:
        """Values for every combination of the choices that its lines depend on."""
        asked = {name for line in self.lines for name, _ in line.conditions}
        choices = [
            [(one.id, choice) for choice in one.choices]
            for one in self.parameters
            if one.id in asked
        ]
        return [self.values() | dict(chosen) for chosen in product(*choices)]

    def values(self, chosen: Mapping[str, str] | None = None) -> dict[str, str]:
        """Every parameter's value: the chosen ones checked, the others' defaults.

        Raises:
            ParameterError: no such parameter, or a value out of bounds.
        """
        known = {parameter.id: parameter for parameter in self.parameters}
        for name in chosen or {}:
            if name not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise ParameterError(f"{self.id} has no parameter «{name}»; {has}")
        given = {name: known[name].checked(value) for name, value in (chosen or {}).items()}
        return {
            name: given[name] if name in given else one.suggest() if one.suggest else one.default
            for name, one in known.items()
        }
