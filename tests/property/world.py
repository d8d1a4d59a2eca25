"""All of Summitry in one process: the real sink and store and the stages' outcomes, over streams in memory.

Only the workers' loop is written anew here, since Faust needs a broker: what they read and write isn't.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import memory_store
from corpora import DAY, REGISTRY, answer
from kafka import TopicPartition
from memory_broker import MemoryBroker, Record
from sqlalchemy import Connection, Engine

from streams.broker import topic_ids
from streams.core.facets import FACETS, Facet, Stage
from streams.core.headers import Coordinates, facet_headers, mends_headers
from streams.core.instants import from_milliseconds, milliseconds
from streams.core.rules import Rule, RuleBook
from streams.settings import Settings
from streams.sink.report import Report
from streams.sink.sink import Sink
from streams.store.store import Store
from streams.topology import ALERTS, ARTICLES, FACET_STREAMS

PARTITIONS = 2
Turns = Iterator[None]
"""A running sink: each item is a turn of it."""
BEFORE_COMMIT = "before a commit"
POINTS = ("after a commit", "between commit and send", "while sending", "between send and mark")
"""Where a sink may be frozen: it holds nothing in the database then."""


class Crash(Exception):
    """The process is gone."""


class MarkedStore(Store):
    """A store whose sink may come to its end, or be frozen, at marked points."""

    reached: Callable[[str], None]

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with super()._writing() as connection:
            yield connection
            self.reached(BEFORE_COMMIT)
        self.reached("after a commit")

    def unsent(self) -> Any:
        """Marked once there is something to send."""
        if waiting := super().unsent():
            self.reached("between commit and send")
        return waiting

    def mark_sent(self, sequence: Any, now: datetime) -> None:
        """Marked before anything is."""
        self.reached("between send and mark")
        super().mark_sent(sequence, now)


@dataclass
class Database:
    """A store's tables, and what its sinks were told."""

    engine: Engine
    rules: set[Rule] = field(default_factory=set)
    """Every version that it was given."""
    pruned: datetime | None = None
    taken_over: bool = False
    """Whether a sink of it has read what was told."""

    @classmethod
    def new(cls) -> "Database":
        """One that no sink has seen."""
        return cls(memory_store.new())

    def copy(self) -> "Database":
        """A backup, restored."""
        return replace(self, engine=memory_store.copied(self.engine), rules=set(self.rules), taken_over=False)

    def dump(self) -> str:
        """All that it holds."""
        with self.engine.connect() as connection:
            return "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]


class World:
    """Streams, workers, clocks, and the database of the sink."""

    def __init__(self) -> None:
        self.now = DAY + timedelta(days=2)
        self.seconds = 0.0
        self.kafka = MemoryBroker(Settings(prefix=""), PARTITIONS, lambda: milliseconds(self.now))
        self.kafka.before_send = self._before_send
        self.database = Database.new()
        self.registries = dict.fromkeys(FACETS, REGISTRY)
        self.next = dict.fromkeys(product(FACETS, range(PARTITIONS)), 0)
        self.reached: Callable[[str], None] = lambda _: None
        self.holder = 0
        with self.kafka.served():
            self.articles_id = topic_ids(self.kafka.settings)[ARTICLES.name]

    def publish(self, key: bytes | None, value: bytes | None, partition: int | None = None) -> None:
        """Send a record to news.articles."""
        topic = self.kafka.settings.stream_name(ARTICLES)
        self.kafka.append(topic, key=key, value=value, partition=partition)

    def work(self, stage: Stage, partition: int, count: int) -> None:
        """A worker answers the next records, and acknowledges them."""
        at = self.next[stage, partition]
        for record in self.kafka.log(ARTICLES, partition)[at : at + count]:
            sent_at = from_milliseconds(record.timestamp)
            facet = answer(stage, record.value, self.registries[stage], sent_at)
            source = Coordinates(self.articles_id, partition, record.offset)
            self.kafka.append(
                self.kafka.settings.stream_name(FACET_STREAMS[stage]),
                key=facet.id.encode() if facet.id else record.key,
                value=facet.to_json(),
                headers=[
                    *facet_headers(stage, facet, source, sent_at),
                    *mends_headers(record.headers, source),
                ],
                partition=partition,
            )
            at += 1
        self.move(stage, partition, at)

    def move(self, stage: Stage, partition: int, offset: int) -> None:
        """A worker goes on at this offset, whatever it has answered."""
        end = len(self.kafka.log(ARTICLES, partition))
        self.next[stage, partition] = at = max(0, min(offset, end))
        settings = self.kafka.settings
        group = self.kafka.acknowledged[settings.group_name(stage)]
        place = TopicPartition(settings.stream_name(ARTICLES), partition)
        group[place] = max(at, group.get(place, 0))

    def start(self, rules: RuleBook) -> Turns:
        """Start a sink, which takes the lease from whoever has it."""
        self.holder += 1
        store = MarkedStore(self.database.engine, f"sink-{self.holder}")
        store.reached = self._reached
        store.take()
        sink = Sink(
            self.kafka.settings,
            store,
            clock=lambda: self.now,
            report=Report(),
            monotonic=lambda: self.seconds,
        )
        self.database.rules |= set(rules)
        return sink.turns(rules, threading.Event())

    def _reached(self, point: str) -> None:
        self.reached(point)

    def _before_send(self, topic: str) -> None:
        if topic == self.kafka.settings.stream_name(ALERTS):
            self.reached("while sending")

    @property
    def facets(self) -> list[tuple[Stage, Facet]]:
        """Everything that the stages have said."""
        return [
            (stage, FACETS[stage].from_json(record.value))
            for stage, stream in FACET_STREAMS.items()
            for record in self.kafka.records(stream)
            if record.headers
        ]

    @property
    def alerts(self) -> list[Record]:
        """What was told."""
        return self.kafka.records(ALERTS)
