"""A pipeline at rest: what it still waits for, and all that it left."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from faults.checker import Left, answers
from faults.history import Confirmed
from faults.processes import Death
from streams import broker
from streams.broker.records import read_to_end
from streams.core.errors import BrokerUnavailable
from streams.core.facets import FACETS
from streams.replay import lag
from streams.settings import Settings
from streams.store.database import connect
from streams.store.mends import read_mends
from streams.store.reading import count_untold, read_alerts, read_progress
from streams.topology import ALERTS, ARTICLES, DEAD_LETTERS, FACET_STREAMS


def article_ends(settings: Settings) -> dict[int, int]:
    """Where each partition of news.articles ends."""
    return {number: extent.end for number, extent in broker.extents(settings, [ARTICLES])[ARTICLES].items()}


def waiting(settings: Settings, articles_id: str, ends: Mapping[int, int]) -> str:
    """What is still to be answered up to these ends, told or mended, in words; empty if nothing is."""
    engine = connect(settings.store.get_secret_value(), to_write=False)
    try:
        return _waiting(engine, articles_id, ends) or _unacknowledged(settings, ends)
    except DatabaseError as error:  # it is being made anew, or busy
        return str(error.orig)
    except BrokerUnavailable as error:
        return str(error)
    finally:
        engine.dispose()


def _waiting(engine: Engine, articles_id: str, ends: Mapping[int, int]) -> str:
    lagging = lag(read_progress(engine), articles_id, ends)
    untold = count_untold(engine, datetime.now(UTC))
    with engine.connect() as connection:
        unmended = len(read_mends(connection, articles_id))
    words = [f"{stage} lags by {count}" for stage, count in lagging.items()]
    words += [f"{untold} alerts untold"] * bool(untold)
    words += [f"{unmended} articles to be published again"] * bool(unmended)
    return ", ".join(words)


def _unacknowledged(settings: Settings, ends: Mapping[int, int]) -> str:
    """The answer to a record may be there while its dead letter is still on its way."""
    acknowledged = {stage: broker.acknowledged(settings, stage) for stage in FACETS}
    behind = {
        stage: sum(max(0, end - its.get(number, 0)) for number, end in ends.items())
        for stage, its in acknowledged.items()
    }
    return ", ".join(f"{stage} has {count} to acknowledge" for stage, count in behind.items() if count)


def read_left(
    settings: Settings,
    articles_id: str,
    *,
    confirmed: Sequence[Confirmed],
    told_before: Sequence[Any] = (),
    deaths: Sequence[Death],
) -> Left:
    """Everything that lies on the streams and in the store."""
    engine = connect(settings.store.get_secret_value(), to_write=False)
    try:
        table, frontiers = list(read_alerts(engine)), read_progress(engine)
    finally:
        engine.dispose()
    return Left(
        confirmed=confirmed,
        articles=list(read_to_end(settings, ARTICLES)),
        articles_id=articles_id,
        answered={stage: answers(read_to_end(settings, FACET_STREAMS[stage])) for stage in FACETS},
        told=list(read_to_end(settings, ALERTS)),
        told_before=told_before,
        letters=list(read_to_end(settings, DEAD_LETTERS)),
        table=table,
        frontiers=frontiers,
        deaths=deaths,
    )
