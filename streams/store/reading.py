"""What readers ask of the store: alerts, and how far it has come."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, func, not_, select

from streams.core.alert import Alert
from streams.core.facets import Stage
from streams.store.alerts import told
from streams.store.progress import Answered, read_frontiers
from streams.store.tables import alert, outbox, pending


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
