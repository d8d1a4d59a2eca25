"""The store: everything that a batch of facets changes, in one transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from streams.core.alert import Alert
from streams.core.errors import StoreUnavailable
from streams.core.evidence import AlertKey, evidence_of
from streams.core.facets import FACETS, Reading, Stage
from streams.core.headers import Coordinates
from streams.core.instants import milliseconds
from streams.core.rules import RuleBook
from streams.core.tracecontext import Context, TraceOf, newest
from streams.store.alerts import (
    ContextOf,
    Outgoing,
    close_due,
    keys_of_rules,
    mark_sent,
    revise_alerts,
    unsent,
)
from streams.store.database import is_unavailable, open_database
from streams.store.evidence import replace_evidence
from streams.store.facets import article_ids, choose_current, keep_greatest
from streams.store.keys import CHUNK
from streams.store.lease import Lease, read_lease, release_lease, renew_lease, take_lease
from streams.store.mends import Mend, count_attempt, note_mixed, read_mends, want, want_no_more
from streams.store.progress import (
    Answered,
    Position,
    advance,
    read_frontiers,
    read_offsets,
    write_frontiers,
)
from streams.store.received import Place, Received, answers, moves
from streams.store.rules import add_rules
from streams.store.takeover import (
    add_pending,
    read_generation,
    take_over_alerts,
    take_pending,
    tell_anew,
    write_generation,
)


class Store:
    """One sink's hold on the tables, once it has taken the lease.

    Any error leaves both the tables and this view as they were. Each write raises StoreConflict if the
    lease is another's by now, StoreUnavailable if the database can't be reached.
    """

    def __init__(self, engine: Engine, holder: str) -> None:
        self.engine = engine
        self.holder = holder
        self.generation = 0
        self.offsets: dict[Position, int] = {}
        self.answered: dict[tuple[Stage, str, int], Answered] = {}
        self.rules = RuleBook([])

    @classmethod
    def open(cls, url: str, holder: str) -> Self:
        """Open the store at `url`, making it if need be; nothing is written before the lease is taken."""
        return cls(open_database(url), holder)

    def lease(self) -> Lease:
        """Who may write."""
        with self._reached(), self.engine.connect() as connection:
            return read_lease(connection)

    def take(self, seen: Lease | None = None) -> bool:
        """Take the lease if it is still as it was `seen` (None: whoever holds it); whether it is ours now."""
        with self._reached(), self.engine.begin() as connection:
            return take_lease(connection, seen or read_lease(connection), self.holder)

    def renew(self) -> None:
        """Show those who stand by that this sink lives."""
        with self._writing():
            pass

    def release(self) -> None:
        """Free the lease, so that nobody has to wait; nothing if it isn't this store's."""
        with self._reached(), self.engine.begin() as connection:
            release_lease(connection, self.holder)

    def follow(self, positions: Iterable[Position]) -> dict[Position, int]:
        """Take up reading at these positions; the next offset of each."""
        with self._writing() as connection:
            self.offsets = read_offsets(connection, positions)
            self.answered = read_frontiers(connection)
        return self.offsets

    def apply_rules(self, offered: RuleBook) -> None:
        """Add new rule versions and read all that is stored by them; `tell` says what follows."""
        with self._writing() as connection:
            rules, changed = add_rules(connection, offered)
            touched = keys_of_rules(connection, changed) if changed else set()
            if changed:
                for ids in article_ids(connection):
                    touched |= _replace(connection, ids, choose_current(connection, ids), rules).keys()
            add_pending(connection, touched)
        self.rules = rules

    def take_over(self, messages: Iterable[Alert], moves: Mapping[Position, int]) -> int:
        """Believe what news.alerts says where this store knows less; how many alerts were believed.

        `moves` are the next offsets to read it from. The log's generation becomes this store's.
        """
        expected = {position: (self.offsets[position], following) for position, following in moves.items()}
        with self._writing() as connection:
            advance(connection, expected)
            believed = take_over_alerts(connection, messages, self.rules)
            generations = (read_generation(connection), *(one.generation for one in believed))
            write_generation(connection, max(generations))
        self.offsets |= moves
        return len(believed)

    def begin(self, *, told: Collection[str] | None = None, now: datetime) -> int:
        """Settle the generation: the one taken over, else `now`. To be called once all was taken over.

        `told` are the ids on a log of alerts that is new to this store: it is told all others anew.
        Answers how many.
        """
        with self._writing() as connection:
            self.generation = read_generation(connection) or milliseconds(now)
            write_generation(connection, self.generation)
            return 0 if told is None else tell_anew(connection, told, now)

    def tell(self, *, horizon: datetime, now: datetime) -> int:
        """Compare each alert that waits for it, once; how many revisions followed."""
        written = 0
        while True:
            with self._writing() as connection:
                keys = take_pending(connection, CHUNK)
                written += self._revise(connection, keys, self.rules, horizon, now, lambda _: ())
            if not keys:
                return written

    def apply(
        self,
        received: Sequence[Received],
        *,
        horizon: datetime,
        now: datetime,
        tell: bool = True,
        trace_of: TraceOf = newest,
    ) -> int:
        """Write all that these facets change, and the progress with it; how many revisions followed.

        Without `tell` none do: the alerts that are touched wait for it. Each revision's
        message carries what `trace_of` makes of the contexts of the facets, in order, whose articles
        changed the alert.
        """
        moved = moves(received, self.offsets)
        answered = answers(received, self.answered)
        with self._writing() as connection:
            advance(connection, moved)
            write_frontiers(connection, answered, self.answered)
            changed = keep_greatest(connection, ((r.stage, r.facet) for r in received if r.facet))
            readings = choose_current(connection, changed)
            mixed = {reading.entities.id for reading in readings if reading.is_mixed}
            note_mixed(connection, (r for r in received if r.facet and r.facet.id in changed), mixed)
            touched = _replace(connection, changed, readings, self.rules)
            if not tell:
                add_pending(connection, touched)
                touched = {}

            def context_of(keys: Collection[AlertKey]) -> Context:
                return trace_of(_contexts(received, {a for key in keys for a in touched.get(key, ())}))

            written = self._revise(connection, touched, self.rules, horizon, now, context_of)
        self.offsets |= {position: following for position, (_, following) in moved.items()}
        self.answered |= answered
        return written

    def mends(self, topic_id: str) -> list[Mend]:
        """Which records of this source log are to be published again."""
        with self._reached(), self.engine.connect() as connection:
            return read_mends(connection, topic_id)

    def want(self, places: Iterable[Coordinates]) -> None:
        """Want the records at these places again: a stage has passed them by."""
        with self._writing() as connection:
            want(connection, places, "hole")

    def count_attempt(self, one: Mend) -> None:
        """It is about to be published again."""
        with self._writing() as connection:
            count_attempt(connection, one)

    def want_no_more(self, one: Mend, *, close: bool = False) -> None:
        """It is mended; or, with `close`, it counts as answered by every stage from now on."""
        source = one.place
        stages = FACETS if close else ()
        places: list[Place] = [(stage, source.topic_id, source.partition) for stage in stages]
        known = {place: self.answered.get(place, Answered()) for place in places}
        closed = {
            place: replace(before, frontier=before.frontier.add(source.offset))
            for place, before in known.items()
        }
        with self._writing() as connection:
            write_frontiers(connection, closed, self.answered)
            want_no_more(connection, [source], one.why)
        self.answered |= closed

    def close_due(self, *, horizon: datetime, now: datetime) -> int:
        """Close the alerts whose windows lie behind the horizon; how many there were."""
        with self._writing() as connection:
            return close_due(connection, horizon, now)

    def unsent(self) -> list[Outgoing]:
        """The next messages to send, in the order of writing."""
        with self._reached(), self.engine.connect() as connection:
            return unsent(connection)

    def mark_sent(self, sequence: Collection[int], now: datetime) -> None:
        """Mark messages that the broker has confirmed."""
        with self._writing() as connection:
            mark_sent(connection, sequence, now)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that begins by renewing the lease: whoever wakes too late can't write."""
        with self._reached(), self.engine.begin() as connection:
            renew_lease(connection, self.holder)
            yield connection

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if is_unavailable(error):
                raise StoreUnavailable(f"the store failed: {error.orig}") from error
            raise

    def _revise(
        self,
        connection: Connection,
        keys: Collection[AlertKey],
        rules: RuleBook,
        horizon: datetime,
        now: datetime,
        context_of: ContextOf,
    ) -> int:
        return revise_alerts(
            connection,
            keys,
            rules,
            generation=self.generation,
            horizon=horizon,
            now=now,
            context_of=context_of,
        )


def _contexts(received: Iterable[Received], articles: Collection[str]) -> list[Context]:
    return [r.context for r in received if r.context and r.facet and r.facet.id in articles]


def _replace(
    connection: Connection, articles: Collection[str], readings: Iterable[Reading], rules: RuleBook
) -> dict[AlertKey, set[str]]:
    """Replace the evidence that these articles give by what their readings say; who touches which keys."""
    found = [e for reading in readings for e in evidence_of(reading, rules)]
    return replace_evidence(connection, articles, found)
