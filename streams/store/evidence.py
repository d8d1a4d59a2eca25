"""The set of evidence: what each article gives is replaced whole, and the alerts it touches named."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from streams.core.evidence import AlertKey, Evidence, Scores
from streams.store.keys import among, chunks
from streams.store.tables import evidence

_KEY = (evidence.c.rule_id, evidence.c.actors, evidence.c.window_start)


def replace_evidence(
    connection: Connection, articles: Collection[str], found: Iterable[Evidence]
) -> dict[AlertKey, set[str]]:
    """Make `found` all the evidence that `articles` give; what this touches: which of them each alert key."""
    new = {(e.key, e.article_id): e for e in found}
    old: dict[tuple[AlertKey, str], Evidence] = {}
    for chunk in chunks(sorted(articles)):
        for row in connection.execute(select(evidence).where(evidence.c.article_id.in_(chunk))):
            e = _read(row)
            old[e.key, e.article_id] = e
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    for gone in chunks(sorted(key for key in changed if key in old)):
        keys = [(article, *key) for key, article in gone]
        connection.execute(delete(evidence).where(among((evidence.c.article_id, *_KEY), keys, leading=1)))
    rows = [_row(new[key]) for key in sorted(changed) if key in new]
    if rows:
        connection.execute(insert(evidence), rows)
    touched: dict[AlertKey, set[str]] = {}
    for key, article in changed:
        touched.setdefault(key, set()).add(article)
    return touched


def read_evidence(connection: Connection, keys: Iterable[AlertKey]) -> dict[AlertKey, list[Evidence]]:
    """The evidence of each alert key; an empty list where there is none."""
    found: dict[AlertKey, list[Evidence]] = {key: [] for key in keys}
    for chunk in chunks(sorted(found)):
        for row in connection.execute(select(evidence).where(among(_KEY, chunk, leading=3))):
            e = _read(row)
            found[e.key].append(e)
    return found


def _row(e: Evidence) -> dict[str, object]:
    return {
        **e.key._asdict(),
        "article_id": e.article_id,
        "version": e.version,
        "published_at": e.published_at,
        "source": e.source,
        "signature": e.signature,
        "scores": e.scores.to_json(),
    }


def _read(row: Row[Any]) -> Evidence:
    return Evidence(
        key=AlertKey(row.rule_id, row.actors, row.window_start),
        article_id=row.article_id,
        version=row.version,
        published_at=row.published_at,
        source=row.source,
        signature=row.signature,
        scores=Scores.from_json(row.scores),
    )
