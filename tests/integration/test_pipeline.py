"""The whole way on a real broker: three Faust workers and the sink as processes of their own."""

import random

import pytest
from conftest import Stack
from kafka import TopicPartition
from scenario import finish, read_all, send, wait_until
from test_seeds import seeds

from streams import broker
from streams.core.alert import Alert
from streams.replay import Running, differences, pipeline
from streams.topology import ALERTS, DEAD_LETTERS, FACET_STREAMS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]

GARBAGE = [b"\xff\xfe\x00", None, b"[1, 2]", b'{"title": "no more"}', b"[" * 4000, b'{"id": "x", "id": 7}']


def shown_lag(running: Running) -> int:
    """How far the sink lags in the eyes of whoever asks the broker; 0 is rest."""
    settings = running.settings
    group = f"{settings.prefix}summitry-sink"
    partitions = [
        TopicPartition(settings.stream_name(stream), number)
        for stream in FACET_STREAMS.values()
        for number in range(settings.partitions)
    ]
    ends = broker.true_ends(settings, partitions)
    with broker.admin(settings) as client:
        committed = client.list_group_offsets([group])[group]
    return sum(end - committed[at].offset if at in committed else end for at, end in ends.items())


def test_the_seeds_equal_the_backtest(stack: Stack, expected: list[Alert]) -> None:
    """Twice published and shuffled, in three partitions, beside garbage that is dead-lettered."""
    articles = seeds() * 2
    random.Random(3).shuffle(articles)
    with pipeline(stack.broker, store=stack.store) as running:
        send(running.settings, GARBAGE)
        assert differences(finish(running, articles), expected) == []
        letters = read_all(running.settings, DEAD_LETTERS)
        wait_until(lambda: shown_lag(running) == 0, 10, "the offsets that lag displays show are committed")
    assert sorted(map(repr, GARBAGE)) == sorted(repr(letter.value) for letter in letters)
    for letter in letters:
        headers = dict(letter.headers)
        assert (headers["__connect.errors.stage"], letter.key) == (b"entities", b"k")
        assert headers["__connect.errors.exception.message"]


def test_one_partition_is_enough(stack: Stack, expected: list[Alert]) -> None:
    """The number of partitions changes nothing."""
    with pipeline(stack.broker.model_copy(update={"partitions": 1}), store=stack.store) as running:
        assert differences(finish(running, seeds()), expected) == []


def test_killed_processes_lose_nothing(stack: Stack, expected: list[Alert]) -> None:
    """SIGKILL for a worker and for the sink in mid-stream: both come back and finish the work."""
    with pipeline(stack.broker, store=stack.store) as running:
        victims = {child.name: child for child in running.supervisor.children}

        def kill(done: int, of: int) -> None:
            for name in ("entities", "sink"):
                if 0 < done < of and name in victims and victims[name].process is not None:
                    victims.pop(name).process.kill()  # type: ignore[union-attr]

        live = finish(running, seeds(), on_progress=kill)
        assert differences(live, expected) == []
        assert victims.keys() == {"sentiment", "topics"}
        assert broker.partition_count(running.settings, ALERTS) == 3
