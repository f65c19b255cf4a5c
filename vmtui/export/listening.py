"""Metrics over HTTP, on 127.0.0.1 alone: what a Prometheus on this machine scrapes.

It answers GET /metrics only, each client in a thread, so that one that dawdles keeps nobody
waiting. A `Host` that is not this machine is refused, so that no page in a browser can read it
through a name of its own (DNS rebinding).
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

from vmtui.errors import NotPermitted, VmtuiError
from vmtui.export.openmetrics import CLASSIC_TYPE, CONTENT_TYPE

ADDRESS = "127.0.0.1"
_HOSTS = {"127.0.0.1", "localhost"}
_PATIENCE_SECONDS = 5.0
"""How long a client may take to say a line of what it wants."""

Produce = Callable[[bool], str]
"""The metrics now; True for the older text format."""


class MetricsServer(ThreadingHTTPServer):
    """Listens from the beginning; `serve_forever` answers."""

    block_on_close = False

    def __init__(self, port: int, produce: Produce) -> None:
        """Take the port.

        Args:
            port: 0 lets the kernel choose one.
            produce: makes the metrics; for one client at a time, in that client's thread.

        Raises:
            NotPermitted, VmtuiError: the port cannot be had.
        """
        self._produce, self._lock = produce, threading.Lock()
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            if error.errno == errno.EACCES:
                raise NotPermitted(
                    f"port {port} may not be listened on", "take one above 1023"
                ) from error
            why = "is taken" if error.errno == errno.EADDRINUSE else error.strerror
            raise VmtuiError(f"port {port} of {ADDRESS}: {why}") from error

    def produced(self, *, classic: bool) -> str:
        """The metrics now."""
        with self._lock:
            return self._produce(classic)

    @property
    def url(self) -> str:
        """Where to scrape."""
        return f"http://{ADDRESS}:{self.server_address[1]}/metrics"

    def server_bind(self) -> None:
        """As its parent does, without asking a name server who this is."""
        super(HTTPServer, self).server_bind()
        self.server_name, self.server_port = ADDRESS, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: MetricsServer
    timeout = _PATIENCE_SECONDS
    server_version, sys_version = "vmtui", ""

    def do_GET(self) -> None:
        """The metrics."""
        if self.headers.get("Host", ADDRESS).partition(":")[0] not in _HOSTS:
            self.send_error(403, "only this machine is answered")
            return
        if self.path.partition("?")[0] not in ("/metrics", "/"):
            self.send_error(404, "only /metrics is here")
            return
        classic = "application/openmetrics-text" not in self.headers.get("Accept", "")
        try:
            body = self.server.produced(classic=classic).encode("utf-8", "surrogateescape")
        except VmtuiError as error:
            self.send_error(503, explain=str(error))
            return
        self.send_response(200)
        self.send_header("Content-Type", CLASSIC_TYPE if classic else CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the library's name)
        """Nothing: requests are no news."""
