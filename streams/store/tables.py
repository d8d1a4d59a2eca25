"""The tables, the same on every database. Instants are text of one length that sorts in time."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from streams.core.instants import parse_instant, sortable


class UtcInstant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as sortable text: SQLite has no instants with a zone."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To text."""
        return None if value is None else sortable(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To an instant."""
        return None if value is None else parse_instant(value)


class ActorIds(TypeDecorator[tuple[str, ...]]):
    """Sorted actor ids, kept as one string so that they can stand in a key."""

    impl = String(1024)
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To text."""
        return None if value is None else " ".join(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002
        """To ids."""
        return None if value is None else tuple(value.split())


metadata = MetaData()

meta = Table("meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text))

# Which sink writes: one row. Each of its transactions renews the beat first.
lease = Table(
    "lease",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("holder", String(256), nullable=False),
    Column("beat", BigInteger, nullable=False),
)

# Where the next facet lies; the compare-and-set on it is what fences off an older sink.
progress = Table(
    "progress",
    metadata,
    Column("topic_id", String(64), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)

# Which source offsets a stage has answered: a log made anew has another id and starts at 0.
frontier = Table(
    "frontier",
    metadata,
    Column("stage", String(16), primary_key=True),
    Column("topic_id", String(64), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("source_next", BigInteger, nullable=False),
    Column("source_ahead", JSON, nullable=False),
    Column("event_max", UtcInstant),
)

rule = Table(
    "rule",
    metadata,
    Column("rule_id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("effective_from", UtcInstant),
    Column("body", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)

# `published_at` and `actors` (how many) are those of entities: a body is read only where they may matter.
facet = Table(
    "facet",
    metadata,
    Column("article_id", String(256), primary_key=True),
    Column("version", String(128), primary_key=True),
    Column("stage", String(16), primary_key=True),
    Column("stage_version", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("published_at", UtcInstant),
    Column("actors", Integer),
    Column("body", LargeBinary, nullable=False),
)

article = Table(
    "article",
    metadata,
    Column("article_id", String(256), primary_key=True),
    Column("current_version", String(128), nullable=False),
    Column("published_at", UtcInstant, nullable=False, index=True),
)

evidence = Table(
    "evidence",
    metadata,
    Column("rule_id", String(64), primary_key=True),
    Column("actors", ActorIds, primary_key=True),
    Column("window_start", UtcInstant, primary_key=True),
    Column("article_id", String(256), primary_key=True),
    Column("version", String(128), nullable=False),
    Column("published_at", UtcInstant, nullable=False),
    Column("source", String(256), nullable=False),
    Column("signature", LargeBinary),
    Column("scores", LargeBinary, nullable=False),
    Index("evidence_by_article", "article_id"),
)

alert = Table(
    "alert",
    metadata,
    Column("alert_id", String(64), primary_key=True),
    Column("rule_id", String(64), nullable=False),
    Column("actors", ActorIds, nullable=False),
    Column("window_start", UtcInstant, nullable=False),
    Column("window_end", UtcInstant, nullable=False),
    Column("closes_at", UtcInstant, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("change", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("rule_id", "actors", "window_start"),
    Index("alert_by_window", "window_start", "rule_id", "actors"),
    Index("alert_by_closing", "closed", "closes_at"),
)

# Alerts whose evidence changed while a starting sink may not yet tell of it.
pending = Table(
    "pending",
    metadata,
    Column("rule_id", String(64), primary_key=True),
    Column("actors", ActorIds, primary_key=True),
    Column("window_start", UtcInstant, primary_key=True),
)

# Source records to publish again, since a stage has passed one by or two read it by different registries.
mend = Table(
    "mend",
    metadata,
    Column("topic_id", String(64), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("source_offset", BigInteger, primary_key=True),
    Column("why", String(16), primary_key=True),
    Column("attempts", Integer, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("stream", String(64), nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("alert_id", String(64), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("sent_at", UtcInstant),
    UniqueConstraint("alert_id", "generation", "revision"),
    Index("outbox_unsent", "sent_at", "seq"),
)
