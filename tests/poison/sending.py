"""Records put on a stream as no careful client does."""

from collections.abc import Iterable

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTimestampError

from poison.pills import Pill
from streams.settings import Settings
from streams.topology import ARTICLES

Place = tuple[int, int]
"""Partition and offset."""


async def send_raw(settings: Settings, wanted: Iterable[Pill]) -> dict[Place, Pill]:
    """Put pills on news.articles, and where each lies; one whose time stamp the broker refuses is left out."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap, max_batch_size=2**21, max_request_size=2**21
    )
    await producer.start()
    lie: dict[Place, Pill] = {}
    try:
        for number, pill in enumerate(wanted):
            # A batch by hand, since no client sends a record without a key and a value.
            batch = producer.create_batch()
            assert batch.append(key=pill.key, value=pill.value, timestamp=pill.sent_ms, headers=pill.headers)
            partition = number % settings.partitions
            sent = await producer.send_batch(batch, settings.stream_name(ARTICLES), partition=partition)
            try:
                lie[partition, (await sent).offset] = pill
            except InvalidTimestampError:
                assert abs(pill.sent_ms) > 10**14, pill
    finally:
        await producer.stop()
    return lie
