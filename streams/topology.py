"""Every stream of Summitry, and nothing else: what flows, under which key, for how long.

In code a Kafka topic is a stream; *topic* means only what an article is about. All streams have
the same number of partitions, because each facet goes to the partition number of its article.
"""

from dataclasses import dataclass
from typing import Literal

from streams.core.facets import Stage

MAX_REPLICAS = 3
"""Copies of each record; a cluster of fewer brokers keeps as many as it has."""

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One stream: `schema` names a file in schemas/ (None: bytes as they came)."""

    name: str
    key: str
    schema: str | None
    cleanup: Literal["delete", "compact"] = "delete"
    retention_days: int | None = 30
    """How long records are kept; None: for good, but for compaction."""
    compaction_lag_days: int = 0

    def config(self, replicas: int) -> dict[str, str]:
        """The broker's settings for this stream, of which `replicas` copies are kept.

        A record counts as delivered when all of them but one have it: one broker may be lost.
        """
        config: dict[str, str] = {"cleanup.policy": self.cleanup}
        if replicas > 1:
            config["min.insync.replicas"] = str(replicas - 1)
        if self.cleanup == "delete":
            kept_ms = -1 if self.retention_days is None else self.retention_days * DAY_MS
            config["retention.ms"] = str(kept_ms)
        if self.compaction_lag_days:
            config["min.compaction.lag.ms"] = str(self.compaction_lag_days * DAY_MS)
        return config


ARTICLES = Stream(name="news.articles", key="article id", schema="article.v1", retention_days=90)
FACET_STREAMS: dict[Stage, Stream] = {
    "entities": Stream(name="news.entities", key="article id", schema="entities.v1"),
    "sentiment": Stream(name="news.sentiment", key="article id", schema="sentiment.v1"),
    "topics": Stream(name="news.topics", key="article id", schema="topics.v1"),
}
ALERTS = Stream(
    name="news.alerts",
    key="alert id",
    schema="alert.v1",
    cleanup="compact",
    retention_days=None,
    compaction_lag_days=7,
)
DEAD_LETTERS = Stream(name="news.dead-letters", key="original key", schema=None, retention_days=90)

STREAMS = (ARTICLES, *FACET_STREAMS.values(), ALERTS, DEAD_LETTERS)
