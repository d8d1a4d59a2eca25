"""What readers ask of the store: alerts, and how far it has come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, cast, func, not_, select
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.exc import DatabaseError

from streams.core.alert import Alert
from streams.core.errors import StoreUnavailable
from streams.core.facets import Stage
from streams.core.instants import parse_instant
from streams.store.alerts import told
from streams.store.lease import Lease, read_lease
from streams.store.progress import Answered, Position, read_frontiers
from streams.store.tables import alert, article, metadata, outbox, pending, progress


def read_alerts(
    engine: Engine,
    *,
    rule: str | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    active_only: bool = False,
) -> Iterator[Alert]:
    """The newest revision of each alert, by (window start, rule id, actors).

    `actor` is an id; `since` leaves out the windows that ended by then.
    """
    query = select(alert).order_by(alert.c.window_start, alert.c.rule_id, alert.c.actors)
    if rule is not None:
        query = query.where(alert.c.rule_id == rule)
    if since is not None:
        query = query.where(alert.c.window_end > since)
    if active_only:
        query = query.where(alert.c.state == "active")
    with engine.connect() as connection:
        for row in connection.execution_options(yield_per=500).execute(query):
            found = told(row)
            if actor is None or any(one.id == actor for one in found.actors):
                yield found


def read_progress(engine: Engine) -> dict[tuple[Stage, str, int], Answered]:
    """What each stage has answered, by stage, source topic id and partition."""
    with engine.connect() as connection:
        return read_frontiers(connection)


def count_unsent(engine: Engine) -> int:
    """How many messages wait in the outbox."""
    with engine.connect() as connection:
        query = select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None))
        return connection.scalar(query) or 0


def count_untold(engine: Engine, now: datetime) -> int:
    """How many alerts may yet be told of without another facet: unsent, to be compared, or to be closed."""
    counts = (
        select(func.count()).select_from(outbox).where(outbox.c.sent_at.is_(None)),
        select(func.count()).select_from(pending),
        select(func.count()).select_from(alert).where(not_(alert.c.closed), alert.c.closes_at <= now),
    )
    with engine.connect() as connection:  # in one statement: what waits in one may move to another
        return sum(connection.execute(select(*(count.scalar_subquery() for count in counts))).one())


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The store at one moment."""

    lease: Lease
    answered: Mapping[tuple[Stage, str, int], Answered]
    """What each stage has answered, by stage, source topic id and partition."""
    offsets: Mapping[Position, int]
    """The next offset that the sink reads, by the facet stream's topic id and partition."""
    articles: int
    active: int
    """Alerts that stand and may still change."""
    closed: int
    """Alerts that stand and whose window is over."""
    cancelled: int
    unsent: int
    unsent_since: datetime | None
    """When the oldest message that waits in the outbox was written."""
    size_bytes: int


def read_overview(engine: Engine) -> Overview:
    """Look at the whole store; raises StoreUnavailable if the database fails."""
    try:
        with engine.connect() as connection:
            states = _alert_states(connection)
            unsent, since = _waiting(connection)
            return Overview(
                lease=read_lease(connection),
                answered=read_frontiers(connection),
                offsets={
                    (row.topic_id, row.partition): row.next_offset
                    for row in connection.execute(select(progress))
                },
                articles=connection.scalar(select(func.count()).select_from(article)) or 0,
                active=states.get(("active", False), 0),
                closed=states.get(("active", True), 0),
                cancelled=sum(count for (state, _), count in states.items() if state == "cancelled"),
                unsent=unsent,
                unsent_since=since,
                size_bytes=_size_bytes(connection),
            )
    except DatabaseError as error:
        raise StoreUnavailable(f"the store failed: {error.orig}") from error


def _alert_states(connection: Connection) -> dict[tuple[str, bool], int]:
    """How many alerts there are in each state, closed or not."""
    query = select(alert.c.state, alert.c.closed, func.count()).group_by(alert.c.state, alert.c.closed)
    return {(state, closed): count for state, closed, count in connection.execute(query)}


def _waiting(connection: Connection) -> tuple[int, datetime | None]:
    """How many messages wait in the outbox, and since when: their headers hold when they were written."""
    waits = outbox.c.sent_at.is_(None)
    count = connection.scalar(select(func.count()).select_from(outbox).where(waits)) or 0
    headers = connection.scalar(select(outbox.c.headers).where(waits).order_by(outbox.c.seq).limit(1))
    return count, parse_instant(dict(headers)["ce_time"]) if headers else None


def _size_bytes(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        sizes = (func.pg_total_relation_size(cast(name, REGCLASS)) for name in metadata.tables)
        return sum(connection.scalar(select(size)) or 0 for size in sizes)
    database = connection.engine.url.database
    files = [Path(f"{database}{ending}") for ending in ("", "-wal", "-shm")] if database else []
    return sum(file.stat().st_size for file in files if file.is_file())
