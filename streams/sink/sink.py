"""Reads every facet stream, applies what it reads to the store, and sends what follows from it.

It assigns itself all partitions, without a consumer group: the offsets that count are in the store,
written in the same transaction as the state. Those committed to the broker are for lag displays.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Protocol

from kafka import TopicPartition
from kafka.errors import KafkaError, OffsetOutOfRangeError
from kafka.structs import OffsetAndMetadata

from streams import broker
from streams.core.errors import BrokerUnavailable, InvalidMessage, StreamsMismatch
from streams.core.facets import FACETS, Stage
from streams.core.headers import mended_record, source_coordinates
from streams.core.horizon import Partition, horizon
from streams.core.rules import RuleBook
from streams.core.tracecontext import Context, context_of
from streams.settings import Settings
from streams.sink.audit import Audit
from streams.sink.batch import Batch
from streams.sink.clients import (
    CONFIRM_SECONDS,
    POLL_MS,
    Clients,
    open_committer,
    open_producer,
    open_reader,
)
from streams.sink.report import Report
from streams.sink.takeover import take_over
from streams.store.progress import Answered, Position
from streams.store.received import Received
from streams.store.store import Store
from streams.telemetry.logs import about
from streams.topology import ALERTS, ARTICLES, FACET_STREAMS, STREAMS

LOOK_SECONDS = 1.0
"""How often the ends of the article stream and the windows that are due are looked at."""
log = logging.getLogger(__name__)


class StopSignal(Protocol):
    """What asks the sink to end after the batch in hand."""

    def is_set(self) -> bool:
        """Whether to end."""

    def wait(self, timeout: float) -> bool:
        """Wait until asked to end, at most this many seconds; whether to end."""


class Sink:
    """One sink: `run` until asked to stop. An error ends it; a new one goes on from the store.

    A broker that is away for a while is no error: what waits to be told waits, and the lease is kept.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        clock: Callable[[], datetime],
        report: Report,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._report = report
        self._batch = Batch()
        broker.require_streams(settings)
        ids = broker.topic_ids(settings, STREAMS)
        count = broker.partition_count(settings, ARTICLES)
        self._articles_id = ids[ARTICLES.name]
        self._articles = [TopicPartition(settings.stream_name(ARTICLES), number) for number in range(count)]
        self._stages: dict[TopicPartition, tuple[Stage, Position]] = {
            TopicPartition(settings.stream_name(stream), number): (stage, (ids[stream.name], number))
            for stage, stream in FACET_STREAMS.items()
            for number in range(count)
        }
        self._alerts_id = ids[ALERTS.name]
        self._audit = Audit(settings, store, self._articles_id)
        self._until: dict[TopicPartition, int] | None = {}
        """Nothing is told before these offsets are reached; None afterwards."""
        self._ends: dict[TopicPartition, int] = {}
        self._looked_at = float("-inf")
        self._outgrown = False
        """Whether the streams have more partitions by now than are read here."""

    def run(self, rules: RuleBook, stop: StopSignal) -> None:
        """Turn until `stop` is set."""
        for _ in self.turns(rules, stop):
            pass

    def turns(self, rules: RuleBook, stop: StopSignal) -> Iterator[None]:
        """Apply the rules, take over what was told, then read and tell, a little each turn.

        It ends when `stop` is set, and when the streams were given more partitions: another sink then
        reads them all.

        What lies on the streams at the start is read before anything is told of it: a store that is
        new or was restored would else tell of alerts as if they were young.
        """
        alerts = [(self._alerts_id, partition.partition) for partition in self._articles]
        offsets = self._store.follow([*(position for _, position in self._stages.values()), *alerts])
        self._store.apply_rules(rules)
        take_over(self._settings, self._store, self._alerts_id, len(alerts), now=self._clock())
        try:
            with (
                closing(open_reader(self._settings)) as reader,
                closing(open_committer(self._settings)) as committer,
            ):
                reader.assign(list(self._stages))
                for partition, (_, position) in self._stages.items():
                    reader.seek(partition, offsets[position])
                self._until = dict(broker.true_ends(self._settings, self._stages))
                log.info("reads %d partitions under %d rules", len(self._stages), len(list(rules)))
                while self._goes_on(stop):
                    try:
                        with closing(open_producer(self._settings)) as producer:
                            clients = Clients(reader, committer, producer)
                            while self._goes_on(stop):
                                self._step(clients)
                                yield
                    except (KafkaError, BrokerUnavailable) as error:
                        if isinstance(error, KafkaError) and not error.retriable:
                            raise
                        self._wait_for_broker(error, stop)
        except OffsetOutOfRangeError as error:
            raise StreamsMismatch(
                f"the broker no longer holds what the store has to read next ({error}): nothing was skipped;"
                " publish the missing articles again into new streams (another SUMMITRY_PREFIX)"
            ) from error
        except KafkaError as error:
            raise BrokerUnavailable(f"the broker at {self._settings.bootstrap} failed: {error}") from error
        finally:
            self._audit.close()

    def _goes_on(self, stop: StopSignal) -> bool:
        return not stop.is_set() and not self._outgrown

    def _step(self, clients: Clients) -> None:
        self._report.turned()
        for partition, records in clients.reader.poll(timeout_ms=POLL_MS).items():
            for record in records:
                self._batch.add(self._read(partition, record), self._monotonic())
        if self._monotonic() - self._looked_at >= LOOK_SECONDS:
            self._look(clients)
            if self._may_tell():
                self._store.close_due(horizon=self._horizon(), now=self._clock())
                gave_up = self._audit.look(
                    clients.producer, self._article_ends, self._facets_read, self._monotonic()
                )
                self._report.gave_up(gave_up)
            self._send(clients.producer)
        now = self._monotonic()
        if self._batch.is_due(now) and (received := self._batch.take(now)):
            with self._report.applying(received):
                written = self._store.apply(
                    received,
                    horizon=self._horizon(),
                    now=self._clock(),
                    tell=self._may_tell(),
                    trace_of=self._trace,
                )
            log.debug("applied %d facets", len(received))
            if written:
                log.info("%d alerts revised by %d facets", written, len(received))
                self._send(clients.producer)

    def _may_tell(self) -> bool:
        """Whether all is read that lay on the streams at the start; then what waited is told, once."""
        if self._until is not None and all(
            self._store.offsets[self._stages[partition][1]] >= end for partition, end in self._until.items()
        ):
            self._until = None
            written = self._store.tell(horizon=self._horizon(), now=self._clock())
            log.info("has read what was there; %d alerts revised", written)
        return self._until is None

    def _wait_for_broker(self, error: KafkaError | BrokerUnavailable, stop: StopSignal) -> None:
        log.warning("the broker at %s doesn't answer: trying again (%s)", self._settings.bootstrap, error)
        self._report.turned()
        self._report.vitals.broker_problem = f"doesn't answer: {error}"
        self._store.renew()
        stop.wait(LOOK_SECONDS)

    def _read(self, partition: TopicPartition, record: Any) -> Received:
        stage, position = self._stages[partition]
        try:
            source = source_coordinates(record.headers)
            facet = FACETS[stage].from_json(record.value)
        except InvalidMessage as error:
            # Whoever wrote this isn't a stage of ours; the source offset stays unanswered.
            log.error(  # noqa: TRY400  the place and the reason say all
                "passed over a message that is no facet: %s partition %d offset %d: %s",
                partition.topic,
                partition.partition,
                record.offset,
                error,
                extra=about(None, record.key),
            )
            return Received(position=position, offset=record.offset, stage=stage)
        return Received(
            position=position,
            offset=record.offset,
            stage=stage,
            source=source,
            mended=mended_record(record.headers, source),
            facet=facet,
            context=context_of(record.headers),
        )

    def _trace(self, contexts: Sequence[Context]) -> Context:
        span = self._report.tracing.begin("create", self._settings.stream_name(ALERTS), contexts)
        span.end()
        return span.context

    def _send(self, producer: Any) -> None:
        """Send what waits in the outbox, in the order of writing, and mark what is confirmed."""
        while waiting := self._store.unsent():
            self._report.waits(waiting[0].seq, len(waiting))
            futures = [
                producer.send(
                    self._settings.prefix + message.stream,
                    key=message.key,
                    value=message.value,
                    headers=message.headers,
                )
                for message in waiting
            ]
            producer.flush(timeout=CONFIRM_SECONDS)
            for future in futures:
                future.get(timeout=CONFIRM_SECONDS)
            self._store.mark_sent([message.seq for message in waiting], self._clock())
            self._report.sent(waiting)
        self._report.waits(None, 0)

    def _look(self, clients: Clients) -> None:
        self._ends = dict(broker.log_ends(clients.reader, self._articles))
        self._looked_at = self._monotonic()
        names = {partition.topic for partition in self._stages}
        counts = {len(clients.reader.partitions_for_topic(name) or ()) for name in names}
        if min(counts) > len(self._articles):
            log.info("the streams have %d partitions by now: begins anew", min(counts))
            self._outgrown = True
        self._report.looked(
            {
                (stage, number): answered.frontier
                for (stage, topic_id, number), answered in self._store.answered.items()
                if topic_id == self._articles_id
            },
            self._article_ends,
        )
        offsets = {
            partition: OffsetAndMetadata(self._store.offsets[position], "", -1)
            for partition, (_, position) in self._stages.items()
        }
        clients.committer.commit_async(offsets)

    @property
    def _facets_read(self) -> dict[tuple[Stage, int], int]:
        """Up to which offset each facet partition has been applied."""
        return {
            (stage, partition.partition): self._store.offsets[position]
            for partition, (stage, position) in self._stages.items()
        }

    @property
    def _article_ends(self) -> dict[int, int]:
        return {partition.partition: end for partition, end in self._ends.items()}

    def _horizon(self) -> datetime:
        def partition(end: TopicPartition) -> Partition:
            answered = self._store.answered.get(("entities", self._articles_id, end.partition), Answered())
            return Partition(answered.frontier.next < self._ends[end], answered.event_max)

        return horizon(self._clock(), [partition(end) for end in self._articles])
