"""kafka-python's clients over plain lists: what stands below the edge where no process and no socket is.

Only what Summitry asks of them: records have offsets within their partition, a consumer reads each of its
partitions in order, what is sent is there at once. Nothing is ever away, compacted or cut.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple
from zlib import crc32

import pytest
from kafka import TopicPartition

from streams.broker import clients
from streams.settings import Settings
from streams.topology import STREAMS, Stream


class Record(NamedTuple):
    """As kafka-python shows it to a consumer."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    timestamp: int


class MemoryBroker:
    """Every stream, with `partitions` each."""

    def __init__(self, settings: Settings, partitions: int, milliseconds: Callable[[], int]) -> None:
        self.settings = settings
        self.partitions = partitions
        self.milliseconds = milliseconds
        self.logs: dict[TopicPartition, list[Record]] = defaultdict(list)
        self.acknowledged: dict[str, dict[TopicPartition, int]] = defaultdict(dict)
        """What a group has acknowledged."""
        self.at_most = 500
        """How many records a poll gives."""
        self.before_send: Callable[[str], None] = lambda _: None

    @contextmanager
    def served(self) -> Any:
        """Be the broker of this process."""
        with pytest.MonkeyPatch.context() as patch:
            for name, kind in {
                "KafkaConsumer": MemoryConsumer,
                "Producer": MemoryProducer,
                "KafkaAdminClient": MemoryAdmin,
            }.items():
                patch.setattr(clients, name, lambda kind=kind, **options: kind(self, options))
            yield

    def log(self, stream: Stream, partition: int) -> list[Record]:
        """The records of one partition."""
        return self.logs[TopicPartition(self.settings.stream_name(stream), partition)]

    def records(self, stream: Stream) -> list[Record]:
        """All records of a stream, a partition after the other."""
        return [record for number in range(self.partitions) for record in self.log(stream, number)]

    def append(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes | None,
        headers: Iterable[tuple[str, bytes]] = (),
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> Record:
        """Put a record at the end of a partition: its own, or the key's."""
        number = crc32(key or b"") % self.partitions if partition is None else partition
        log = self.logs[TopicPartition(topic, number)]
        at = self.milliseconds() if timestamp_ms is None else timestamp_ms
        log.append(Record(topic, number, len(log), key, value, list(headers), at))
        return log[-1]


class MemoryConsumer:
    """A consumer that assigns itself partitions."""

    def __init__(self, broker: MemoryBroker, options: Mapping[str, Any]) -> None:
        self._broker = broker
        self._most = options.get("max_poll_records", 500)
        self._positions: dict[TopicPartition, int] = {}

    def assign(self, partitions: Collection[TopicPartition]) -> None:
        """Read these partitions, from their beginnings."""
        self._positions = dict.fromkeys(partitions, 0)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on at this offset."""
        self._positions[partition] = offset

    def seek_to_end(self, *partitions: TopicPartition) -> None:
        """Go on at the ends."""
        self._positions |= self.end_offsets(partitions)

    def position(self, partition: TopicPartition) -> int:
        """The next offset."""
        return self._positions[partition]

    def highwater(self, partition: TopicPartition) -> int:
        """Where a partition ends."""
        return len(self._broker.logs[partition])

    def end_offsets(
        self, partitions: Iterable[TopicPartition], timeout_ms: int = 0
    ) -> dict[TopicPartition, int]:
        """Where partitions end."""
        return {partition: self.highwater(partition) for partition in partitions}

    def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Nothing is ever cut."""
        return dict.fromkeys(partitions, 0)

    def partitions_for_topic(self, _name: str) -> set[int]:
        """All streams have the same."""
        return set(range(self._broker.partitions))

    def poll(self, timeout_ms: int = 0) -> dict[TopicPartition, list[Record]]:
        """Records of one partition after the other; the one that was read goes behind the others."""
        found: dict[TopicPartition, list[Record]] = {}
        left = min(self._most, self._broker.at_most)
        for partition, position in list(self._positions.items()):
            if records := self._broker.logs[partition][position : position + left]:
                found[partition] = records
                left -= len(records)
                del self._positions[partition]
                self._positions[partition] = position + len(records)
        return found

    def commit_async(self, offsets: Mapping[TopicPartition, Any]) -> None:
        """For lag displays alone."""

    def close(self, autocommit: bool = False) -> None:
        """Nothing is held."""


class MemoryProducer:
    """A producer whose every send is confirmed at once."""

    def __init__(self, broker: MemoryBroker, _options: Mapping[str, Any]) -> None:
        self._broker = broker

    def send(self, topic: str, **record: Any) -> Any:
        """Append it; the answer is a future that is done."""
        self._broker.before_send(topic)
        sent = self._broker.append(topic, **record)
        return SimpleNamespace(get=lambda timeout: sent)

    def flush(self, timeout: float) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is held."""


class MemoryAdmin:
    """What is asked of the broker itself."""

    def __init__(self, broker: MemoryBroker, _options: Mapping[str, Any]) -> None:
        self._broker = broker

    def list_topics(self) -> list[str]:
        """Every stream is there."""
        return [self._broker.settings.stream_name(stream) for stream in STREAMS]

    def describe_topics(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """Their ids and partitions."""
        partitions = list(range(self._broker.partitions))
        return [{"name": name, "topic_id": f"id of {name}", "partitions": partitions} for name in names]

    def list_group_offsets(self, groups: Iterable[str]) -> dict[str, dict[TopicPartition, Any]]:
        """What groups have acknowledged."""
        return {
            group: {
                partition: SimpleNamespace(offset=offset)
                for partition, offset in self._broker.acknowledged[group].items()
            }
            for group in groups
        }

    def close(self) -> None:
        """Nothing is held."""
