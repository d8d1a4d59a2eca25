"""What a stage has passed by shows as a hole, and is mended by publishing the record once more."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from conftest import Stack
from kafka import TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata
from scenario import finish, read_all, wait_until
from test_seeds import seeds

from streams import broker
from streams.core.alert import Alert
from streams.core.headers import MENDS, source_coordinates
from streams.processes import pipeline_child
from streams.replay import Running, differences, pipeline
from streams.topology import ARTICLES, FACET_STREAMS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(170)]


def acknowledge(running: Running, offsets: Mapping[int, int]) -> None:
    """Acknowledge articles for the entities stage that it has never seen, as a faulty worker would."""
    settings = running.settings
    consumer = broker.consumer(settings, group_id=settings.group_name("entities"))
    partitions = {
        TopicPartition(settings.stream_name(ARTICLES), number): OffsetAndMetadata(offset, "", -1)
        for number, offset in offsets.items()
    }
    consumer.assign(list(partitions))

    def done() -> bool:  # refused for as long as the group believes that the worker that left is there
        with suppress(KafkaError):
            consumer.commit(partitions)
        return broker.acknowledged(settings, "entities") == offsets

    wait_until(done, 30, "the acknowledgement of articles that weren't read")
    consumer.close(autocommit=False)


def repairs(records: Iterable[Any]) -> dict[tuple[int, int], Any]:
    """The records that say they mend another, by the partition and offset of that."""
    found = {}
    for record in records:
        if (mends := dict(record.headers).get(MENDS)) is not None:
            number, offset = map(int, mends.decode().split(":"))
            found[number, offset] = record
    return found


def test_articles_that_a_stage_has_passed_by_are_read_after_all(stack: Stack, expected: list[Alert]) -> None:
    """At the start of a partition, where later answers show the hole, and to the end of another.

    There only the stage's acknowledgement shows it.
    """
    lost: dict[int, int] = {}
    with pipeline(stack.broker, store=stack.store) as running:
        running.supervisor.stop(lambda child: child.name == "entities")

        def lose(_done: int, of: int) -> None:
            if not lost:
                articles = read_all(running.settings, ARTICLES)
                assert of == 3 * len(articles)
                lost.update({0: 2, 1: sum(one.partition == 1 for one in articles)})
                acknowledge(running, lost)
                running.supervisor.start(pipeline_child("entities", running.settings))

        assert differences(finish(running, seeds(), on_progress=lose), expected) == []

        articles = read_all(running.settings, ARTICLES)
        originals = {(one.partition, one.offset): one for one in articles}
        again = repairs(articles)
        assert {(number, offset) for number, count in lost.items() for offset in range(count)} == again.keys()
        for place, one in again.items():
            same = originals[place]
            assert (one.partition, one.key, one.value, one.timestamp) == (
                same.partition,
                same.key,
                same.value,
                same.timestamp,
            )
        answers = repairs(read_all(running.settings, FACET_STREAMS["topics"]))
        assert {source_coordinates(one.headers)[1:] for one in answers.values()} == {
            (one.partition, one.offset) for one in again.values()
        }
