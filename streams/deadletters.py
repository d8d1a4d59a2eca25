"""Reading the stream of dead letters, and redriving: the bytes go on the article stream once more."""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from kafka import TopicPartition
from kafka.errors import KafkaError, MessageSizeTooLargeError

from streams import broker
from streams.core.deadletter import (
    MAX_REDRIVES,
    DeadLetter,
    Foreign,
    Original,
    Redrive,
    next_redrive,
    read_record,
    redrive_headers,
    redriven_headers,
)
from streams.core.deadletters import Listed, Place, Written, in_order
from streams.core.errors import BrokerUnavailable, OriginalGone
from streams.core.instants import from_milliseconds, milliseconds
from streams.settings import Settings
from streams.topology import ARTICLES, DEAD_LETTERS

IN_FLIGHT = 100
"""How many are redriven at once without a rate. If this process dies between the article and the record
that tells of it, so many may be redriven twice: no harm, since an article counts once."""
CONFIRM_SECONDS = 60
MAX_REQUEST_BYTES = 32 * 1024 * 1024
"""Beyond any limit that a broker sets: it is the broker that says what is too large."""

log = logging.getLogger(__name__)


class Ready(NamedTuple):
    """A letter that may be redriven, with its bytes."""

    listed: Listed
    original: Original


class Refused(NamedTuple):
    """A letter that isn't redriven, and why."""

    listed: Listed
    reason: str


def read(settings: Settings, *, with_bytes: bool = False) -> list[Listed]:
    """All dead letters, newest last; their bytes only if asked for, since they may be many.

    A record that is none is logged and passed over. Raises BrokerUnavailable or StreamsMismatch.
    """
    found: list[Written] = []
    redriven: set[str] = set()
    for record in broker.read_to_end(settings, DEAD_LETTERS):
        match read_record(record.key, record.value, record.headers):
            case DeadLetter() as letter:
                kept = letter if with_bytes else replace(letter, original=None)
                place = Place(record.partition, record.offset)
                found.append(Written(kept, place, from_milliseconds(record.timestamp)))
            case Redrive(identity=identity):
                redriven.add(identity)
            case Foreign(reason):
                log.warning(
                    "no dead letter: %s[%d]@%d: %s", record.topic, record.partition, record.offset, reason
                )
    return in_order(found, redriven)


def originals(
    settings: Settings, chosen: Collection[Listed]
) -> Iterator[tuple[Listed, Original | OriginalGone]]:
    """The bytes of each letter, from the letter or, if they were too large for it, from its record."""
    wanted = {listed.written.place: listed for listed in chosen}
    for record in broker.read_to_end(settings, DEAD_LETTERS):
        listed = wanted.pop(Place(record.partition, record.offset), None)
        if listed is not None:
            found = read_record(record.key, record.value, record.headers)
            kept = found.original if isinstance(found, DeadLetter) else None
            yield listed, kept or _at_source(settings, listed.letter)
        if not wanted:
            return
    for listed in wanted.values():
        yield listed, OriginalGone("the letter itself isn't there any more")


def ready(settings: Settings, chosen: Collection[Listed]) -> Iterator[Ready | Refused]:
    """What a redrive would do with each letter, without doing it."""
    allowed = []
    for listed in chosen:
        if reason := _refusal(listed):
            yield Refused(listed, reason)
        else:
            allowed.append(listed)
    for listed, original in originals(settings, allowed) if allowed else ():
        if isinstance(original, OriginalGone):
            yield Refused(listed, str(original))
        elif original == (None, None):
            yield Refused(listed, "its record has neither a key nor a value: there is nothing to send")
        else:
            yield Ready(listed, original)


def redrive(
    settings: Settings,
    chosen: Collection[Listed],
    *,
    clock: Callable[[], datetime],
    per_second: float | None = None,
) -> Iterator[Listed | Refused]:
    """Put the letters' bytes on the article stream once more; yields each that the broker has confirmed.

    Beside each letter a record then says so. Raises BrokerUnavailable if the broker goes away: what was
    yielded by then is redriven.
    """
    size = 1 if per_second else IN_FLIGHT
    due = time.monotonic()
    batch: list[Ready] = []
    with _sender(settings, clock) as send:
        for found in ready(settings, chosen):
            if isinstance(found, Refused):
                yield found
                continue
            batch.append(found)
            if len(batch) >= size:
                if per_second:
                    time.sleep(max(0.0, due - time.monotonic()))
                    due = time.monotonic() + 1 / per_second
                yield from send(batch)
                batch = []
        yield from send(batch)


def _refusal(listed: Listed) -> str | None:
    if listed.state == "redriven":
        return "it was redriven already: if it failed again, a newer letter says so"
    if listed.letter.attempts >= MAX_REDRIVES:
        return f"it was redriven {MAX_REDRIVES} times: mend the article, and publish it anew"
    return None


def _at_source(settings: Settings, letter: DeadLetter) -> Original | OriginalGone:
    gone = OriginalGone(
        f"its {letter.fingerprint.value_bytes:,} bytes were too large to keep,"
        f" and its record isn't on {letter.stream} any more"
    )
    if broker.topic_ids(settings, [ARTICLES])[ARTICLES.name] != letter.source.topic_id:
        return gone
    number, offset = letter.source.partition, letter.source.offset
    partition = TopicPartition(settings.stream_name(ARTICLES), number)
    if (
        number >= broker.partition_count(settings, ARTICLES)
        or offset >= broker.true_ends(settings, [partition])[partition]
    ):
        return gone  # nobody's letter but a forged one; to ask the broker for it might take long
    with closing(broker.consumer(settings, fetch_max_wait_ms=50, max_poll_records=1)) as reader:
        record = broker.record_at(reader, partition, offset)
    if record is None:
        return gone
    original = Original(record.key, record.value)
    return original if original.fingerprint == letter.fingerprint else gone


@contextmanager
def _sender(
    settings: Settings, clock: Callable[[], datetime]
) -> Iterator[Callable[[Iterable[Ready]], Iterator[Listed | Refused]]]:
    partitions = broker.partition_count(settings, ARTICLES)
    producer = broker.producer(settings, max_request_size=MAX_REQUEST_BYTES)

    def send_article(found: Ready) -> Any:
        now = clock()
        number = found.listed.letter.source.partition
        return producer.send(
            settings.stream_name(ARTICLES),
            key=found.original.key,
            value=found.original.value,
            headers=redrive_headers(next_redrive(found.listed.letter), now),
            partition=number if number < partitions else None,  # where the article's other versions are
            timestamp_ms=milliseconds(now),
        )

    def send_mark(found: Ready) -> Any:
        now = clock()
        return producer.send(
            settings.stream_name(DEAD_LETTERS),
            key=found.original.key,
            # kafka-python sends no record that has neither key nor value.
            value=None if found.original.key is not None else b"",
            headers=redriven_headers(next_redrive(found.listed.letter), now),
            partition=found.listed.written.place.partition,
            timestamp_ms=milliseconds(now),
        )

    def send(batch: Iterable[Ready]) -> Iterator[Listed | Refused]:
        marks = []
        for found, future in [(found, send_article(found)) for found in batch]:
            try:
                future.get(timeout=CONFIRM_SECONDS)
            except MessageSizeTooLargeError as error:
                yield Refused(found.listed, f"the broker takes no record of its size: {error}")
            else:
                marks.append((found.listed, send_mark(found)))
        for listed, future in marks:
            future.get(timeout=CONFIRM_SECONDS)
            yield listed

    try:
        yield send
    except KafkaError as error:
        raise BrokerUnavailable(
            f"the broker at {settings.bootstrap} didn't confirm a redrive ({error}): redrive again when it"
            " answers; what is counted above is done"
        ) from error
    finally:
        producer.close(timeout=CONFIRM_SECONDS)
