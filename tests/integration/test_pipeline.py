"""The whole way on a real broker: three Faust workers and the sink as processes of their own."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from conftest import NOW
from kafka import TopicPartition
from test_seeds import seeds

from streams import broker as brokers
from streams.backtest import backtest
from streams.core.alert import Alert
from streams.core.article import Article
from streams.enrich.registry import Registry
from streams.enrich.stage import Enrichment
from streams.replay import Running, differences, pipeline, run
from streams.rulebook import load_rules
from streams.settings import Settings
from streams.topology import ALERTS, ARTICLES, DEAD_LETTERS, Stream
from streams.watch import watch

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]

GARBAGE = [b"\xff\xfe\x00", None, b"[1, 2]", b'{"title": "no more"}', b"[" * 4000, b'{"id": "x", "id": 7}']


def send(settings: Settings, values: Sequence[bytes | None]) -> None:
    """Put raw values on news.articles, as a careless producer may."""
    producer = brokers.producer(settings)
    for value in values:
        producer.send(settings.stream_name(ARTICLES), key=b"k", value=value).get(timeout=10)
    producer.close()


def read_all(settings: Settings, stream: Stream) -> list[Any]:
    """Every record of a stream."""
    count = brokers.partition_count(settings, stream)
    partitions = [TopicPartition(settings.stream_name(stream), number) for number in range(count)]
    ends = brokers.true_ends(settings, partitions)
    consumer = brokers.consumer(settings)
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    found: list[Any] = []
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        found += [record for batch in consumer.poll(timeout_ms=100).values() for record in batch]
    consumer.close()
    return found


def greatest(settings: Settings) -> dict[str, Alert]:
    """What a subscriber knows who keeps the greatest revision of each alert."""
    kept: dict[str, Alert] = {}
    for alert in watch(settings, from_beginning=True, until_end=True):
        if alert.id not in kept or alert.order > kept[alert.id].order:
            kept[alert.id] = alert
    return kept


def finish(running: Running, articles: Sequence[Article], **options: Any) -> list[Alert]:
    """Run to the end, and check that the subscriber's view is the table's."""
    live = run(running, articles, clock=lambda: NOW, timeout_seconds=100, **options)
    assert {alert.id: alert for alert in live} == greatest(running.settings)
    return live


@pytest.fixture
def expected(stages: list[Enrichment], registry: Registry) -> list[Alert]:
    """What the oracle computes from the seeds."""
    return list(backtest(seeds(), load_rules(None, registry), stages, now=NOW))


def test_the_seeds_equal_the_backtest(broker: Settings, expected: list[Alert]) -> None:
    """Twice published and shuffled, in three partitions, beside garbage that is dead-lettered."""
    articles = seeds() * 2
    random.Random(3).shuffle(articles)
    with pipeline(broker) as running:
        send(running.settings, GARBAGE)
        assert differences(finish(running, articles), expected) == []
        letters = read_all(running.settings, DEAD_LETTERS)
    assert sorted(map(repr, GARBAGE)) == sorted(repr(letter.value) for letter in letters)
    for letter in letters:
        headers = dict(letter.headers)
        assert (headers["__connect.errors.stage"], letter.key) == (b"entities", b"k")
        assert headers["__connect.errors.exception.message"]


def test_one_partition_is_enough(broker: Settings, expected: list[Alert]) -> None:
    """The number of partitions changes nothing."""
    with pipeline(broker.model_copy(update={"partitions": 1})) as running:
        assert differences(finish(running, seeds()), expected) == []


def test_killed_processes_lose_nothing(broker: Settings, expected: list[Alert]) -> None:
    """SIGKILL for a worker and for the sink in mid-stream: both come back and finish the work."""
    with pipeline(broker) as running:
        victims = {child.name: child for child in running.supervisor.children}

        def kill(done: int, of: int) -> None:
            for name in ("entities", "sink"):
                if 0 < done < of and name in victims and victims[name].process is not None:
                    victims.pop(name).process.kill()  # type: ignore[union-attr]

        live = finish(running, seeds(), on_progress=kill)
        assert differences(live, expected) == []
        assert victims.keys() == {"sentiment", "topics"}
        assert brokers.partition_count(running.settings, ALERTS) == 3
