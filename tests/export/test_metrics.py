"""Metrics as Prometheus reads them: its own checker, and a real server that scrapes."""

from __future__ import annotations

import errno
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests import factories
from tests.cli.running import ROOT
from tests.hostile import PAYLOADS
from tests.record import tapes
from vmtui.errors import NotPermitted, VmtuiError
from vmtui.export.listening import MetricsServer
from vmtui.export.live import Live
from vmtui.export.openmetrics import CLASSIC_TYPE, CONTENT_TYPE, as_metrics
from vmtui.export.ticks import Tick, alone
from vmtui.kernel.files import PAGE_SIZE

PATIENCE_SECONDS = 60.0
T = TypeVar("T")


def until(look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it finds something."""
    end, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while (found := look()) is None:
        assert time.monotonic() < end, "it did not come"
        pause.wait(0.05)
    return found


def tick_of(comm: bytes = b"worker") -> Tick:
    reading = factories.reading(100, 300, comm=comm, status=factories.status(100), minflt=7)
    return alone(factories.sample(1, [reading]), boot_time=50.0)


def checked(text: str) -> str:
    """What promtool has to complain of."""
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool(1) is not installed")
    done = subprocess.run(
        [tool, "check", "metrics"], input=text.encode(), capture_output=True, check=False
    )
    return (done.stdout + done.stderr).decode() or ("" if done.returncode == 0 else "failed")


@pytest.mark.parametrize("raw", PAYLOADS, ids=range(len(PAYLOADS)))
def test_names_never_break_a_line(raw: bytes) -> None:
    text = as_metrics(tick_of(raw[:15]), raw)
    for line in text.splitlines():
        assert line.startswith(
            ("# HELP vmtui_", "# TYPE vmtui_", "# UNIT vmtui_", "# EOF", "vmtui_")
        )
    assert text.isprintable() or set(text) - {"\n"} == {c for c in text if c.isprintable()}


def test_promtool_finds_nothing() -> None:
    assert checked(as_metrics(tick_of(), b"host", classic=True)) == ""


def test_promtool_finds_nothing_in_hostile_names() -> None:
    for raw in PAYLOADS[::7]:
        assert checked(as_metrics(tick_of(raw[:15]), raw, classic=True)) == "", raw


def test_promtool_finds_nothing_in_the_live_kernel() -> None:
    live = Live()
    try:
        text = as_metrics(live.tick(), live.host, classic=True)
        again = live.tick()
    finally:
        live.close()
    assert again is live.tick(), "who asks at once gets the same sample"
    assert f'vmtui_process_rss_bytes{{pid="{os.getpid()}"' in text
    assert checked(text) == ""


def test_what_is_missing_has_no_line() -> None:
    text = as_metrics(tick_of(), b"host")
    assert "vmtui_process_rss_bytes{" in text
    assert "vmtui_process_pss_bytes" not in text  # was not read
    assert "pressure" not in text  # this kernel has none


# The server


@contextmanager
def served(produce: Callable[[bool], str]) -> Iterator[MetricsServer]:
    with MetricsServer(0, produce) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def asked(
    server: MetricsServer, path: str = "/metrics", **headers: str
) -> tuple[int, str | None, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    made = answer.status, answer.getheader("Content-Type"), answer.read().decode()
    connection.close()
    return made


def test_it_speaks_the_format_that_was_asked_for() -> None:
    with served(lambda classic: "old" if classic else "new") as server:
        assert asked(server) == (200, CLASSIC_TYPE, "old")
        wants = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
        assert asked(server, Accept=wants) == (200, CONTENT_TYPE, "new")
        assert asked(server, "/etc/passwd")[0] == 404


def test_only_this_machine_is_answered() -> None:
    with served(lambda classic: "figures") as server:
        assert server.server_address[0] == "127.0.0.1"
        port = server.server_address[1]
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", "localhost", "127.0.0.1"):
            assert asked(server, Host=host)[0] == 200, host
        for host in (f"evil.example:{port}", "evil.example", f"127.0.0.1.evil.example:{port}"):
            status, _, said = asked(server, Host=host)
            assert status == 403 and "figures" not in said


def test_one_that_dawdles_keeps_nobody_waiting() -> None:
    with served(lambda classic: "figures") as server, socket.socket() as dawdler:
        dawdler.connect(("127.0.0.1", server.server_address[1]))
        dawdler.send(b"GET /met")
        assert asked(server)[0] == 200


def test_what_cannot_be_read_is_told_and_the_next_one_is_answered() -> None:
    said: list[VmtuiError] = [VmtuiError("the recording is damaged")]

    def produce(classic: bool) -> str:
        if said:
            raise said.pop()
        return "figures"

    with served(produce) as server:
        status, _, words = asked(server)
        assert status == 503 and "damaged" in words
        assert asked(server)[0] == 200


def test_a_port_that_cannot_be_had() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(VmtuiError, match=f"port {port} of 127.0.0.1: is taken"):
            MetricsServer(port, lambda classic: "")


def test_a_port_of_the_system_needs_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(server: MetricsServer) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(MetricsServer, "server_bind", refused)
    with pytest.raises(NotPermitted, match="port 81 may not be listened on"):
        MetricsServer(81, lambda classic: "")


# A real Prometheus


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def prometheus(directory: Path, target: str) -> Iterator[int]:
    """A server that scrapes once a second, on a port of its own."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("prometheus(1) is not installed")
    config = directory / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
        f"scrape_configs: [{{job_name: vmtui, static_configs: [{{targets: ['{target}']}}]}}]\n"
    )
    port = free_port()
    server = subprocess.Popen(
        [
            program, f"--config.file={config}", f"--storage.tsdb.path={directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        ],
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield port
    finally:
        server.terminate()
        server.wait()


def queried(port: int, query: str) -> list[dict[str, Any]] | None:
    """What it has of a query; None as long as it has nothing."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        with closing(connection):
            connection.request("GET", "/api/v1/query?" + urllib.parse.urlencode({"query": query}))
            answer = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    found: list[dict[str, Any]] = answer.get("data", {}).get("result", [])
    return found or None


@contextmanager
def listening(*words: object) -> Iterator[str]:
    """`vmtui export … --listen 0` as a program; gives host and port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vmtui", "export", *map(str, words), "--format", "openmetrics",
         "--listen", "0"],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        url = process.stderr.readline().split()[0]
        yield urllib.parse.urlsplit(url).netloc
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_a_real_prometheus_scrapes_a_recording(tmp_path: Path) -> None:
    comm = b'a"b\\c\n{d}=,'
    tape = tapes.write(tmp_path / "a.vmtui", tapes.moments(3, comm=comm))
    last = tapes.moments(3)[-1].sample.processes[1].resident_pages * PAGE_SIZE
    with listening(tape) as target, prometheus(tmp_path, target) as port:
        (found,) = until(lambda: queried(port, 'vmtui_process_rss_bytes{pid="100"}'))
        assert float(found["value"][1]) == last
        assert found["metric"]["comm"] == 'a"b\\\\c\\x0a{d}=,'
        (up,) = queried(port, 'up{job="vmtui"}') or [{}]
        assert up["value"][1] == "1"
        (faults,) = queried(port, 'vmtui_process_minflt_total{pid="100"}') or [{}]
        assert float(faults["value"][1]) == 100


def test_a_real_prometheus_scrapes_the_live_kernel(tmp_path: Path) -> None:
    with listening() as target, prometheus(tmp_path, target) as port:
        own = f'vmtui_process_rss_bytes{{pid="{os.getpid()}"}}'
        (found,) = until(lambda: queried(port, own))
        assert float(found["value"][1]) > 0
        (total,) = queried(port, "vmtui_machine_mem_total_bytes") or [{}]
        assert float(total["value"][1]) == os.sysconf("SC_PHYS_PAGES") * PAGE_SIZE
