"""What a look at the pipeline found, and what of it needs looking at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from streams.core.facets import Stage
from streams.core.frontier import Frontier
from streams.core.instants import format_instant
from streams.core.summary import some
from streams.store.lease import NOBODY
from streams.store.reading import Overview
from streams.telemetry.health import OUTBOX_SECONDS

SHOWN_HOLES = 5

Hole = tuple[int, int, int]
"""A partition and a range [start, end) of its offsets that a stage has passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLag:
    """How far one stage, and the sink behind it, have come."""

    stage: Stage
    unanswered: Mapping[int, int]
    """Articles that the stage has yet to answer, by partition."""
    holes: tuple[Hole, ...]
    unread: int
    """Facets of the stage that the sink has yet to read."""

    @property
    def missing(self) -> int:
        """How many articles were passed over."""
        return sum(end - start for _, start, end in self.holes)

    def first_missing(self) -> list[tuple[int, int]]:
        """Partition and offset of the first articles that were passed over."""
        offsets = ((p, offset) for p, start, end in self.holes for offset in range(start, end))
        return [place for place, _ in zip(offsets, range(SHOWN_HOLES), strict=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastArticle:
    """The newest record on news.articles; without a broker the latest event time in the store."""

    published_at: datetime | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """The newest of each partition's last records on news.dead-letters that tell of no redrive."""

    at: datetime
    stage: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What the broker's streams hold, as far as the stores of this or that sink don't matter.

    `dead_letters` counts records, with those that tell of a redrive.
    """

    articles: int
    dead_letters: int
    last_dead_letter: DeadLetter | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One look; None stands for what couldn't be read."""

    at: datetime
    broker_problem: str | None
    store_problem: str | None
    store: Overview | None
    beat_moves: bool | None
    stages: tuple[StageLag, ...] | None
    last_article: LastArticle | None
    traffic: Traffic | None
    memory: Mapping[str, int | None]
    """Resident bytes of each process on this machine, by its name."""

    @property
    def concerns(self) -> list[str]:
        """What needs looking at, in words; empty if all is well."""
        problems = [problem for problem in (self.broker_problem, self.store_problem) if problem]
        return [*problems, *self._store_concerns(), *self._holes()]

    def _store_concerns(self) -> Iterator[str]:
        store = self.store
        if store is None:
            return
        if store.lease.holder == NOBODY:
            yield "nobody holds the store's lease, so no sink works: run: summitry up (or: summitry sink)"
        elif not self.beat_moves:
            yield (
                f"{store.lease.holder} holds the store's lease, but shows no sign of life: start a sink,"
                " which takes over after 10 s (or end that one, if it hangs)"
            )
        if store.unsent_since and (self.at - store.unsent_since).total_seconds() > OUTBOX_SECONDS:
            yield (
                f"{store.unsent} revisions of alerts wait to be sent, the oldest since"
                f" {format_instant(store.unsent_since)}: look at the sink's log"
            )

    def _holes(self) -> Iterator[str]:
        for lag in self.stages or ():
            if lag.holes:
                places = ", ".join(f"{partition}:{offset}" for partition, offset in lag.first_missing())
                more = ", …" if lag.missing > SHOWN_HOLES else ""
                yield (
                    f"{lag.stage} passed over {some(lag.missing, 'article')}"
                    f" (partition:offset {places}{more}): publish them again if this stays"
                )

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        store = self.store
        return {
            "at": format_instant(self.at),
            "concerns": self.concerns,
            "stages": None if self.stages is None else {lag.stage: _lag_json(lag) for lag in self.stages},
            "last_article": None
            if self.last_article is None
            else {
                "published_at": _instant(self.last_article.published_at),
                "received_at": _instant(self.last_article.received_at),
            },
            "streams": None if self.traffic is None else _traffic_json(self.traffic),
            "store": None
            if store is None
            else {
                "articles": store.articles,
                "alerts": {"active": store.active, "closed": store.closed, "cancelled": store.cancelled},
                "outbox": {"waiting": store.unsent, "since": _instant(store.unsent_since)},
                "lease": {
                    "holder": store.lease.holder or None,
                    "beat": store.lease.beat,
                    "moves": self.beat_moves,
                },
                "size_bytes": store.size_bytes,
            },
            "memory_bytes": dict(self.memory),
        }


def unanswered(frontier: Frontier, start: int, end: int) -> int:
    """How many of the offsets [start, end) a stage has not answered."""
    ahead = sum(max(0, min(stop, end) - max(first, start)) for first, stop in frontier.ahead)
    return max(0, end - max(start, frontier.next) - ahead)


def lasting_holes(partition: int, before: Frontier, now: Frontier, start: int, end: int) -> Iterator[Hole]:
    """The holes of `now` among the offsets [start, end) that an earlier look showed as holes too."""
    seen = before.ahead[-1][1] if before.ahead else before.next
    for first, stop in now.holes:
        hole = partition, max(first, start), min(stop, seen, end)
        if hole[1] < hole[2]:
            yield hole


def _lag_json(lag: StageLag) -> dict[str, Any]:
    return {
        "unanswered": sum(lag.unanswered.values()),
        "partitions": {str(partition): count for partition, count in sorted(lag.unanswered.items())},
        "holes": {
            "articles": lag.missing,
            "first": [{"partition": p, "offset": offset} for p, offset in lag.first_missing()],
        },
        "sink_unread": lag.unread,
    }


def _traffic_json(traffic: Traffic) -> dict[str, Any]:
    newest = traffic.last_dead_letter
    return {
        "articles": traffic.articles,
        "dead_letters": {
            "count": traffic.dead_letters,
            "newest": None
            if newest is None
            else {"at": format_instant(newest.at), "stage": newest.stage, "reason": newest.reason},
        },
    }


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
