"""`vmtui export FILE`: a recording as a file of other programs, to stdout or a new file."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, cast

from vmtui.cli import metrics
from vmtui.cli.arguments import WrongUsage, above_zero, pid, seconds
from vmtui.cli.progress import Progress
from vmtui.errors import VmtuiError
from vmtui.export import perfetto, tables
from vmtui.export.figures import MACHINE, PROCESSES, SUBJECTS, VMAS, Subject
from vmtui.export.outlet import new_file
from vmtui.export.ticks import Tick, ticks_of
from vmtui.model.fields.field import Field
from vmtui.observe import when
from vmtui.record.reader import Recording
from vmtui.text import display

FORMATS = {
    "csv": "figures over time, a row a process, VMA or machine and tick",
    "jsonl": "the same as a JSON document a tick",
    "parquet": "the same as Parquet (extra: vmtui[export])",
    "svg": "a screen of the app at a moment",
    "asciicast": "a film of that screen, for asciinema",
    "perfetto": "counters and marks for ui.perfetto.dev",
    "openmetrics": "the last sample for Prometheus",
}
SCREENS = (
    "processes", "process", "pages", "machine", "frames", "blocks", "files", "oom", "groups",
    "stage",
)  # fmt: skip
_TABLES = ("csv", "jsonl", "parquet")
_SIZES = (range(40, 501), range(10, 201))
_EVERY = ("file", "format", "output", "pids", "since", "until", "at")
_OPTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_TABLES, ("of", "columns")),
    "svg": ("screen", "size", "theme", "vma"),
    "asciicast": ("screen", "size", "theme", "vma", "speed"),
    "perfetto": (),
    "openmetrics": ("listen", "interval"),
}
"""By format, the options that it alone heeds."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    times = f"seconds from its first sample, {when.FORMS}".replace("%", "%%")
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE",
        help="a recording; openmetrics does without one and asks the live kernel",
    )  # fmt: skip
    parser.add_argument(
        "--format", required=True, choices=tuple(FORMATS), metavar="FORMAT",
        help="; ".join(f"{name}: {about}" for name, about in FORMATS.items()),
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="FILE",
        help="a new file, readable by its owner; openmetrics replaces it at once (default: stdout)",
    )  # fmt: skip
    parser.add_argument(
        "--of", choices=tuple(SUBJECTS), metavar="WHAT",
        help="csv, jsonl, parquet: processes (default), vmas or machine",
    )  # fmt: skip
    parser.add_argument(
        "--columns", metavar="FIELD,…", help="csv, jsonl, parquet: these fields, in this order"
    )
    parser.add_argument(
        "--pid", dest="pids", action="append", type=pid, default=[], metavar="PID",
        help="this process alone; may be given again",
    )  # fmt: skip
    parser.add_argument("--from", dest="since", metavar="TIME", help=f"begin there: {times}")
    parser.add_argument(
        "--to", dest="until", metavar="TIME", help="end there, that sample included"
    )
    parser.add_argument("--at", metavar="TIME", help="that moment alone (svg: default the last)")
    parser.add_argument(
        "--screen", choices=SCREENS, metavar="NAME",
        help="svg, asciicast: processes (default), process, pages, machine or another of its tabs "
        "(frames, blocks, files, oom, groups), or stage: of an experiment",
    )  # fmt: skip
    parser.add_argument(
        "--size",
        type=size,
        metavar="CxL",
        help="svg, asciicast: columns and lines (default 120x35)",
    )
    parser.add_argument(
        "--vma", type=address, metavar="ADDR",
        help="svg, asciicast: whose pages (default: the VMA with the most in memory)",
    )  # fmt: skip
    parser.add_argument("--theme", metavar="NAME", help="svg, asciicast: as of the app")
    parser.add_argument(
        "--speed", type=above_zero, metavar="N", help="asciicast: N seconds of it in a second"
    )
    parser.add_argument(
        "--listen", type=port, metavar="PORT",
        help="openmetrics: answer at http://127.0.0.1:PORT/metrics until stopped; every user of "
        "this machine can ask; 0 takes a free port",
    )  # fmt: skip
    parser.add_argument(
        "--interval", type=seconds, metavar="S",
        help="openmetrics: write the file again every S seconds, until stopped",
    )  # fmt: skip


def size(word: str) -> tuple[int, int]:
    """Columns and lines: 160x50."""
    columns, _, lines = word.partition("x")
    made = tuple(int(part) if part.isascii() and part.isdigit() else 0 for part in (columns, lines))
    if any(number not in allowed for number, allowed in zip(made, _SIZES, strict=True)):
        raise argparse.ArgumentTypeError(f"{word!r} is no size such as 120x35 (40x10 to 500x200)")
    return made[0], made[1]


def address(word: str) -> int:
    """A hexadecimal address."""
    try:
        return int(word.removeprefix("0x"), 16)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{word!r} is no hexadecimal address") from error


def port(word: str) -> int:
    """A port of TCP."""
    if not (word.isascii() and word.isdigit() and int(word) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{word!r} is no port: 1 to 65535, or 0 for a free one")
    return int(word)


def run(arguments: argparse.Namespace) -> int:
    """Export; what was cancelled or failed leaves no file.

    Raises:
        VmtuiError: the recording cannot be read, or the file not be written.
        WrongUsage: options that do not go together.
    """
    _check(arguments)
    with _ended_by_signals():
        if arguments.format == "openmetrics":
            return metrics.run(arguments)
        doing = "filming" if arguments.format == "asciicast" else "exporting"
        with (
            Progress(doing, silent=_prints(arguments)) as progress,
            Recording(arguments.file) as recording,
        ):
            if not recording.ticks:
                raise VmtuiError(f"{display(os.fsencode(arguments.file))} has no samples yet")
            _export(arguments, recording, progress)
    return 0


def _prints(arguments: argparse.Namespace) -> bool:
    """Whether what is exported runs over the terminal meanwhile."""
    return arguments.output is None and sys.stdout is not None and sys.stdout.isatty()


def _check(arguments: argparse.Namespace) -> None:
    """Options that would be heeded by nobody are mistakes."""
    form = arguments.format
    if arguments.file is None and form != "openmetrics":
        raise WrongUsage(f"--format {form} needs a recording: vmtui export FILE --format {form}")
    for name, value in vars(arguments).items():
        if value in (None, []) or name in _EVERY or name in _OPTIONS[form]:
            continue
        takers = ", ".join(each for each, taken in _OPTIONS.items() if name in taken)
        raise WrongUsage(f"--{name} goes with --format {takers}, not {form}")
    if arguments.at and (arguments.since or arguments.until):
        raise WrongUsage("--at is one moment: leave out --from and --to")
    if form == "svg" and (arguments.since or arguments.until):
        raise WrongUsage("an svg is of one moment: --at, not --from and --to")
    if form == "openmetrics" and (arguments.at or arguments.since or arguments.until):
        raise WrongUsage("openmetrics is of the last sample: leave out --at, --from and --to")
    if form in ("svg", "asciicast") and len(arguments.pids) > 1:
        raise WrongUsage("a screen is of one process: one --pid")


def _export(arguments: argparse.Namespace, recording: Recording, progress: Progress) -> None:
    places = _places(arguments, recording)
    if arguments.format == "svg":
        text = _pictured(arguments, recording, places[-1])
        with outlet(arguments.output) as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        return
    if arguments.format == "asciicast":
        with outlet(arguments.output) as file:
            _film(arguments, recording, places, file, progress)
        return
    make = {"perfetto": _traced, "parquet": _parquet}.get(arguments.format, _tabled)
    export = make(arguments, recording)  # complains before there is a file
    with outlet(arguments.output) as file:
        ticks = ticks_of(recording, places[0], places[-1])
        export(progress.over(ticks, len(places)), file)


_Export = Callable[[Iterator[Tick], BinaryIO], None]


def _tabled(arguments: argparse.Namespace, recording: Recording) -> _Export:
    subject, fields, pids = _subject(arguments, recording)
    host = display(recording.about.host)

    def export(ticks: Iterator[Tick], file: BinaryIO) -> None:
        parts = (
            tables.as_csv(ticks, subject, fields, pids)
            if arguments.format == "csv"
            else tables.as_json_lines(ticks, subject, fields, pids, host=host)
        )
        for part in parts:
            file.write(part)

    return export


def _parquet(arguments: argparse.Namespace, recording: Recording) -> _Export:
    from vmtui.export import parquet

    subject, fields, pids = _subject(arguments, recording)
    parquet.pyarrow()
    if arguments.output is None and sys.stdout.isatty():
        raise WrongUsage("Parquet is not for a terminal: name a file with -o")

    def export(ticks: Iterator[Tick], file: BinaryIO) -> None:
        parquet.write_parquet(ticks, subject, fields, file, pids)

    return export


def _traced(arguments: argparse.Namespace, recording: Recording) -> _Export:
    def export(ticks: Iterator[Tick], file: BinaryIO) -> None:
        for part in perfetto.as_trace(ticks, recording.about, frozenset(arguments.pids)):
            file.write(part)

    return export


def _subject(
    arguments: argparse.Namespace, recording: Recording
) -> tuple[Subject, Sequence[Field[Any]], frozenset[int]]:
    subject = SUBJECTS[arguments.of or PROCESSES.name]
    pids = frozenset(arguments.pids)
    if pids and subject is MACHINE:
        raise WrongUsage("--of machine is of no process: leave out --pid")
    if subject is VMAS:
        _check_depth(recording, pids)
    if not arguments.columns:
        return subject, subject.fields, pids
    there = {field.id: field for field in subject.fields}
    wrong = [name for name in arguments.columns.split(",") if name not in there]
    if wrong:
        raise WrongUsage(f"{subject.name} have no field {wrong[0]!r}; `vmtui fields` lists them")
    return subject, [there[name] for name in arguments.columns.split(",")], pids


def _check_depth(recording: Recording, pids: frozenset[int]) -> None:
    """Whether there are VMAs to export."""
    there = set(recording.all_pids)
    if not there or (pids and not pids & there):
        whose = f"process {min(pids)}" if pids else "any process"
        raise VmtuiError(f"the VMAs of {whose} were not recorded; `vmtui record PID` does that")


def _places(arguments: argparse.Namespace, recording: Recording) -> range:
    """The samples that are meant, by their places in the recording."""
    first, last = recording.span

    def place(typed: str | None, option: str, otherwise: int) -> int:
        if typed is None:
            return otherwise
        found = when.moment(typed, first, last, first, bare_seconds=True)
        if found is None:
            raise WrongUsage(
                f"{option} {typed}: a time is seconds from the first sample, {when.FORMS}"
            )
        return recording.at(found)

    end = len(recording) - 1
    if arguments.at is not None:
        at = place(arguments.at, "--at", end)
        return range(at, at + 1)
    begin, end = place(arguments.since, "--from", 0), place(arguments.until, "--to", end)
    if end < begin:
        raise WrongUsage("--to is before --from")
    return range(begin, end + 1)


def _pictured(arguments: argparse.Namespace, recording: Recording, place: int) -> str:
    from vmtui.ui.filming import photographed

    shot, chosen = _shot(arguments, recording, place)
    host = display(recording.about.host)
    return photographed(arguments.file, shot, chosen, f"vmtui replay {host}")


def _film(
    arguments: argparse.Namespace,
    recording: Recording,
    places: range,
    file: BinaryIO,
    progress: Progress,
) -> None:
    from vmtui.ui.asciicast import Asciicast
    from vmtui.ui.filming import filmed

    shot, chosen = _shot(arguments, recording, places[0])
    began, ended = recording.ticks[places[0]], recording.ticks[places[-1]]
    speed, first = arguments.speed or 1.0, None
    cast_ = Asciicast(file.write, shot.size, began, f"vmtui replay {display(recording.about.host)}")
    marks = [event for event in recording.events if event.kind == "mark" and event.at >= began]

    def take(at: float, lines: Any) -> None:
        nonlocal first, ended
        first, ended = at if first is None else first, max(at, ended)
        while marks and marks[0].at <= at:
            mark = marks.pop(0)
            cast_.mark((mark.at - first) / speed, display(mark.text) or "mark")
        cast_.add((at - first) / speed, lines)
        progress.at(round(100 * (at - first) / max(1e-9, ended - first)), 100)

    filmed(arguments.file, shot, chosen, ended, take)
    cast_.end((ended - (began if first is None else first) + recording.about.interval) / speed)


def _shot(arguments: argparse.Namespace, recording: Recording, place: int) -> tuple[Any, Any]:
    """What to look at, and with which settings."""
    from vmtui.ui import settings
    from vmtui.ui.filming import Shot

    try:
        chosen = settings.load({"theme": arguments.theme})
    except settings.SettingsError as error:
        raise WrongUsage(str(error)) from error
    screen = arguments.screen or "processes"
    whom = 0
    if screen in ("process", "pages"):
        there = [*recording.pids(place), *recording.all_pids]
        if not arguments.pids and not there:
            raise WrongUsage("no process was recorded in depth: name one of the list with --pid")
        whom = arguments.pids[0] if arguments.pids else there[0]
    elif arguments.pids:
        raise WrongUsage("--pid goes with --screen process or pages")
    if arguments.vma is not None and screen != "pages":
        raise WrongUsage("--vma goes with --screen pages")
    shot = Shot(
        screen=screen, at=recording.ticks[place], size=arguments.size or (120, 35), pid=whom,
        address=arguments.vma,
    )  # fmt: skip
    return shot, chosen


@contextmanager
def outlet(path: str | None) -> Iterator[BinaryIO]:
    """The new file of that name, or the standard output."""
    with new_file(path) if path is not None else nullcontext(stdout()) as file:
        yield file
        if path is None:
            file.flush()


def stdout() -> BinaryIO:
    """The standard output, for bytes."""
    if sys.stdout is None:
        return open(os.devnull, "wb")
    return cast(BinaryIO, sys.stdout.buffer)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP leave as Ctrl-C does: through everything that tidies up.

    Of the signals asyncio, in which an app is filmed, ends its tasks for that one alone.
    """
    ended: list[int] = []

    def leave(number: int, _frame: FrameType | None) -> None:
        ended.append(number)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            raise SystemExit(128 + number)
        signal.raise_signal(signal.SIGINT)

    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    ]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    except KeyboardInterrupt:
        # what the app that was filmed still meant to do is never done: that is nobody's business
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        if ended:
            raise SystemExit(128 + ended[0]) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
