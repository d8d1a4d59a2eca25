"""A stage as a Faust app: one outcome for each record, acknowledged in order after delivery.

Faust keeps no state here, and does what it is good at: groups, partitions, back-pressure. Two of
its habits would lose messages, so neither is relied on: it acknowledges a message whose agent
raised, and it doesn't look at failed sends (docs/decisions/0002).
"""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import faust

from streams.broker import tls_context
from streams.core.deadletter import DeadLetter, Original, dead_letter_headers, read_redrive
from streams.core.facets import Facet
from streams.core.headers import Coordinates, facet_headers, mended_record, mends_headers
from streams.core.instants import from_milliseconds
from streams.core.tracecontext import Context, context_of
from streams.enrich.stage import Enrichment, Result, outcome
from streams.settings import Settings
from streams.telemetry.logs import about
from streams.telemetry.tracing import Span
from streams.topology import ARTICLES, DEAD_LETTERS, FACET_STREAMS
from streams.worker.report import Report
from streams.worker.transport import Transport
from streams.worker.watchdog import watch

MAX_DELIVERIES = 1_000
"""Outcomes sent and not yet confirmed; beyond that the agent waits."""

LAYOUT_SECONDS = 10
"""How soon partitions that were added are noticed."""

EXIT_FAILED = 70

log = logging.getLogger(__name__)


def build(
    settings: Settings, stage: Enrichment, *, articles_id: str, folder: str, report: Report
) -> faust.App:
    """The app of one stage; `articles_id` is the topic id of news.articles. Connects nothing yet."""
    app = faust.App(
        settings.group_name(stage.name),
        broker=";".join(f"aiokafka://{host}" for host in settings.bootstrap.split(",")),
        broker_credentials=_credentials(settings),
        store="memory://",
        datadir=folder,
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        consumer_metadata_max_age_ms=LAYOUT_SECONDS * 1000,
        producer_metadata_max_age_ms=LAYOUT_SECONDS * 1000,
        broker_session_timeout=settings.session_seconds,
        broker_heartbeat_interval=settings.session_seconds / 6,
        broker_request_timeout=max(90.0, settings.session_seconds * 2),
        broker_commit_interval=1.0,
        stream_wait_empty=False,
        stream_processing_timeout=300.0,
        producer_acks=-1,
        producer_linger=0.02,
        producer_max_request_size=2 * 1024 * 1024,
    )

    app.transport = Transport(app.conf.broker_consumer, app)

    shell = Shell(
        stage=stage,
        articles_id=articles_id,
        facets=settings.stream_name(FACET_STREAMS[stage.name]),
        dead=settings.stream_name(DEAD_LETTERS),
        start_producer=app.maybe_start_producer,
        report=report,
        reader=ThreadPoolExecutor(max_workers=1, thread_name_prefix=stage.name),
    )
    articles = app.topic(
        settings.stream_name(ARTICLES),
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
    )
    app.agent(articles, name=f"{settings.prefix}{stage.name}")(shell.agent)
    report.follow(app)
    watch(app, report.vitals, settings.stream_name(ARTICLES))
    return app


def _credentials(settings: Settings) -> faust.auth.Credentials | None:
    context = tls_context(settings)
    if settings.uses_sasl:
        return faust.SASLCredentials(
            username=settings.username,
            password=settings.password.get_secret_value() if settings.password else None,
            mechanism=settings.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What stands between the stage's pure function and the broker."""

    stage: Enrichment
    articles_id: str
    facets: str
    dead: str
    start_producer: Callable[[], Awaitable[Any]]
    report: Report
    reader: ThreadPoolExecutor
    """One thread: a stage's model isn't shared, and order is kept. The loop stays free for heartbeats and
    rebalances while it reads. It lives as long as the process: a new one after each rebalance would leave
    the memory that the allocator keeps for the old."""

    async def agent(self, records: Any) -> None:
        """Answer every record; an unexpected error ends the process with nothing more acknowledged."""
        deliveries: asyncio.Queue[tuple[Any, list[Awaitable[Any]]]] = asyncio.Queue(MAX_DELIVERIES)
        self.report.vitals.in_flight = 0
        acknowledger = asyncio.create_task(_or_exit(acknowledge_in_order, records, deliveries, self.report))
        try:
            await _or_exit(self._answer_all, records, deliveries)
        finally:
            acknowledger.cancel()

    async def _answer_all(self, records: Any, deliveries: asyncio.Queue[Any]) -> None:
        loop = asyncio.get_running_loop()
        # The app's producer itself: a channel's send costs as much again for what isn't used here.
        producer = await self.start_producer()
        async for event in records.noack().events():
            sent_at = from_milliseconds(round(event.message.timestamp * 1000))
            self.report.vitals.taken[event.message.partition] = event.message.offset + 1
            span = self._begin(event.message)
            try:
                result, value, seconds = await loop.run_in_executor(
                    self.reader, _answer, self.stage, event.message.value, sent_at
                )
            except (MemoryError, OSError):
                log.critical(
                    "can't read %s partition %d offset %d on this machine as it is",
                    event.message.topic,
                    event.message.partition,
                    event.message.offset,
                    extra=about(None, event.message.key),
                )
                raise
            self.report.read(result.facet, seconds, dead_letter=result.dead_letter is not None)
            self.report.vitals.in_flight += 1
            sent = await self._send(producer, event.message, result, value, span.context)
            span.end()
            await deliveries.put((event, sent))

    def _begin(self, record: Any) -> Span:
        return self.report.tracing.begin(
            "process",
            record.topic,
            [context_of(record.headers)],
            {
                "messaging.destination.partition.id": str(record.partition),
                "messaging.kafka.offset": record.offset,
            },
        )

    async def _send(
        self, producer: Any, record: Any, result: Result, value: bytes, context: Context
    ) -> list[Awaitable[Any]]:
        source = Coordinates(self.articles_id, record.partition, record.offset)
        sent_at = from_milliseconds(round(record.timestamp * 1000))
        facet: Facet = result.facet
        kept = Original(record.key, record.value).kept
        headers = [
            *facet_headers(self.stage.name, facet, source, sent_at),
            *mends_headers(record.headers or (), source),
            *context,
        ]
        key = facet.id.encode() if facet.id else kept.key
        await _know(producer, self.facets, record.partition)
        deliveries = [await producer.send(self.facets, key, value, record.partition, None, headers)]
        if result.dead_letter is not None:
            letter = self._dead_letter(record, source, facet, result.dead_letter)
            log.warning(
                "dead letter: %s: %s", letter.identity, letter.reason, extra=about(facet.id, record.key)
            )
            headers = [*dead_letter_headers(letter, sent_at), *context]
            await _know(producer, self.dead, record.partition)
            deliveries.append(
                await producer.send(self.dead, kept.key, kept.value, record.partition, None, headers)
            )
        return deliveries

    def _dead_letter(self, record: Any, source: Coordinates, facet: Facet, error: str) -> DeadLetter:
        original = Original(record.key, record.value)
        return DeadLetter(
            stage=self.stage.name,
            # One that was published again, to close a hole, is the same letter.
            source=mended_record(record.headers or (), source) or source,
            stream=record.topic,
            reason=facet.reason or "rejected",
            error=error,
            article=facet.id,
            redrive=read_redrive(record.headers or ()),
            fingerprint=original.fingerprint,
            original=original,
        )


async def _know(producer: Any, stream: str, partition: int) -> None:
    """Have the producer look at the stream again if it hasn't heard of this partition.

    Partitions that are added may be read before they are known to who writes.
    """
    client = producer._producer.client  # noqa: SLF001  Faust shows it nowhere else
    known = client.cluster.partitions_for_topic(stream)
    if known is not None and partition not in known:
        await client.force_metadata_update()


def _answer(stage: Enrichment, value: bytes | None, sent_at: Any) -> tuple[Result, bytes, float]:
    begun = time.perf_counter()
    result = outcome(stage, value, sent_at)
    return result, result.facet.to_json(), time.perf_counter() - begun


async def acknowledge_in_order(records: Any, deliveries: asyncio.Queue[Any], report: Report) -> None:
    """Acknowledge each event once the broker has confirmed all that was sent for it."""
    while True:
        event, sent = await deliveries.get()
        await asyncio.gather(*sent)
        await records.ack(event)
        report.vitals.in_flight -= 1
        report.vitals.confirmed += 1


async def _or_exit(work: Callable[..., Awaitable[None]], *arguments: Any) -> None:
    """End the process if `work` fails: Faust would go on with the next message and lose this one."""
    try:
        await work(*arguments)
    except asyncio.CancelledError:
        raise
    except BaseException:
        log.critical("the worker ends, so that nothing is passed over", exc_info=True)
        logging.shutdown()
        os._exit(EXIT_FAILED)
