"""What Faust's transport is made to do for us, on a real broker."""

import asyncio
import secrets
from typing import Any

import faust
import pytest
from conftest import NOW
from faust.types import TP
from test_seeds import seeds

from streams import broker
from streams.enrich.stage import Enrichment
from streams.publish import publish
from streams.settings import Settings
from streams.topology import ARTICLES
from streams.worker.app import build
from streams.worker.report import Report

pytestmark = pytest.mark.broker

SECONDS = 30


def test_what_was_fetched_before_anything_is_committed_is_fetched_again(
    kafka: Settings, stages: list[Enrichment]
) -> None:
    """A rebalance throws away what was fetched: of a partition that is new to its group, too."""
    settings = kafka.model_copy(update={"prefix": f"seek-{secrets.token_hex(4)}.", "partitions": 1})
    broker.apply_streams(settings, for_good=True)
    for _ in publish(seeds()[:3], settings, clock=lambda: NOW):
        pass
    app = build(settings, stages[0], articles_id="", folder="", report=Report(stages[0].name))
    assert asyncio.run(asyncio.wait_for(_fetched_twice(app, settings), SECONDS)) == ([0, 1, 2], [0, 1, 2])
    broker.delete_streams(settings)


async def _fetched_twice(app: faust.App, settings: Settings) -> tuple[list[int], list[int]]:
    """The offsets that are fetched first, and those after the seek that ends a rebalance."""
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
    async with consumer:
        await consumer.subscribe([settings.stream_name(ARTICLES)])
        await assigned.wait()
        consumer.resume_partitions(consumer.assignment())
        consumer.resume_flow()
        first = await _fetch(consumer)
        await consumer.perform_seek()
        return first, await _fetch(consumer)


async def _fetch(consumer: Any) -> list[int]:
    while True:
        if found := [message.offset async for _, message in consumer.getmany(timeout=1.0)]:
            return found
