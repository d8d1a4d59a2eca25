"""Asking a process of this machine what it serves."""

import http.client

from streams.core.errors import NothingAnswers
from streams.settings import Settings
from streams.telemetry.server import port_of

LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  asked where it listens everywhere


def host_of(settings: Settings) -> str:
    """Where the processes of this machine are asked."""
    return LOOPBACK.get(settings.http_host, settings.http_host)


def fetch(process: str, settings: Settings, path: str, *, patience_seconds: float) -> bytes:
    """What is answered at the port of a process, whatever its status; raises NothingAnswers."""
    port = port_of(process, settings)
    if not port:
        raise NothingAnswers("SUMMITRY_HTTP_PORT is 0: no process serves its health")
    host = host_of(settings)
    connection = http.client.HTTPConnection(host, port, timeout=patience_seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        raise NothingAnswers(
            f"nothing that speaks of health answers at {host} port {port} ({error}): does the {process} run,"
            " with the same SUMMITRY_HTTP_HOST and SUMMITRY_HTTP_PORT?"
        ) from error
    finally:
        connection.close()
