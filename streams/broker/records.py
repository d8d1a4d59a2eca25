"""Reading records: all that a stream holds now, or the one at an offset."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import OffsetOutOfRangeError

from streams.broker.clients import consumer
from streams.broker.ends import ANSWER_SECONDS, true_ends
from streams.broker.layout import partition_count
from streams.core.errors import BrokerUnavailable
from streams.settings import Settings
from streams.topology import Stream

SILENT_SECONDS = 30.0
"""How long a broker may take to go on with a stream that it hasn't told the end of."""


def read_to_end(settings: Settings, stream: Stream) -> Iterator[Any]:
    """Every record that the stream holds now, those of a partition in order.

    Raises StreamsMismatch if the stream isn't there, BrokerUnavailable if the broker falls silent.
    """
    name = settings.stream_name(stream)
    partitions = [TopicPartition(name, number) for number in range(partition_count(settings, stream))]
    ends = true_ends(settings, partitions)
    with closing(consumer(settings, fetch_max_wait_ms=50)) as reader:
        reader.assign(partitions)
        reader.seek_to_beginning(*partitions)
        deadline = time.monotonic() + SILENT_SECONDS
        while any(reader.position(partition) < ends[partition] for partition in partitions):
            for partition, records in reader.poll(timeout_ms=100).items():
                yield from (record for record in records if record.offset < ends[partition])
                deadline = time.monotonic() + SILENT_SECONDS
            if time.monotonic() > deadline:
                raise BrokerUnavailable(f"the broker at {settings.bootstrap} doesn't go on with {name}")


def record_at(reader: KafkaConsumer, partition: TopicPartition, offset: int) -> Any | None:
    """The record at this offset, by a consumer of its own; None if the broker keeps none there.

    Raises BrokerUnavailable if the broker falls silent.
    """
    reader.assign([partition])
    reader.seek(partition, offset)
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        try:
            found = reader.poll(timeout_ms=100).get(partition)
        except OffsetOutOfRangeError:
            return None
        if found:
            return found[0] if found[0].offset == offset else None
        if reader.position(partition) != offset:
            return None  # only the broker's own records lie there
    raise BrokerUnavailable(f"the broker doesn't give {partition.topic}[{partition.partition}]@{offset}")
