"""Publishing: articles go to the broker, and each is counted when the broker has confirmed it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from kafka.errors import KafkaError

from streams import broker
from streams.core.article import Article
from streams.core.errors import BrokerUnavailable
from streams.core.headers import article_headers
from streams.core.instants import milliseconds
from streams.settings import Settings
from streams.telemetry.tracing import PASSED_ON, Span, Tracing
from streams.topology import ARTICLES

IN_FLIGHT = 1_000
CONFIRM_SECONDS = 60


class Published(NamedTuple):
    """An article that the broker has confirmed, and where it lies."""

    article: Article
    partition: int
    offset: int


def publish(
    articles: Iterable[Article],
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    tracing: Tracing = PASSED_ON,
) -> Iterator[Published]:
    """Send articles in order, keyed by id; yields each once all replicas have it.

    `clock` gives each record's time stamp. Raises BrokerUnavailable if the broker goes away: what
    was yielded by then is safe, and publishing the rest again changes nothing that is there.
    """
    broker.require_streams(settings)
    producer = broker.producer(
        settings,
        linger_ms=20,
        max_request_size=2 * 1024 * 1024,
        delivery_timeout_ms=CONFIRM_SECONDS * 1000,
    )
    stream = settings.stream_name(ARTICLES)
    waiting: deque[tuple[Article, Any, Span]] = deque()
    try:
        for article in articles:
            now = clock()
            span = tracing.begin("send", stream, attributes={"messaging.kafka.message.key": article.id})
            future = producer.send(
                stream,
                key=article.id.encode(),
                value=article.to_json(),
                headers=[*article_headers(article, now), *span.context],
                timestamp_ms=milliseconds(now),
            )
            waiting.append((article, future, span))
            while waiting and (len(waiting) >= IN_FLIGHT or waiting[0][1].is_done):
                yield _confirmed(*waiting.popleft())
        producer.flush(timeout=CONFIRM_SECONDS)
        while waiting:
            yield _confirmed(*waiting.popleft())
    except KafkaError as error:
        raise BrokerUnavailable(
            f"the broker at {settings.bootstrap} didn't confirm an article ({error}):"
            " publish the same again when it answers"
        ) from error
    finally:
        producer.close()


def _confirmed(article: Article, future: Any, span: Span) -> Published:
    metadata = future.get(timeout=CONFIRM_SECONDS)
    span.end()
    return Published(article, metadata.partition, metadata.offset)
