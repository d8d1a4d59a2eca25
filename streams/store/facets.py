"""Facets as they were received, and which version of each article is current."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from streams.core.facets import FACETS, Entities, Facet, Reading, Stage
from streams.store.keys import among, chunks
from streams.store.tables import article, facet

Key = tuple[str, str, Stage]
"""Article id, version key and stage."""


def keep_greatest(connection: Connection, received: Iterable[tuple[Stage, Facet]]) -> set[str]:
    """Store each facet that takes precedence over what is there; the ids of the articles changed.

    Facets without an article id say nothing about an article and are passed over.
    """
    greatest: dict[Key, Facet] = {}
    for stage, new in received:
        if new.id is not None and new.version is not None:
            key = (new.id, new.version.key, stage)
            if key not in greatest or new.precedence > greatest[key].precedence:
                greatest[key] = new
    stored = _stored(connection, greatest)
    added = {key: new for key, new in greatest.items() if key not in stored}
    replaced = {
        key: new for key, new in greatest.items() if key in stored and new.precedence > stored[key].precedence
    }
    if added:
        connection.execute(insert(facet), [_row(key, new) for key, new in added.items()])
    if replaced:
        same = and_(
            facet.c.article_id == bindparam("of_article"),
            facet.c.version == bindparam("of_version"),
            facet.c.stage == bindparam("of_stage"),
        )
        rows = [
            {"of_article": key[0], "of_version": key[1], "of_stage": key[2]}
            | {name: value for name, value in _row(key, new).items() if name not in facet.primary_key.columns}
            for key, new in replaced.items()
        ]
        connection.execute(update(facet).where(same), rows)
    return {key[0] for key in (*added, *replaced)}


def _row(key: Key, new: Facet) -> dict[str, object]:
    article_id, version, stage = key
    return {
        "article_id": article_id,
        "version": version,
        "stage": stage,
        "stage_version": new.stage_version,
        "outcome": new.outcome,
        "published_at": new.published_at if isinstance(new, Entities) else None,
        "actors": len(new.actors) if isinstance(new, Entities) else None,
        "body": new.to_json(),
    }


def _stored(connection: Connection, keys: Iterable[Key]) -> dict[Key, Facet]:
    found: dict[Key, Facet] = {}
    columns = (facet.c.article_id, facet.c.version, facet.c.stage)
    for chunk in chunks(keys):
        for row in connection.execute(select(facet).where(among(columns, chunk, leading=1))):
            found[row.article_id, row.version, row.stage] = FACETS[row.stage].from_json(row.body)
    return found


class Current(NamedTuple):
    """An article's current version, and how many actors it names."""

    article_id: str
    version: str
    published_at: datetime
    actors: int


def choose_current(connection: Connection, article_ids: Collection[str]) -> list[Reading]:
    """Make the greatest readable version of each article current.

    A version whose entities are missing or rejected is never current. Answers the readings of those
    that name two actors or more: no others give evidence, and most news names none.
    """
    readings: list[Reading] = []
    for chunk in chunks(sorted(article_ids)):
        columns = (facet.c.article_id, facet.c.version, facet.c.published_at, facet.c.actors)
        readable = and_(facet.c.stage == "entities", facet.c.outcome != "rejected")
        rows = connection.execute(select(*columns).where(and_(facet.c.article_id.in_(chunk), readable)))
        # Sorted here, not by the database, whose collation may be another.
        greatest = {row.article_id: Current(*row) for row in sorted(rows, key=attrgetter("version"))}
        _write_current(connection, greatest.values())
        readings += _read(connection, [current for current in greatest.values() if current.actors > 1])
    return readings


def _read(connection: Connection, versions: Iterable[Current]) -> list[Reading]:
    keys = [(current.article_id, current.version, stage) for current in versions for stage in FACETS]
    read: dict[tuple[str, str], dict[Stage, Facet]] = {}
    for (article_id, version, stage), found in _stored(connection, keys).items():
        read.setdefault((article_id, version), {})[stage] = found
    return [Reading(**facets) for facets in read.values()]  # type: ignore[arg-type]


def _write_current(connection: Connection, versions: Collection[Current]) -> None:
    if not versions:
        return
    ids = [current.article_id for current in versions]
    connection.execute(delete(article).where(article.c.article_id.in_(ids)))
    rows = [
        {"article_id": of, "current_version": version, "published_at": at} for of, version, at, _ in versions
    ]
    connection.execute(insert(article), rows)


def entities_of(connection: Connection, versions: Iterable[tuple[str, str]]) -> dict[str, Entities]:
    """The entities facets of (article id, version key) pairs, by article id."""
    stored = _stored(connection, ((article_id, version, "entities") for article_id, version in versions))
    return {key[0]: found for key, found in stored.items() if isinstance(found, Entities)}


def article_ids(connection: Connection) -> Iterator[list[str]]:
    """The ids of all articles that have a current version, in lists that fit one statement."""
    yield from chunks(connection.scalars(select(article.c.article_id).order_by(article.c.article_id)).all())
