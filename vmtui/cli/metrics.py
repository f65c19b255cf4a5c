"""`vmtui export --format openmetrics`: a sample for Prometheus, as text, as a file, over HTTP."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from vmtui.cli.arguments import WrongUsage
from vmtui.cli.output import ticks
from vmtui.errors import VmtuiError
from vmtui.export.listening import MetricsServer
from vmtui.export.live import Live
from vmtui.export.openmetrics import as_metrics
from vmtui.export.outlet import replaced_file
from vmtui.export.ticks import alone
from vmtui.record.reader import Recording
from vmtui.text import display

_CLASSIC = ".prom"
"""The suffix that the textfile collector of node_exporter reads: its older format."""

Produce = Callable[[bool], str]
"""The metrics now; True for the older text format."""


def run(arguments: argparse.Namespace) -> int:
    """Print, write or serve.

    Raises:
        WrongUsage: options that do not go together.
        VmtuiError: the recording cannot be read, the file not written, the port not had.
    """
    if arguments.listen is not None and (arguments.output or arguments.interval):
        raise WrongUsage("--listen serves: leave out -o and --interval")
    if arguments.interval and not arguments.output:
        raise WrongUsage("--interval writes a file again and again: name it with -o")
    pids = frozenset(arguments.pids)
    if arguments.file is not None:
        with Recording(arguments.file) as recording:
            return _deliver(arguments, _of_recording(recording, pids))
    live = Live()
    try:
        return _deliver(arguments, lambda classic: as_metrics(
            live.tick(), live.host, pids, classic=classic
        ))  # fmt: skip
    finally:
        live.close()


def _of_recording(recording: Recording, pids: frozenset[int]) -> Produce:
    def produce(classic: bool) -> str:
        recording.refresh()
        if not recording.ticks:
            raise VmtuiError(f"{display(os.fsencode(recording.path))} has no samples yet")
        last = alone(recording.sample(len(recording) - 1), recording.about.boot_time)
        return as_metrics(last, recording.about.host, pids, classic=classic)

    return produce


def _deliver(arguments: argparse.Namespace, produce: Produce) -> int:
    if arguments.listen is not None:
        return _serve(arguments.listen, produce)
    if arguments.output is None:
        sys.stdout.buffer.write(produce(False).encode("utf-8", "surrogateescape"))
        return 0
    classic = arguments.output.endswith(_CLASSIC)
    for _ in ticks(arguments.interval or 1.0, None if arguments.interval else 1):
        text = produce(classic)
        with replaced_file(arguments.output) as file:
            file.write(text.encode("utf-8", "surrogateescape"))
    return 0


def _serve(port: int, produce: Produce) -> int:
    with MetricsServer(port, produce) as server:
        sys.stderr.write(f"{server.url} answers; Ctrl-C ends\n")
        sys.stderr.flush()
        server.serve_forever()
    return 0
