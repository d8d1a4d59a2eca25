"""Streams that are missing or don't fit are found at the start, and one command mends them."""

import secrets
from pathlib import Path

import pytest
from conftest import SEEDS
from pydantic import SecretStr
from scenario import finish, read_all, wait_until
from test_cli import summitry
from test_seeds import seeds

from streams import broker
from streams.core.alert import Alert
from streams.replay import differences, pipeline
from streams.settings import Settings
from streams.topology import ALERTS, ARTICLES, STREAMS

pytestmark = pytest.mark.broker

STARTS = (["worker", "entities"], ["sink"], ["publish", str(SEEDS)])


def assert_found(settings: Settings, problem: str) -> None:
    """Each process that needs the streams ends with the problem and the command against it."""
    wait_until(lambda: broker.check_streams(settings), 10, "all of the broker knows of the change")
    for command in STARTS:
        result = summitry(*command, **settings.environment())
        assert result.returncode == 1
        assert problem.encode() in result.stderr
        assert b"run: summitry streams apply" in result.stderr
        assert b"Traceback" not in result.stderr
    checked = summitry("streams", "check", **settings.environment())
    assert checked.returncode == 1
    assert problem.encode() in checked.stdout


def assert_mended(settings: Settings, partitions: int) -> None:
    """The command that was named leaves all streams with equal partitions."""
    assert summitry("streams", "apply", **settings.environment()).returncode == 0
    assert summitry("streams", "check", **settings.environment()).returncode == 0
    assert {broker.partition_count(settings, stream) for stream in STREAMS} == {partitions}


def test_streams_that_dont_fit_are_found_and_mended(kafka: Settings, tmp_path: Path) -> None:
    """First there are none, then one has more partitions than the others, then one is deleted."""
    settings = kafka.model_copy(
        update={
            "prefix": f"fit-{secrets.token_hex(4)}.",
            "partitions": 2,
            "store": SecretStr(f"sqlite:///{tmp_path / 'summitry.db'}"),
            "http_port": 0,
        }
    )
    articles, alerts = settings.stream_name(ARTICLES), settings.stream_name(ALERTS)
    assert_found(settings, f"{articles} is missing")
    assert_mended(settings, 2)

    with broker.admin(settings) as client:
        client.create_partitions({articles: 4})
    assert_found(settings, f"{articles} has 4")
    assert_mended(settings, 4)

    with broker.admin(settings) as client:
        client.delete_topics([alerts])
    wait_until(lambda: broker.check_streams(settings), 10, "all of the broker knows of the change")
    assert_mended(settings, 4)
    broker.delete_streams(settings)


def test_partitions_that_are_added_are_read_by_themselves(kafka: Settings, expected: list[Alert]) -> None:
    """Workers and sink take them up, nobody restarts the sink, once all streams have them."""
    with pipeline(kafka.model_copy(update={"partitions": 1})) as running:
        finish(running, seeds()[:5])
        sink = next(child.process for child in running.supervisor.children if child.name == "sink")
        with broker.admin(running.settings) as client:
            client.create_partitions({running.settings.stream_name(ARTICLES): 3})
        broker.apply_streams(running.settings)
        assert differences(finish(running, seeds()), expected) == []
        assert {record.partition for record in read_all(running.settings, ARTICLES)} == {0, 1, 2}
        assert sink is not None
        assert sink.poll() is None
