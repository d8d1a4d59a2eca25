"""/metrics and /health of one process, from a small HTTP server in a thread of its own."""

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import orjson
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from streams.core.facets import FACETS
from streams.settings import Settings
from streams.telemetry.health import Check

PROCESSES = ("sink", *FACETS)
"""Whoever serves, in the order of their ports."""
PATIENCE_SECONDS = 10.0

Checks = Callable[[], list[Check]]

log = logging.getLogger(__name__)


def port_of(process: str, settings: Settings) -> int:
    """Where a process serves; 0: nowhere."""
    return settings.http_port and settings.http_port + PROCESSES.index(process)


def serve(
    process: str, settings: Settings, registry: CollectorRegistry, *, live: Checks, ready: Checks
) -> None:
    """Serve until the process ends; if the port can't be had, say so and go on without."""
    port = port_of(process, settings)
    if not port:
        return
    application = _application(process, make_wsgi_app(registry), {"live": live, "ready": ready})
    kind = _ServerOnIPv6 if ":" in settings.http_host else ThreadingWSGIServer
    try:
        server = make_server(settings.http_host, port, application, kind, _Handler)
    except OSError as error:
        log.warning(
            "no metrics and no health: %s port %d can't be had (%s); give another in SUMMITRY_HTTP_PORT,"
            " which is the sink's: the workers take the next three",
            settings.http_host,
            port,
            error.strerror or error,
        )
        return
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    log.info("metrics at http://%s:%d/metrics", settings.http_host, port)


class _ServerOnIPv6(ThreadingWSGIServer):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE_SECONDS  # whoever connects and asks nothing

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """Requests are none of the log's business."""


def _application(process: str, metrics: Any, health: dict[str, Checks]) -> Callable[..., Iterable[bytes]]:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            answered: Iterable[bytes] = metrics(environ, start_response)
            return answered
        kind = path.removeprefix("/health/")
        if path.startswith("/health/") and kind in health:
            checks = health[kind]()
            holds = all(check.holds for check in checks)
            body = {"process": process, kind: holds, "checks": [check.as_json() for check in checks]}
            status = HTTPStatus.OK if holds else HTTPStatus.SERVICE_UNAVAILABLE
        else:
            body = {"error": "there is /metrics, /health/live and /health/ready"}
            status = HTTPStatus.NOT_FOUND
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
        start_response(f"{status.value} {status.phrase}", headers)
        return [orjson.dumps(body) + b"\n"]

    return answer
