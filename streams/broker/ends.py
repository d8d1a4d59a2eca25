"""Where streams begin and end, and how far the stages' groups have acknowledged them."""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorError,
)

from streams.broker.clients import admin, consumer
from streams.broker.layout import describe
from streams.core.errors import BrokerUnavailable
from streams.core.facets import Stage
from streams.settings import Settings
from streams.topology import Stream

ANSWER_TIMEOUT_MS = 4_000
"""Less than a stand-by's patience: a sink that waits for the broker must go on to renew its lease."""
ANSWER_SECONDS = 10.0
"""How long a broker that is there may take to say where each partition ends."""
LAST_RECORD_SECONDS = 1.0


def log_ends(reader: KafkaConsumer, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
    """The offset after the last record of each partition, as far as the broker knows it.

    Raises KafkaTimeoutError if it doesn't answer.
    """
    ends: dict[TopicPartition, int] = reader.end_offsets(list(partitions), timeout_ms=ANSWER_TIMEOUT_MS)
    return ends


def true_ends(settings: Settings, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
    """The offset after the last record of each partition, as a fetch tells it.

    The embedded broker answers the plain question with an older offset; its fetches are right.
    """
    wanted = list(partitions)
    with closing(consumer(settings, fetch_max_wait_ms=50)) as reader:
        reader.assign(wanted)
        return _fetched_ends(reader, wanted, settings)


class Extent(NamedTuple):
    """What a partition holds: the offsets [start, end), and its last record if it can be read at once."""

    start: int
    end: int
    last: Any | None


def extents(settings: Settings, streams: Sequence[Stream]) -> dict[Stream, dict[int, Extent]]:
    """What each partition of these streams holds. Raises BrokerUnavailable if the broker doesn't tell."""
    found = describe(settings)
    places = {
        TopicPartition(settings.stream_name(stream), number): stream
        for stream in streams
        if (topic := found.get(settings.stream_name(stream)))
        for number in range(len(topic["partitions"]))
    }
    held: dict[Stream, dict[int, Extent]] = {stream: {} for stream in streams}
    if not places:
        return held
    with closing(consumer(settings, fetch_max_wait_ms=50)) as reader:
        reader.assign(list(places))
        try:
            starts = reader.beginning_offsets(list(places))
            ends = _fetched_ends(reader, list(places), settings)
            last = _last_records(reader, {p: end for p, end in ends.items() if end > starts[p]})
        except KafkaError as error:
            raise BrokerUnavailable(f"the broker at {settings.bootstrap} failed: {error}") from error
    for place, stream in places.items():
        held[stream][place.partition] = Extent(starts[place], ends[place], last.get(place))
    return held


def _fetched_ends(
    reader: KafkaConsumer, wanted: Sequence[TopicPartition], settings: Settings
) -> dict[TopicPartition, int]:
    ends: dict[TopicPartition, int] = {}
    deadline = time.monotonic() + ANSWER_SECONDS
    reader.seek_to_end(*wanted)
    while len(ends) < len(wanted):
        reader.poll(timeout_ms=100)
        known = {partition: reader.highwater(partition) for partition in wanted}
        ends |= {partition: high for partition, high in known.items() if high is not None}
        if len(ends) < len(wanted) and time.monotonic() > deadline:
            silent = ", ".join(f"{p.topic}[{p.partition}]" for p in wanted if p not in ends)
            raise BrokerUnavailable(f"the broker at {settings.bootstrap} doesn't serve {silent}")
    return ends


def _last_records(reader: KafkaConsumer, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, Any]:
    if not ends:
        return {}
    # The last offset may hold a transaction's marker, or be compacted away: then nothing comes.
    deadline = time.monotonic() + LAST_RECORD_SECONDS
    reader.assign(list(ends))
    for partition, end in ends.items():
        reader.seek(partition, end - 1)
    found: dict[TopicPartition, Any] = {}
    while len(found) < len(ends) and time.monotonic() < deadline:
        for partition, records in reader.poll(timeout_ms=100).items():
            found[partition] = records[-1]
    return found


def acknowledged(settings: Settings, stage: Stage) -> dict[int, int]:
    """Up to which offset of each partition of the articles a stage's workers have acknowledged them.

    Nothing is known while the broker has nobody to ask about the group, as in its first seconds.
    """
    group = settings.group_name(stage)
    with admin(settings) as client:
        try:
            found = client.list_group_offsets([group])[group]
        except (CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError):
            return {}
    return {partition.partition: known.offset for partition, known in found.items() if known.offset >= 0}
