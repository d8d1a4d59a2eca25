"""Reading news.alerts at the start: what was told goes before what a new or old store believes."""

import logging
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from typing import Any

from kafka import TopicPartition

from streams import broker
from streams.core.alert import Alert
from streams.core.errors import InvalidMessage
from streams.settings import Settings
from streams.store.store import Store
from streams.topology import ALERTS

POLL_MS = 200

log = logging.getLogger(__name__)


def take_over(settings: Settings, store: Store, topic_id: str, count: int, *, now: datetime) -> None:
    """Read the log of alerts from where `store` last knew it to its end, and believe what is new.

    The store must follow the log's partitions. A log that it has never read is told what only the
    store knows.
    """
    positions = {
        TopicPartition(settings.stream_name(ALERTS), number): (topic_id, number) for number in range(count)
    }
    is_new = not any(store.offsets[position] for position in positions.values())
    ends = broker.true_ends(settings, positions)
    seen: set[str] = set()
    believed = 0
    # From the first record that is left where the log was compacted or cut.
    with closing(broker.consumer(settings, auto_offset_reset="earliest")) as consumer:
        consumer.assign(list(positions))
        for partition, position in positions.items():
            consumer.seek(partition, store.offsets[position])
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            records = [record for batch in consumer.poll(timeout_ms=POLL_MS).values() for record in batch]
            alerts = list(_alerts(records))
            seen |= {alert.id for alert in alerts}
            moves = {position: consumer.position(partition) for partition, position in positions.items()}
            believed += store.take_over(alerts, moves)
    told = store.begin(told=seen if is_new else None, now=now)
    if believed or told:
        log.info("took over %d alerts from %s, which lacked %d", believed, settings.stream_name(ALERTS), told)


def _alerts(records: Iterable[Any]) -> Iterable[Alert]:
    for record in records:
        try:
            yield Alert.from_json(record.value)
        except InvalidMessage as error:  # somebody else wrote it
            log.warning("no alert: %s[%d]@%d: %s", *record[:3], error)
