"""`vmtui diff A[@T] [B[@T]]`: what two moments of recordings differ in, and why."""

from __future__ import annotations

import argparse
import os
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from vmtui.cli import diff_document
from vmtui.cli.arguments import WrongUsage, pid
from vmtui.cli.output import Answer, deliver
from vmtui.errors import VmtuiError
from vmtui.missing import Missing
from vmtui.observe import when
from vmtui.record.comparison import Comparison, Side, check, peak_in, side_of
from vmtui.record.reader import Recording
from vmtui.text import display
from vmtui.told import Told


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        "a",
        metavar="A[@T]",
        help="a recording at a time: seconds from its first sample, or 14:03:22, or an ISO time; "
        "alone and without a time it is compared from its first sample to its last",
    )
    parser.add_argument(
        "b",
        metavar="B[@T]",
        nargs="?",
        help="another, or @T of the same one; without a time its last sample",
    )
    parser.add_argument(
        "--pid", type=pid, metavar="PID", help="this process alone (default: all that both have)"
    )
    parser.add_argument("--pid-b", type=pid, metavar="PID", help="its number in B, if another one")
    parser.add_argument("--name", metavar="NAME", help="processes of this name alone")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--peak",
        action="store_true",
        help="in place of two moments: when the process was largest, and what had grown by then",
    )
    what.add_argument(
        "--leaks",
        action="store_true",
        help="the VMAs that only ever grew between the moments, with rate and time to the limit",
    )
    parser.add_argument(
        "--all", action="store_true", help="rows that are the same as well, and every process"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON document")
    form.add_argument("--csv", action="store_true", help="comma-separated values")
    parser.set_defaults(jsonl=False, interval=None, count=None)


def run(arguments: argparse.Namespace) -> int:
    """Compare and print.

    Raises:
        WrongUsage: a time is none or lies outside, or the arguments contradict each other.
        VmtuiError: a file cannot be read, or lacks the process.
    """
    if arguments.name is not None and arguments.pid is not None:
        raise WrongUsage("--pid and --name both choose a process: use one of them")
    if arguments.pid_b is not None and arguments.pid is None:
        raise WrongUsage("--pid-b goes with --pid")
    if arguments.peak and arguments.b is not None:
        raise WrongUsage("--peak looks through one recording: leave the second one out")
    deliver(arguments, partial(_answer, arguments), "reading moments")
    return 0


def _answer(arguments: argparse.Namespace, told: Told) -> Answer:
    with ExitStack() as stack:
        a, b = _sides(arguments, stack)
        if arguments.peak:
            return _peak(arguments, a, told)
        return _difference(arguments, Comparison(a, b), told)


def _sides(arguments: argparse.Namespace, stack: ExitStack) -> tuple[Side, Side]:
    path_a, typed_a = _taken_apart(arguments.a)
    word_b = arguments.b
    if word_b is None or (word_b.startswith("@") and not os.path.exists(word_b)):
        path_b, typed_b = path_a, word_b[1:] if word_b else ""
    else:
        path_b, typed_b = _taken_apart(word_b)
    first = _opened(path_a, stack)
    second = first
    if os.path.realpath(path_a) != os.path.realpath(path_b):
        second = _opened(path_b, stack)
    at_a = _time_in(first, typed_a)
    if at_a is None and word_b is None:
        at_a = first.span[0]  # one recording without a time: from its beginning to its end
    return side_of(first, path_a, at_a), side_of(second, path_b, _time_in(second, typed_b))


def _taken_apart(word: str) -> tuple[str, str]:
    """File and time; a file whose own name has an @ is found first."""
    if os.path.exists(word) or "@" not in word:
        return word, ""
    path, _, typed = word.rpartition("@")
    if not typed:
        raise WrongUsage(f"{display(word)}: after @ comes a time: {when.FORMS}")
    return path, typed


def _opened(path: str, stack: ExitStack) -> Recording:
    recording = stack.enter_context(Recording(path))
    check(recording.about)
    return recording


def _time_in(recording: Recording, typed: str) -> float | None:
    """The wall clock that was meant; None for the last sample."""
    if not typed:
        return None
    first, last = recording.span
    at = when.moment(typed, first, last, first, bare_seconds=True)
    shown = display(os.fsencode(recording.path), limit=None)
    if at is None:
        raise WrongUsage(
            f"@{display(typed)}: a time is seconds from the first sample, {when.FORMS}"
        )
    slack = max(1.0, 2 * recording.about.interval)
    if not first - slack <= at <= last + slack:
        raise WrongUsage(
            f"@{display(typed)} lies outside of {shown}, which lasts {last - first:,.0f} s"
        )
    return at


def _pairs(arguments: argparse.Namespace, comparison: Comparison) -> list[tuple[int, int]]:
    if arguments.pid is not None:
        if arguments.pid_b is not None:
            return [(arguments.pid, arguments.pid_b)]
        matched = (pair for pair in comparison.pairs() if pair[0] == arguments.pid)
        return [next(matched, (arguments.pid, arguments.pid))]
    pairs = comparison.pairs(arguments.name)
    if not pairs and arguments.name is not None:
        raise VmtuiError(
            f"no process called «{display(arguments.name, 40)}» is in both moments with its VMAs"
        )
    return pairs


def _difference(arguments: argparse.Namespace, comparison: Comparison, told: Told) -> Answer:
    found = []
    for pid_a, pid_b in _pairs(arguments, comparison):
        difference = comparison.difference(pid_a, pid_b, told)
        if isinstance(difference, Missing):
            raise VmtuiError(f"process {pid_a}: {difference.reason}")
        found.append((pid_a, pid_b, difference))
    return diff_document.answer(comparison, found, everything=arguments.all, leaks=arguments.leaks)


def _peak(arguments: argparse.Namespace, side: Side, told: Told) -> Answer:
    """From the foot of the climb to the peak."""
    recording = side.recording
    whole = Comparison(replace(side, index=0), replace(side, index=len(recording.ticks) - 1))
    chosen = arguments.pid or next((pid for pid, _ in whole.pairs(arguments.name)), None)
    if chosen is None:
        known = recording.all_pids
        if len(known) != 1:
            raise WrongUsage("--peak needs a process: name one with --pid")
        (chosen,) = known
    peak = peak_in(recording, chosen, told)
    if peak is None:
        raise VmtuiError(f"process {chosen} is in no sample of {side.name}")
    comparison = Comparison(replace(side, index=peak.foot), replace(side, index=peak.at))
    found = []
    if peak.foot != peak.at:
        difference = comparison.difference(chosen, chosen, told)
        if not isinstance(difference, Missing):
            found.append((chosen, chosen, difference))
    return diff_document.answer(
        comparison, found, everything=arguments.all, peak_of=chosen, leaks=False
    )
