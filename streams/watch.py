"""Watching: revisions of alerts as they are told."""

import logging
from collections.abc import Iterator
from contextlib import closing

from kafka import TopicPartition

from streams import broker
from streams.core.alert import Alert
from streams.core.errors import InvalidMessage
from streams.settings import Settings
from streams.topology import ALERTS

POLL_MS = 500

log = logging.getLogger(__name__)


def watch(settings: Settings, *, from_beginning: bool = False) -> Iterator[Alert]:
    """Every revision on news.alerts from now on, or from the beginning; a message may come twice.

    A message that is no alert is logged and passed over. Raises BrokerUnavailable or StreamsMismatch.
    """
    count = broker.partition_count(settings, ALERTS)
    partitions = [TopicPartition(settings.stream_name(ALERTS), number) for number in range(count)]
    with closing(broker.consumer(settings, fetch_max_wait_ms=100)) as consumer:
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        if not from_beginning:
            for partition, end in broker.true_ends(settings, partitions).items():
                consumer.seek(partition, end)
        while True:
            for batch in consumer.poll(timeout_ms=POLL_MS).values():
                for record in batch:
                    try:
                        yield Alert.from_json(record.value)
                    except InvalidMessage as error:  # somebody else wrote it: the alerts go on
                        place = record.topic, record.partition, record.offset
                        log.warning("no alert: %s[%d]@%d: %s", *place, error)
