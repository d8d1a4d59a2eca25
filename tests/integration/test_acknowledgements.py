"""A worker acknowledges what the broker has confirmed, and nothing before."""

import secrets
import time
from pathlib import Path

import pytest
from absent import needed
from brokers.apache_kafka import jars
from conftest import NOW
from faults.schedule import Broker
from faults.site import site
from kafka.admin import ConfigResource, ConfigResourceType
from scenario import LOOK_SECONDS, read_all, wait_until
from test_seeds import seeds

from streams import broker
from streams.core.headers import source_coordinates
from streams.processes import pipeline_child, supervised
from streams.publish import publish
from streams.settings import Settings
from streams.topology import FACET_STREAMS
from streams.worker.app import EXIT_FAILED

pytestmark = [pytest.mark.broker, pytest.mark.timeout(170)]

COUNT = 10
SOON_SECONDS = 4.0
"""Longer than a worker that acknowledges takes to tell the broker so."""


@pytest.mark.parametrize("kind", ["embedded", "kafka"])
def test_what_was_under_way_when_a_worker_died_is_left_to_the_next(kind: Broker, tmp_path: Path) -> None:
    """It has read and sent everything, nothing was confirmed, and no sink is there to ask for it again."""
    if kind == "kafka":
        with needed():
            jars()
    with site(kind, tmp_path) as ground, supervised() as supervisor:
        settings = ground.settings.model_copy(
            update={"prefix": f"under-way-{secrets.token_hex(4)}.", "partitions": 1, "http_port": 0}
        )
        broker.apply_streams(settings, for_good=True)
        assert len(list(publish(seeds()[:COUNT], settings, clock=lambda: NOW))) == COUNT
        ground.network.change(withholding=True)
        worker = supervisor.start(pipeline_child("entities", settings))
        assert worker.process is not None
        wait_until(lambda: any(one.withheld for one in ground.network.proxies), 60, "the worker sends")
        deadline = time.monotonic() + SOON_SECONDS
        while time.monotonic() < deadline:
            assert not any(broker.acknowledged(settings, "entities").values())
            time.sleep(LOOK_SECONDS)
        worker.process.kill()
        worker.process.wait()
        ground.network.change(withholding=False, refusing=True)  # what was under way is lost
        ground.network.change(refusing=False)

        supervisor.start(pipeline_child("entities", settings))
        wait_until(
            lambda: broker.acknowledged(settings, "entities") == {0: COUNT}, 60, "the next worker reads on"
        )
        answers = read_all(settings, FACET_STREAMS["entities"])
        assert {source_coordinates(one.headers).offset for one in answers} == set(range(COUNT))
        broker.delete_streams(settings)


def test_what_the_broker_refuses_is_not_acknowledged(kafka: Settings) -> None:
    """The worker ends rather than go on, and what it has read is left to the next one."""
    settings = kafka.model_copy(
        update={"prefix": f"refused-{secrets.token_hex(4)}.", "partitions": 1, "http_port": 0}
    )
    broker.apply_streams(settings, for_good=True)
    let_pass(settings, 1)
    assert len(list(publish(seeds()[:COUNT], settings, clock=lambda: NOW))) == COUNT
    with supervised() as supervisor:
        worker = supervisor.start(pipeline_child("entities", settings)).process
        assert worker is not None

        def acknowledged() -> bool:
            return any(broker.acknowledged(settings, "entities").values())

        wait_until(lambda: worker.poll() is not None or acknowledged(), 60, "the worker ends")
        assert not acknowledged()
        assert worker.poll() == EXIT_FAILED
        let_pass(settings, 1_000_000)
        supervisor.start(pipeline_child("entities", settings))
        wait_until(
            lambda: broker.acknowledged(settings, "entities") == {0: COUNT}, 60, "the next worker reads on"
        )
    answers = read_all(settings, FACET_STREAMS["entities"])
    assert {source_coordinates(one.headers).offset for one in answers} == set(range(COUNT))
    broker.delete_streams(settings)


def let_pass(settings: Settings, size: int) -> None:
    """Have the broker refuse entities of more bytes than this."""
    name = settings.stream_name(FACET_STREAMS["entities"])
    with broker.admin(settings) as client:
        client.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, name, configs={"max.message.bytes": str(size)})]
        )
