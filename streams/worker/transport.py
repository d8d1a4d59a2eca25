"""Faust's Kafka transport, with five habits changed: three that cost time, and two that lose records."""

import logging
from typing import Any

from aiokafka.errors import IllegalStateError
from faust.transport.drivers import aiokafka

from streams.broker import FETCH_BYTES, FETCH_WAIT_MS

ANSWER_MS = 20_000
"""How long a broker may take to answer what the producer asks, before it is asked again. Faust waits for 20
minutes, since it gives up what isn't delivered after the same time."""

log = logging.getLogger(__name__)


class ConsumerThread(aiokafka.AIOKafkaConsumerThread):
    """Fetches in groups without waiting long: Faust waits 1,500 ms, and some brokers take it at its word."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Read when the consumer starts; Faust has no setting for it.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        consumer._fetch_min_bytes = FETCH_BYTES  # noqa: SLF001
        return consumer


class Consumer(aiokafka.Consumer):
    """Hands each record over without two tasks for it, unless a rebalance may interrupt that."""

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def wait_first(self, *waits: Any, timeout: Any = None) -> Any:  # noqa: ASYNC109 - Faust names it
        """Faust's, but where a record is raced against a suspension that can't come, only await it."""
        if len(waits) == 2 and timeout is None and self.flow_active and self.app.flow_control.is_active():
            record, suspended = waits
            suspended.close()
            return await record
        return await super().wait_first(*waits, timeout=timeout)

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """Faust's, which takes for acknowledged what did not come; the log then explains the audit's work."""
        place = f"{tp.topic} partition {tp.partition}"
        log.info("%s: offset %d comes where %d was expected", place, offset_to, offset_from)
        await super()._add_gap(tp, offset_from, offset_to)

    async def perform_seek(self) -> None:
        """Faust's, and back to the beginning where nothing is committed yet; not past another rebalance.

        A rebalance throws away what was fetched or buffered and goes back to what is committed. Faust
        leaves a partition of which nothing is where the fetching had come to: what it threw away is lost.

        If another rebalance has begun by now, going on is that one's to decide. Faust would resume for this
        one in the midst of it, throw away what is fetched then, and take it for acknowledged.
        """
        rebalance = self.app.rebalancing_count
        await super().perform_seek()
        uncommitted = aiokafka.ensure_aiokafka_TPset(
            one for one in self.assignment() if not self._read_offset[one]
        )
        if uncommitted:
            await self._thread.seek_to_beginning(*uncommitted)
        if self.app.rebalancing_count != rebalance:
            raise IllegalStateError("another rebalance has begun")


class Producer(aiokafka.Producer):
    """Asks again where no answer comes, for as long as Faust's waits for one."""

    def _new_producer(self, transactional_id: str | None = None) -> Any:
        producer = super()._new_producer(transactional_id)
        producer.client._request_timeout_ms = ANSWER_MS  # noqa: SLF001  its setting is for both times
        producer._sender._request_timeout_ms = ANSWER_MS  # noqa: SLF001
        return producer


class Transport(aiokafka.Transport):
    """Kafka, by the consumer and the producer above."""

    Consumer = Consumer
    Producer = Producer
