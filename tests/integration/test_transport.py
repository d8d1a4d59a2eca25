"""What Faust's transport is made to do for us, on a real broker."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import faust
import pytest
from aiokafka.errors import IllegalStateError
from conftest import NOW
from faust.types import TP
from test_seeds import seeds

from streams import broker
from streams.enrich.stage import Enrichment
from streams.publish import publish
from streams.settings import Settings
from streams.worker.app import build
from streams.worker.report import Report

pytestmark = pytest.mark.broker

SECONDS = 30

Result = TypeVar("Result")


def test_what_was_fetched_before_anything_is_committed_is_fetched_again(app: faust.App) -> None:
    """A rebalance throws away what was fetched: of a partition that is new to its group, too."""

    async def fetched_twice() -> tuple[list[int], list[int]]:
        async with _consumer(app) as consumer:
            consumer.resume_flow()
            first = await _fetch(consumer)
            await consumer.perform_seek()
            return first, await _fetch(consumer)

    assert _run(fetched_twice()) == ([0, 1, 2], [0, 1, 2])


def test_a_rebalance_does_not_end_while_another_has_begun(app: faust.App) -> None:
    """Faust resumes after the seek; in the midst of another rebalance that would lose what is fetched."""

    async def overtaken() -> None:
        async with _consumer(app) as consumer:
            seeking = asyncio.create_task(consumer.perform_seek())
            await asyncio.sleep(0)  # it asks for what is committed
            app.on_rebalance_start()
            await seeking

    with pytest.raises(IllegalStateError, match="another rebalance"):
        _run(overtaken())


@pytest.fixture
def app(kafka: Settings, stages: list[Enrichment]) -> Iterator[faust.App]:
    """A worker's app that isn't started, for streams of its own with three articles in one partition."""
    settings = kafka.model_copy(update={"prefix": f"seek-{secrets.token_hex(4)}.", "partitions": 1})
    broker.apply_streams(settings, for_good=True)
    for _ in publish(seeds()[:3], settings, clock=lambda: NOW):
        pass
    yield build(settings, stages[0], articles_id="", folder="", report=Report(stages[0].name))
    broker.delete_streams(settings)


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(asyncio.wait_for(work, SECONDS))


@asynccontextmanager
async def _consumer(app: faust.App) -> AsyncIterator[Any]:
    """The app's consumer, with its partition assigned and nothing fetched."""
    assigned = asyncio.Event()

    async def on_message(_message: Any) -> None:
        """Nothing: the test fetches."""

    async def on_assigned(_partitions: set[TP], _generation: int = 0) -> None:
        assigned.set()

    async def on_revoked(_partitions: set[TP]) -> None:
        """Nothing to put down."""

    consumer = app.transport.create_consumer(
        on_message, on_partitions_revoked=on_revoked, on_partitions_assigned=on_assigned
    )
    (stream,) = next(iter(app.agents.values())).channel.topics
    async with consumer:
        await consumer.subscribe([stream])
        await assigned.wait()
        consumer.resume_partitions(consumer.assignment())
        yield consumer


async def _fetch(consumer: Any) -> list[int]:
    while True:
        if found := [message.offset async for _, message in consumer.getmany(timeout=1.0)]:
            return found
