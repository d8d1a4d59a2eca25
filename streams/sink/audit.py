"""The audit: a stage that has passed a record by is asked again, by publishing the record once more.

Each stage answers every offset of news.articles, so any loss shows as a hole in its frontier. A hole may
be passing (a retried send, a worker that died with sends in flight); one that stays is looked up. Where
there is no record (the broker's own, or removed by retention), there is nothing to answer.
"""

import logging
import math
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

from kafka import TopicPartition

from streams import broker
from streams.core.deadletter import DeadLetter, Original, dead_letter_headers, read_redrive
from streams.core.facets import FACETS, Stage
from streams.core.frontier import Frontier
from streams.core.headers import MENDS, Coordinates
from streams.core.instants import from_milliseconds
from streams.settings import Settings
from streams.store.mends import Mend
from streams.store.progress import Answered
from streams.store.store import Store
from streams.topology import ARTICLES, DEAD_LETTERS, FACET_STREAMS

PATIENCE_SECONDS = 10.0
"""How long a hole must stand, and how long the first repair of it has."""
MAX_ATTEMPTS = 3
BACKOFF = {"hole": 1.0, "registry": 6.0}
"""By what each wait is longer than the one before: workers are brought to one registry by people."""
MAX_HOLES = 100
"""Offsets of one stage and partition that are wanted at a time."""
MAX_REPAIRS = 20
"""Records published again at a look: in between the sink reads what comes of it."""

CONFIRM_SECONDS = 10

Place = tuple[Stage, int]
"""A stage and a partition of news.articles."""

log = logging.getLogger(__name__)


class Audit:
    """Finds and mends what stages have passed by; `look` every second or so."""

    def __init__(self, settings: Settings, store: Store, topic_id: str) -> None:
        self._settings = settings
        self._store = store
        self._topic_id = topic_id
        self._standing: dict[Place, tuple[int, float]] = {}
        self._passed: dict[Place, int] = {}
        self._acknowledged: dict[Place, int] = {}
        self._ends: dict[Place, int] = {}
        self._asked_at = -math.inf
        self._due: dict[Mend, float] = {}
        self._copies: dict[Mend, int] = {}
        """Where what was published again last lies, at the latest."""
        self._reader: Any = None

    def close(self) -> None:
        """Leave the broker."""
        if self._reader is not None:
            self._reader.close(autocommit=False)

    def look(
        self, producer: Any, ends: Mapping[int, int], read: Mapping[Place, int], now: float
    ) -> list[Mend]:
        """Publish again some of what is wanted; what was given up, and counts as answered from now on.

        `ends` is where each partition of news.articles ends, `read` says up to which offset the sink has
        read each facet partition, `now` is a monotonic time in seconds.
        """
        if holes := list(self._holes(ends, read, now)):
            self._store.want(holes)
        wanted = self._store.mends(self._topic_id)
        self._due = {one: self._due.get(one, self._first_due(one, now)) for one in wanted}
        self._copies = {one: self._copies.get(one, ends.get(one.place.partition, 0) - 1) for one in wanted}
        repairs = 0
        given_up = []
        for one in wanted:
            if one.why == "hole" and not self._is_hole(one.place):
                log.info("mended %s", _shown(one))
                self._store.want_no_more(one)
            elif now >= self._due[one] and repairs < MAX_REPAIRS and self._was_in_vain(one, read, now):
                repairs += 1
                if not self._ask_again(one, producer, now):
                    given_up.append(one)
        return given_up

    def _holes(self, ends: Mapping[int, int], read: Mapping[Place, int], now: float) -> Iterator[Coordinates]:
        """Where a stage has gone past a record and has stood long without an answer to it."""
        for stage, (number, end) in product(FACETS, ends.items()):
            place = stage, number
            frontier = self._frontier(stage, number)
            at, since = self._standing.get(place, (None, now))
            if at != frontier.next or not (frontier.ahead or frontier.next < end):
                since = now
            self._standing[place] = frontier.next, since
            if now - since < PATIENCE_SECONDS or not self._has_read(place, read, since, now):
                continue
            # Without an answer beyond it, what the stage has acknowledged shows that it went past.
            passed = frontier.ahead[-1][1] if frontier.ahead else self._acknowledged.get(place, 0)
            self._passed[place] = passed
            for offset in islice(frontier.missing(passed), MAX_HOLES):
                yield Coordinates(self._topic_id, number, offset)

    def _is_hole(self, place: Coordinates) -> bool:
        return any(
            number == place.partition
            and place.offset < passed
            and not self._frontier(stage, number).has(place.offset)
            for (stage, number), passed in self._passed.items()
        )

    def _ask_again(self, one: Mend, producer: Any, now: float) -> bool:
        """Publish the record again, or find that there is nothing to answer; False if it is given up."""
        number, offset = one.place.partition, one.place.offset
        if self._reader is None:
            self._reader = broker.consumer(self._settings, fetch_max_wait_ms=50, max_poll_records=1)
        partition = TopicPartition(self._settings.stream_name(ARTICLES), number)
        record = broker.record_at(self._reader, partition, offset)
        if record is None:
            gone = offset < self._reader.beginning_offsets([partition])[partition]
            if gone:
                log.error("gives up on %s: retention has removed the record", _shown(one))
            else:
                log.info("nothing to answer at %s: the broker keeps no record there", _shown(one))
            self._store.want_no_more(one, close=True)
            return not gone
        if one.attempts >= MAX_ATTEMPTS:
            log.error("gives up on %s after %d attempts: a dead letter says so", _shown(one), one.attempts)
            for stage in self._missing(one):
                self._send_letter(_letter(stage, one, record), record, producer)
            self._store.want_no_more(one, close=True)
            return False
        self._store.count_attempt(one)
        log.warning("publishes %s again, attempt %d", _shown(one), one.attempts + 1)
        headers = [(name, value) for name, value in record.headers if name != MENDS]
        copy = producer.send(
            record.topic,
            key=record.key,
            # kafka-python sends no record without a key and a value; an empty one is as little an article.
            value=b"" if record.key is None and record.value is None else record.value,
            headers=[*headers, (MENDS, f"{number}:{offset}".encode())],
            partition=number,
            timestamp_ms=record.timestamp,
        ).get(timeout=CONFIRM_SECONDS)
        wait = PATIENCE_SECONDS * BACKOFF[one.why] ** one.attempts
        asked = one._replace(attempts=one.attempts + 1)
        self._due[asked], self._copies[asked] = now + wait, copy.offset
        return True

    def _was_in_vain(self, one: Mend, read: Mapping[Place, int], now: float) -> bool:
        """Whether every stage that was asked has gone past the last copy, and all it said is read.

        A copy waits behind all that was published before it: a stage that is behind hasn't failed yet.
        """
        if not one.attempts:
            return True
        self._ask_at_times(now)
        places = [(stage, one.place.partition) for stage in self._missing(one)]
        return all(
            self._acknowledged.get(place, 0) > self._copies[one] and read.get(place, 0) >= self._ends[place]
            for place in places
        )

    def _missing(self, one: Mend) -> list[Stage]:
        """The stages that have not answered it as they should."""
        if one.why == "registry":
            return ["sentiment"]
        number, offset = one.place.partition, one.place.offset
        return [stage for stage in FACETS if not self._frontier(stage, number).has(offset)]

    def _send_letter(self, letter: DeadLetter, record: Any, producer: Any) -> None:
        assert letter.original is not None
        kept = letter.original.kept
        producer.send(
            self._settings.stream_name(DEAD_LETTERS),
            key=kept.key,
            value=kept.value,
            headers=dead_letter_headers(letter, from_milliseconds(record.timestamp)),
            partition=record.partition,
        ).get(timeout=CONFIRM_SECONDS)

    def _first_due(self, one: Mend, now: float) -> float:
        """A hole has stood for a while already; registries that differ may agree in a moment."""
        return now if one.why == "hole" and not one.attempts else now + PATIENCE_SECONDS

    def _frontier(self, stage: Stage, number: int) -> Frontier:
        return self._store.answered.get((stage, self._topic_id, number), Answered()).frontier

    def _has_read(self, place: Place, read: Mapping[Place, int], since: float, now: float) -> bool:
        """Whether the sink has read all that lay on the facet partition while the hole stood there already.

        A sink that is behind would else take for a hole what it has not come to.
        """
        self._ask_at_times(now)
        return since <= self._asked_at and read.get(place, 0) >= self._ends[place]

    def _ask_at_times(self, now: float) -> None:
        if now - self._asked_at >= PATIENCE_SECONDS:
            self._ask(now)

    def _ask(self, now: float) -> None:
        """What each stage's group has acknowledged, and only then where its facets end.

        A stage acknowledges what is delivered: its answers to all of it lie before those ends.
        """
        self._acknowledged = {
            (stage, number): offset
            for stage in FACETS
            for number, offset in broker.acknowledged(self._settings, stage).items()
        }
        places = {
            TopicPartition(self._settings.stream_name(FACET_STREAMS[stage]), number): (stage, number)
            for stage, number in self._standing
        }
        ends = broker.true_ends(self._settings, places)
        self._ends = {places[partition]: end for partition, end in ends.items()}
        self._asked_at = now


def _letter(stage: Stage, one: Mend, record: Any) -> DeadLetter:
    original = Original(record.key, record.value)
    reason = {
        "hole": f"{stage} has not answered it, though it was published {MAX_ATTEMPTS} times more",
        "registry": "its actors and its tone are read by different registries of actors",
    }[one.why]
    return DeadLetter(
        stage=stage,
        source=one.place,
        stream=record.topic,
        reason=reason,
        error="Unanswered" if one.why == "hole" else "RegistriesDiffer",
        article=None,
        redrive=read_redrive(record.headers),
        fingerprint=original.fingerprint,
        original=original,
    )


def _shown(one: Mend) -> str:
    place = f"partition {one.place.partition} offset {one.place.offset}"
    return f"{place} (a stage has not answered it)" if one.why == "hole" else f"{place} (registries differ)"
