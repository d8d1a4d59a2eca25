"""Pruning: what is old is dropped because somebody asked, never by itself.

Alerts stay as they were last told; facets, articles, evidence and sent messages from before go. Windows
that were over by the instant are frozen from then on: what comes late for them changes no alert, since what
it would be added to is gone.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from streams.core.instants import parse_instant, sortable
from streams.core.rules import RuleBook
from streams.core.windows import window_of
from streams.store.lease import SINK
from streams.store.rules import read_rules
from streams.store.tables import article, evidence, facet, lease, meta, outbox

CHUNK = 2_000
"""Articles a transaction: the sink waits for each."""

_KEY = "pruned_before"


class Pruned(NamedTuple):
    """How many rows are, or would be, dropped."""

    articles: int
    facets: int
    evidence: int
    messages: int


def read_pruned_before(connection: Connection) -> datetime | None:
    """The instant before which all is frozen; None if nothing was ever pruned."""
    text = connection.scalar(select(meta.c.value).where(meta.c.key == _KEY))
    return parse_instant(text) if text else None


def count_prunable(engine: Engine, before: datetime) -> Pruned:
    """What `prune` would drop."""
    with engine.connect() as connection:
        rules = read_rules(connection)
        old = select(article.c.article_id).where(article.c.published_at < _floor(rules, before))
        counts = (
            select(func.count()).select_from(old.subquery()),
            select(func.count()).select_from(facet).where(facet.c.article_id.in_(old)),
            select(func.count()).select_from(evidence).where(_frozen_evidence(rules, before)),
            select(func.count()).select_from(outbox).where(outbox.c.sent_at < before),
        )
        return Pruned(*connection.execute(select(*(count.scalar_subquery() for count in counts))).one())


def prune(engine: Engine, before: datetime) -> Iterator[Pruned]:
    """Freeze the windows that were over by `before`, and drop what only they needed.

    Yields what each transaction dropped. The sink may go on meanwhile.
    """
    with engine.begin() as connection:
        _exclude_sink(connection)
        known = read_pruned_before(connection)
        before = max(before, known) if known else before
        connection.execute(delete(meta).where(meta.c.key == _KEY))
        connection.execute(insert(meta).values(key=_KEY, value=sortable(before)))
        rules = read_rules(connection)
        gone = connection.execute(delete(evidence).where(_frozen_evidence(rules, before))).rowcount
        sent = connection.execute(delete(outbox).where(outbox.c.sent_at < before)).rowcount
    yield Pruned(0, 0, gone, sent)
    old = select(article.c.article_id).where(article.c.published_at < _floor(rules, before)).limit(CHUNK)
    while True:
        with engine.begin() as connection:
            _exclude_sink(connection)  # so that no article moves into a later window in between
            ids = connection.scalars(old).all()
            facets = connection.execute(delete(facet).where(facet.c.article_id.in_(ids))).rowcount
            connection.execute(delete(article).where(article.c.article_id.in_(ids)))
        if not ids:
            return
        yield Pruned(len(ids), facets, 0, 0)


def _floor(rules: RuleBook, before: datetime) -> datetime:
    """Articles from before this instant are in no window whose evidence is still needed."""
    return min((_first_needed(hours, before) for hours in rules.lengths.values()), default=before)


def _first_needed(hours: int, before: datetime) -> datetime:
    """The start of the first window whose evidence counts: the one before the first that isn't frozen."""
    return window_of(before, hours).before.start


def _frozen_evidence(rules: RuleBook, before: datetime) -> ColumnElement[bool]:
    return or_(
        false(),
        *(
            and_(evidence.c.rule_id == rule_id, evidence.c.window_start < _first_needed(hours, before))
            for rule_id, hours in rules.lengths.items()
        ),
    )


def _exclude_sink(connection: Connection) -> None:
    """Each of the sink's transactions begins by changing this row: it waits until this one ends."""
    connection.execute(update(lease).where(lease.c.name == SINK).values(beat=lease.c.beat))
