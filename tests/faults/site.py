"""Brokers to run against, each behind a proxy: the embedded one, or Apache Kafka of one node or three."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from brokers.apache_kafka import Cluster

from faults.proxy import Network, network
from faults.schedule import Broker
from streams import broker, embedded
from streams.settings import Settings

KAFKA_SESSION_SECONDS = 6.0
"""The shortest that Apache Kafka allows by default."""
START_SECONDS = 30


class Nodes(Protocol):
    """What can be done to brokers, by number from 1."""

    def process(self, number: int) -> "subprocess.Popen[bytes]":
        """The process of a broker."""

    def launch(self) -> None:
        """Start those that don't run, without waiting for them."""

    def listen(self) -> bool:
        """Whether all can be connected to."""


@dataclass(frozen=True, slots=True)
class Site:
    """Brokers that answer, how they are reached, and what lies between."""

    settings: Settings
    network: Network
    nodes: Nodes
    makes_streams: bool = False
    """Whether the broker makes a stream that isn't there as soon as anybody asks for it."""


@contextmanager
def site(kind: Broker, folder: Path) -> Iterator[Site]:
    """Brokers of this kind that are up until the block is left."""
    with _embedded(folder) if kind == "embedded" else _kafka(folder, 3 if kind == "kafka3" else 1) as found:
        yield found


@contextmanager
def _kafka(folder: Path, count: int) -> Iterator[Site]:
    cluster = Cluster(folder / "kafka", nodes=count)
    with network([node.port for node in cluster.nodes]) as between:
        cluster.stand_behind([proxy.port for proxy in between.proxies])
        try:
            cluster.start()
            bootstrap = ",".join(f"127.0.0.1:{proxy.port}" for proxy in between.proxies)
            settings = Settings(bootstrap=bootstrap, session_seconds=KAFKA_SESSION_SECONDS)
            yield Site(settings, between, cluster)
        finally:
            cluster.stop()


class _Embedded:
    def __init__(self, started: "subprocess.Popen[bytes]") -> None:
        self._started = started

    def process(self, number: int) -> "subprocess.Popen[bytes]":
        assert number == 1
        return self._started

    def launch(self) -> None:
        """It holds all in memory: started again it would be another broker."""

    def listen(self) -> bool:
        """It is never killed."""
        return True


@contextmanager
def _embedded(folder: Path) -> Iterator[Site]:
    port = embedded.free_port()
    with network([port]) as between, (folder / "broker.log").open("wb") as log:
        command = embedded.command("127.0.0.1", port)
        command[command.index("--advertised-listener-url") + 1] = f"tcp://127.0.0.1:{between.proxies[0].port}"
        settings = Settings(
            bootstrap=f"127.0.0.1:{between.proxies[0].port}", session_seconds=embedded.SESSION_SECONDS
        )
        started = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not broker.answers(settings):
                if started.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the embedded broker didn't come up: see {log.name}")
            yield Site(settings, between, _Embedded(started), makes_streams=True)
        finally:
            started.send_signal(signal.SIGCONT)
            started.kill()
            started.wait()
