"""How long a stage stands still when its group is divided anew, on the broker at SUMMITRY_BOOTSTRAP.

Two workers of one stage read a steady stream while one of them is killed, hangs past its session or is
asked to end, or a third comes and goes. A stall is the longest that an article of that time waited for its
facet, by the time stamps of both records, which one machine gives.
"""

import random
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kafka import TopicPartition

from benchmarks.articles import articles
from benchmarks.figures import Figure
from benchmarks.ground import DEADLINE_SECONDS, settings, utc_now
from streams import broker
from streams.core.article import Article
from streams.core.errors import BrokerUnavailable
from streams.core.instants import milliseconds
from streams.processes import pipeline_child, supervised
from streams.publish import publish
from streams.settings import Settings
from streams.supervisor import Child, Supervisor
from streams.topology import FACET_STREAMS

STAGE = "entities"
RATE = 30
ROUNDS = 10
"""Of each kind."""
CEILING_SECONDS = 15
CALM_SECONDS = 3.0
"""Of undisturbed reading before each rebalance."""
STAY_SECONDS = 8.0
"""How long a third worker is there, with its start."""
HANG_SECONDS = 2.0
"""How much longer than its session a worker hangs."""
KINDS = ("killed", "hung", "ended", "joined by a third")


@dataclass(slots=True)
class _Load:
    """What was published and what came back, by article id, in milliseconds of the time of day."""

    sent: dict[str, int] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)

    def longest(self, since: int, until: int) -> float:
        """The longest wait in seconds of an article that was sent between the two."""
        waits = [self.answered[one] - at for one, at in list(self.sent.items()) if since <= at < until]
        return max(waits) / 1000

    def behind(self) -> bool:
        """Whether an article waits that was sent more than a second ago."""
        now = milliseconds(utc_now())
        return any(now - at > 1_000 and one not in self.answered for one, at in list(self.sent.items()))


def measure(*, quick: bool) -> Iterator[Figure]:
    """The median, the 99th percentile and the longest stall, and the longest of each kind."""
    rounds = 1 if quick else ROUNDS
    own = settings(bootstrap=Settings().bootstrap, prefix=f"bench-{secrets.token_hex(4)}.")
    if not broker.answers(own):
        raise BrokerUnavailable(f"no broker answers at {own.bootstrap}: run: make broker")
    broker.apply_streams(own)
    kinds = list(KINDS) * rounds
    random.Random(rounds).shuffle(kinds)
    stalls: list[tuple[str, float]] = []
    with supervised() as supervisor, closing(broker.consumer(own, fetch_max_wait_ms=50)) as facets:
        workers = [supervisor.start(pipeline_child(STAGE, own)) for _ in range(2)]
        load = _Load()
        stream = own.stream_name(FACET_STREAMS[STAGE])
        partitions = [TopicPartition(stream, number) for number in range(own.partitions)]
        facets.assign(partitions)
        facets.seek_to_beginning(*partitions)
        with _published(own, load):
            _read(facets, load, supervisor, CALM_SECONDS)
            for number, kind in enumerate(kinds):
                since = milliseconds(utc_now())
                _disturb(kind, workers[number % 2], own, facets, load, supervisor)
                _read(facets, load, supervisor, CALM_SECONDS)
                stalls.append((kind, load.longest(since, milliseconds(utc_now()) - 1_000)))
    broker.delete_streams(own)
    yield from _figures(stalls)


def _figures(stalls: list[tuple[str, float]]) -> Iterator[Figure]:
    part = f"rebalances of two workers, {RATE} articles/s"
    ordered = sorted(seconds for _, seconds in stalls)
    for share in (50, 99):
        yield Figure(
            part=part,
            what=f"stall, p{share} of {len(ordered)}",
            value=ordered[-(-len(ordered) * share // 100) - 1],
            unit="s",
            ceiling=CEILING_SECONDS if share == 99 else None,
        )
    for kind in KINDS:
        longest = max(seconds for one, seconds in stalls if one == kind)
        yield Figure(part=part, what=f"longest, one {kind}", value=longest, unit="s")


def _disturb(
    kind: str, worker: Child, own: Settings, facets: Any, load: _Load, supervisor: Supervisor
) -> None:
    worker.deaths = 0  # so often in a row, a supervisor would give it up
    match kind:
        case "killed":
            _signal(worker, signal.SIGKILL)
        case "ended":
            _signal(worker, signal.SIGTERM)
        case "hung":
            _signal(worker, signal.SIGSTOP)
            _read(facets, load, supervisor, own.session_seconds + HANG_SECONDS, catch_up=False)
            _signal(worker, signal.SIGCONT)
        case _:
            third = supervisor.start(pipeline_child(STAGE, own))
            _read(facets, load, supervisor, STAY_SECONDS)
            supervisor.stop(lambda child: child is third)


def _signal(worker: Child, number: signal.Signals) -> None:
    if worker.process is not None:
        worker.process.send_signal(number)


@contextmanager
def _published(own: Settings, load: _Load) -> Iterator[None]:
    """Articles at a steady rate for as long as the block lasts."""
    ending = threading.Event()
    kept = list(articles(1_000, size=1_000))
    current = ""

    def endless() -> Iterator[Article]:
        nonlocal current
        began = time.monotonic()
        number = 0
        while not ending.wait(max(0.0, began + number / RATE - time.monotonic())):
            current = f"rebalance-{number:07d}"
            yield kept[number % len(kept)].model_copy(update={"id": current})
            number += 1

    def clock() -> datetime:
        now = utc_now()
        load.sent[current] = milliseconds(now)
        return now

    def work() -> None:
        for _ in publish(endless(), own, clock=clock):
            pass

    thread = threading.Thread(target=work, name="publisher")
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _read(facets: Any, load: _Load, supervisor: Supervisor, seconds: float, *, catch_up: bool = True) -> None:
    """Read facets until nothing waits, and then for so long."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    since = time.monotonic()
    while time.monotonic() - since < seconds:
        supervisor.look()
        for records in facets.poll(timeout_ms=50).values():
            for record in records:
                load.answered.setdefault(record.key.decode(), record.timestamp)
        if catch_up and load.behind():
            since = time.monotonic()
        if time.monotonic() > deadline:
            raise TimeoutError(f"articles wait for {DEADLINE_SECONDS:.0f} s")
