"""The whole way on a real broker: three Faust workers and the sink as processes of their own."""

import random

import pytest
from conftest import Stack
from scenario import finish, read_all, send
from test_seeds import seeds

from streams import broker
from streams.core.alert import Alert
from streams.replay import differences, pipeline
from streams.topology import ALERTS, DEAD_LETTERS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]

GARBAGE = [b"\xff\xfe\x00", None, b"[1, 2]", b'{"title": "no more"}', b"[" * 4000, b'{"id": "x", "id": 7}']


def test_the_seeds_equal_the_backtest(stack: Stack, expected: list[Alert]) -> None:
    """Twice published and shuffled, in three partitions, beside garbage that is dead-lettered."""
    articles = seeds() * 2
    random.Random(3).shuffle(articles)
    with pipeline(stack.broker, store=stack.store) as running:
        send(running.settings, GARBAGE)
        assert differences(finish(running, articles), expected) == []
        letters = read_all(running.settings, DEAD_LETTERS)
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
