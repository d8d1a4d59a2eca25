"""Which processes make up Summitry on one machine, and how each is started."""

import os
import secrets
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from streams import broker, embedded
from streams.core.errors import BrokerUnavailable
from streams.core.facets import FACETS
from streams.settings import Settings
from streams.supervisor import Child, Supervisor

BROKER_SECONDS = 20.0


def start_broker(supervisor: Supervisor, settings: Settings) -> None:
    """Start the embedded broker at the settings' bootstrap address and wait until it answers."""
    host, _, port = settings.bootstrap.rpartition(":")
    command = embedded.command(host, int(port))
    # What it holds dies with it, so a restart would only look like one.
    supervisor.start(Child(name="embedded broker", command=command, restart=False, quiet=True))
    deadline = time.monotonic() + BROKER_SECONDS
    while not broker.answers(settings):
        supervisor.look()
        if time.monotonic() > deadline:
            raise BrokerUnavailable(f"the embedded broker didn't come up at {settings.bootstrap}")


def start_pipeline(supervisor: Supervisor, settings: Settings) -> None:
    """Start the sink and a worker for each stage; the streams must be there."""
    settings = settings.model_copy(update={"instance": settings.instance or instance_name()})
    for name in ("sink", *FACETS):
        supervisor.start(pipeline_child(name, settings))


def pipeline_child(name: str, settings: Settings) -> Child:
    """The sink, or the worker of the stage of this name."""
    arguments = ["sink"] if name == "sink" else ["worker", name]
    return Child(
        name=name,
        command=[sys.executable, "-m", "streams", *arguments],
        environment=settings.environment(),
    )


def instance_name() -> str:
    """A name that no other process has, nor any sink's lease."""
    return f"{socket.gethostname()[:128]}/{os.getpid()}/{secrets.token_hex(4)}"


@contextmanager
def supervised() -> Iterator[Supervisor]:
    """A supervisor whose children are ended when the block is left, however it is left."""
    supervisor = Supervisor()
    try:
        yield supervisor
    finally:
        supervisor.stop()
