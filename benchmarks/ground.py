"""Streams, a store and an embedded broker of one's own, all gone when the block is left."""

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Engine

from streams import broker, embedded
from streams.processes import start_broker, supervised
from streams.settings import Settings
from streams.store.database import open_database
from streams.supervisor import Child, Supervisor

DEADLINE_SECONDS = 240.0
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A broker with empty streams, an empty store, and whom to start processes by."""

    supervisor: Supervisor
    settings: Settings
    engine: Engine


def settings(**changes: object) -> Settings:
    """Settings that don't depend on the environment, but for nothing that matters here."""
    return Settings.model_validate(
        {"log_level": "WARNING", "rules": None, "registry": None, "partitions": 3, "http_port": 0} | changes
    )


@contextmanager
def ground() -> Iterator[Ground]:
    """An embedded broker on a free port with the streams applied; no worker and no sink."""
    with tempfile.TemporaryDirectory(prefix="summitry-bench-") as folder, supervised() as supervisor:
        own = settings(
            bootstrap=f"127.0.0.1:{embedded.free_port()}",
            session_seconds=embedded.SESSION_SECONDS,
            prefix=f"bench-{secrets.token_hex(4)}.",
            store=SecretStr(f"sqlite:///{Path(folder) / 'summitry.db'}"),
        )
        start_broker(supervisor, own)
        broker.apply_streams(own)
        engine = open_database(own.store.get_secret_value())
        try:
            yield Ground(supervisor=supervisor, settings=own, engine=engine)
        finally:
            engine.dispose()


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


def until(done: Callable[[], bool], supervisor: Supervisor, what: str) -> None:
    """Look until `done`; raises TimeoutError after four minutes, GaveUp if a child keeps dying."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not done():
        supervisor.look()
        if any(child.deaths for child in supervisor.children):
            raise RuntimeError("a process died in the middle of a measurement")
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {DEADLINE_SECONDS:.0f} s: {what}")
        time.sleep(LOOK_SECONDS)


def peak_megabytes(child: Child) -> float:
    """The most memory that a running child has held, resident."""
    return _megabytes(child, "VmHWM:")


def resident_megabytes(child: Child) -> float:
    """The memory that a running child holds, resident."""
    return _megabytes(child, "VmRSS:")


def _megabytes(child: Child, name: str) -> float:
    assert child.process is not None
    for line in Path(f"/proc/{child.process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"no {name} this needs Linux")


@dataclass(slots=True)
class CpuWatch:
    """The CPU time of a child at moments, so that it can be told between any two."""

    child: Child
    samples: list[tuple[float, float]] = field(default_factory=list)

    def look(self) -> None:
        """Take a sample."""
        assert self.child.process is not None
        stat = Path(f"/proc/{self.child.process.pid}/stat").read_text(encoding="ascii")
        user, system = stat.rpartition(")")[2].split()[11:13]
        self.samples.append((time.time(), (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")))

    def between(self, first: float, last: float) -> float:
        """CPU seconds from one time of day to another."""
        return self._at(last) - self._at(first)

    def _at(self, moment: float) -> float:
        for (t0, c0), (t1, c1) in pairwise(self.samples):
            if t0 <= moment <= t1:
                return c0 + (c1 - c0) * (moment - t0) / max(t1 - t0, 1e-9)
        return self.samples[0][1] if moment < self.samples[0][0] else self.samples[-1][1]
