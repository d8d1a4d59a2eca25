"""What the design lets grow, and how far: rows by the articles and alerts there are, files not at all."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Engine, func, select

from streams.core.facets import FACETS
from streams.store.tables import metadata

WAL_BYTES = 16 << 20
"""SQLite writes its journal back every four megabytes; one large transaction may come on top."""
MORE_FILES = 8
"""A client that reconnects may hold some sockets more, for a while."""
RULES_WITH_PAIRS = 3
"""Rules of tests/faults/rules.toml under which an article that names two actors is evidence."""

SENT_AT_ONCE = 1_000
"""The most messages that a sink has sent and not marked yet."""


class Bound(NamedTuple):
    """The least and the most rows a table may have at rest."""

    least: int
    most: int


class Work(NamedTuple):
    """What was done: numbers of distinct articles, versions, articles that may be evidence, and so on."""

    articles: int
    versions: int
    telling: int
    alerts: int
    revisions: int
    kills_of_the_sink: int
    rules: int
    partitions: int


def row_counts(engine: Engine) -> dict[str, int]:
    """How many rows each table has."""
    with engine.connect() as connection:
        return {
            name: connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


def bounds(work: Work) -> dict[str, Bound]:
    """How many rows each table may have once all is at rest."""
    stages = len(FACETS)
    exact = {
        "article": work.articles,
        "facet": work.versions * stages,
        "alert": work.alerts,
        "rule": work.rules,
        "progress": work.partitions * (stages + 1),
        "frontier": work.partitions * stages,
        "lease": 1,
        "pending": 0,
        "mend": 0,
    }
    return {name: Bound(count, count) for name, count in exact.items()} | {
        "evidence": Bound(0, work.telling * RULES_WITH_PAIRS),
        # Sent messages stay until `summitry prune`, but for what a sink had sent and not marked when it was
        # killed: the next one finds it told and has nothing to send.
        "outbox": Bound(max(0, work.revisions - work.kills_of_the_sink * SENT_AT_ONCE), work.revisions),
        "meta": Bound(1, 10),
    }


def outgrown(rows: Mapping[str, int], work: Work) -> Iterator[str]:
    """Tables with more or fewer rows than the work explains."""
    allowed = bounds(work)
    for name, count in sorted(rows.items()):
        least, most = allowed.get(name, Bound(0, 0))
        if not least <= count <= most:
            yield f"table {name} has {count} rows, not {least if least == most else f'{least} to {most}'}"
