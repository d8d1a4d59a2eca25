"""Looking: the store, the broker and the processes are asked, each without the others."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from streams import broker
from streams.core.article import Article
from streams.core.deadletter import Redrive, read_record
from streams.core.errors import BrokerUnavailable, InvalidMessage, StoreUnavailable, StreamsMismatch
from streams.core.facets import FACETS, Stage
from streams.core.instants import from_milliseconds
from streams.settings import Settings
from streams.status.memory import resident_bytes
from streams.status.report import (
    DeadLetter,
    LastArticle,
    StageLag,
    Status,
    Traffic,
    lasting_holes,
    unanswered,
)
from streams.store.database import open_existing
from streams.store.lease import NOBODY
from streams.store.progress import Answered
from streams.store.reading import Overview, read_overview
from streams.topology import ARTICLES, DEAD_LETTERS, FACET_STREAMS, STREAMS, Stream

APART_SECONDS = 0.5
BEAT_SECONDS = 5.0
"""How long a beat may rest: a sink with nothing to do renews its lease once a second."""


class Streams(NamedTuple):
    """What the broker says of the streams: their topic ids, and what each partition holds."""

    ids: Mapping[str, str]
    extents: Mapping[Stream, Mapping[int, broker.Extent]]


def look(settings: Settings, *, clock: Callable[[], datetime]) -> Status:
    """Look at everything that answers. It takes half a second, or five if the sink shows no life."""
    broker_problem = store_problem = None
    looks: tuple[Overview, Overview] | None = None
    streams: Streams | None = None
    try:
        streams = _read_streams(settings)
    except (BrokerUnavailable, StreamsMismatch) as error:
        broker_problem = str(error)
    try:
        looks = _look_twice(settings)
    except StoreUnavailable as error:
        store_problem = str(error)
    return Status(
        at=clock(),
        broker_problem=broker_problem,
        store_problem=store_problem,
        store=looks[1] if looks else None,
        beat_moves=looks[0].lease != looks[1].lease if looks else None,
        stages=_lags(*looks, streams) if looks and streams else None,
        last_article=_last_article(streams, looks[1] if looks else None),
        traffic=_traffic(streams) if streams else None,
        memory=resident_bytes(settings),
    )


def _read_streams(settings: Settings) -> Streams:
    broker.require_streams(settings)
    ids = broker.topic_ids(settings, STREAMS)
    return Streams(ids, broker.extents(settings, (ARTICLES, *FACET_STREAMS.values(), DEAD_LETTERS)))


def _look_twice(settings: Settings) -> tuple[Overview, Overview]:
    """The store now and half a second later, or as soon as its sink shows that it lives."""
    engine = open_existing(settings.store.get_secret_value())
    try:
        first = read_overview(engine)
        deadline = time.monotonic() + BEAT_SECONDS
        while True:
            time.sleep(APART_SECONDS)
            second = read_overview(engine)
            at_rest = second.lease == first.lease and first.lease.holder != NOBODY
            if not at_rest or time.monotonic() >= deadline:
                return first, second
    finally:
        engine.dispose()


def _lags(first: Overview, second: Overview, streams: Streams) -> tuple[StageLag, ...]:
    return tuple(_lag(stage, first, second, streams) for stage in FACETS)


def _lag(stage: Stage, first: Overview, second: Overview, streams: Streams) -> StageLag:
    articles_id = streams.ids[ARTICLES.name]
    stream = FACET_STREAMS[stage]
    behind, holes = {}, []
    for partition, extent in streams.extents[ARTICLES].items():
        key = (stage, articles_id, partition)
        before, now = (one.answered.get(key, Answered()).frontier for one in (first, second))
        behind[partition] = unanswered(now, extent.start, extent.end)
        holes += list(lasting_holes(partition, before, now, extent.start, extent.end))
    unread = sum(
        max(0, extent.end - max(extent.start, second.offsets.get((streams.ids[stream.name], partition), 0)))
        for partition, extent in streams.extents[stream].items()
    )
    return StageLag(stage=stage, unanswered=behind, holes=tuple(holes), unread=unread)


def _last_article(streams: Streams | None, store: Overview | None) -> LastArticle | None:
    if streams is not None:
        last = [extent.last for extent in streams.extents[ARTICLES].values() if extent.last]
        if not last:
            return None
        newest = max(last, key=lambda record: record.timestamp)
        try:
            published_at = Article.from_json(newest.value).published_at
        except InvalidMessage:  # a dead letter by now
            published_at = None
        return LastArticle(published_at=published_at, received_at=from_milliseconds(newest.timestamp))
    events = [one.event_max for one in store.answered.values() if one.event_max] if store else []
    return LastArticle(published_at=max(events), received_at=None) if events else None


def _traffic(streams: Streams) -> Traffic:
    def held(stream: Stream) -> int:
        return sum(extent.end - extent.start for extent in streams.extents[stream].values())

    last = (extent.last for extent in streams.extents[DEAD_LETTERS].values() if extent.last)
    letters = [record for record in last if not _tells_of_redrive(record)]
    newest = max(letters, key=lambda record: record.timestamp, default=None)
    return Traffic(
        articles=held(ARTICLES),
        dead_letters=held(DEAD_LETTERS),
        last_dead_letter=None if newest is None else _dead_letter(newest),
    )


def _tells_of_redrive(record: Any) -> bool:
    return isinstance(read_record(record.key, record.value, record.headers), Redrive)


def _dead_letter(record: Any) -> DeadLetter:
    headers = {name: value.decode(errors="replace") for name, value in record.headers if value is not None}
    return DeadLetter(
        at=from_milliseconds(record.timestamp),
        stage=headers.get("__connect.errors.stage"),
        reason=headers.get("__connect.errors.exception.message"),
    )
