"""The store: everything that a batch of facets changes, in one transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, Engine, insert, select

from streams.core.evidence import AlertKey, evidence_of
from streams.core.facets import Entities, Facet, Stage
from streams.core.headers import Coordinates
from streams.core.instants import milliseconds
from streams.core.rules import RuleBook
from streams.store.alerts import (
    Outgoing,
    close_due,
    keys_of_rules,
    mark_sent,
    revise_alerts,
    unsent,
)
from streams.store.database import open_database
from streams.store.evidence import replace_evidence
from streams.store.facets import article_ids, choose_current, keep_greatest
from streams.store.progress import (
    Answered,
    Position,
    advance,
    read_frontiers,
    read_offsets,
    write_frontiers,
)
from streams.store.rules import add_rules
from streams.store.tables import meta


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A facet as it came: where it lay, and which source record it answers.

    Source and facet are None for a message that isn't one: only its offset counts.
    """

    position: Position
    offset: int
    stage: Stage
    source: Coordinates | None = None
    facet: Facet | None = None


class Store:
    """One sink's hold on the tables. Any error leaves both the tables and this view as they were."""

    def __init__(self, engine: Engine, generation: int) -> None:
        self.engine = engine
        self.generation = generation
        self.offsets: dict[Position, int] = {}
        self.answered: dict[tuple[Stage, str, int], Answered] = {}
        self.rules = RuleBook([])

    @classmethod
    def open(cls, url: str, now: datetime) -> Self:
        """Open the store at `url`, making it if need be: its generation is the time of that."""
        engine = open_database(url)
        with engine.begin() as connection:
            generation = connection.scalar(select(meta.c.value).where(meta.c.key == "generation"))
            if generation is None:
                generation = str(milliseconds(now))
                connection.execute(insert(meta).values(key="generation", value=generation))
        return cls(engine, int(generation))

    def follow(self, positions: Iterable[Position]) -> dict[Position, int]:
        """Take up reading at these positions; the next offset of each."""
        with self.engine.begin() as connection:
            self.offsets = read_offsets(connection, positions)
            self.answered = read_frontiers(connection)
        return self.offsets

    def apply_rules(self, offered: RuleBook, *, horizon: datetime, now: datetime) -> int:
        """Add new rule versions and read all that is stored by them; how many revisions followed."""
        with self.engine.begin() as connection:
            rules, changed = add_rules(connection, offered)
            touched = keys_of_rules(connection, changed) if changed else set()
            if changed:
                for ids in article_ids(connection):
                    touched |= _replace(connection, ids, rules)
            written = self._revise(connection, touched, rules, horizon, now)
        self.rules = rules
        return written

    def apply(self, received: Sequence[Received], *, horizon: datetime, now: datetime) -> int:
        """Write all that these facets change, and the progress with it; how many revisions followed.

        Raises StoreConflict, with nothing written, if another sink has been here.
        """
        moves = self._moves(received)
        answered = self._answer(received)
        with self.engine.begin() as connection:
            advance(connection, moves)
            write_frontiers(connection, answered, self.answered)
            changed = keep_greatest(connection, ((r.stage, r.facet) for r in received if r.facet))
            touched = _replace(connection, changed, self.rules)
            written = self._revise(connection, touched, self.rules, horizon, now)
        self.offsets |= {position: following for position, (_, following) in moves.items()}
        self.answered |= answered
        return written

    def close_due(self, *, horizon: datetime, now: datetime) -> int:
        """Close the alerts whose windows lie behind the horizon; how many there were."""
        with self.engine.begin() as connection:
            return close_due(connection, horizon, now)

    def unsent(self) -> list[Outgoing]:
        """The next messages to send, in the order of writing."""
        with self.engine.connect() as connection:
            return unsent(connection)

    def mark_sent(self, sequence: Collection[int], now: datetime) -> None:
        """Mark messages that the broker has confirmed."""
        with self.engine.begin() as connection:
            mark_sent(connection, sequence, now)

    def _revise(
        self, connection: Connection, keys: set[AlertKey], rules: RuleBook, horizon: datetime, now: datetime
    ) -> int:
        return revise_alerts(connection, keys, rules, generation=self.generation, horizon=horizon, now=now)

    def _moves(self, received: Iterable[Received]) -> dict[Position, tuple[int, int]]:
        moves: dict[Position, tuple[int, int]] = {}
        for r in received:
            expected = self.offsets[r.position]
            _, following = moves.get(r.position, (expected, expected))
            moves[r.position] = expected, max(following, r.offset + 1)
        return moves

    def _answer(self, received: Iterable[Received]) -> dict[tuple[Stage, str, int], Answered]:
        changed: dict[tuple[Stage, str, int], Answered] = {}
        for r in received:
            if r.source is None:
                continue
            key = (r.stage, r.source.topic_id, r.source.partition)
            known = changed.get(key) or self.answered.get(key) or Answered()
            at = r.facet.published_at if isinstance(r.facet, Entities) else None
            event_max = max((t for t in (known.event_max, at) if t is not None), default=None)
            changed[key] = Answered(known.frontier.add(r.source.offset), event_max)
        return changed


def _replace(connection: Connection, articles: Collection[str], rules: RuleBook) -> set[AlertKey]:
    """Choose the current versions anew and replace the evidence they give; the keys it touches."""
    found = [e for reading in choose_current(connection, articles) for e in evidence_of(reading, rules)]
    return replace_evidence(connection, articles, found)
