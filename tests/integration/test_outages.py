"""A broker is lost, or the disk is full: what was confirmed is there, and everybody goes on by themselves."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from absent import needed
from brokers.apache_kafka import Cluster, apache_kafka, jars
from conftest import KAFKA_SESSION_SECONDS, NOW
from databases.postgresql import Server
from faults.site import Site, site
from kafka.admin import ConfigResource, ConfigResourceType
from scenario import finish, read_all
from sqlalchemy import text
from test_seeds import seeds

from streams import broker
from streams.core.alert import Alert
from streams.core.article import Article
from streams.core.errors import BrokerUnavailable
from streams.publish import publish
from streams.replay import differences, pipeline
from streams.settings import Settings
from streams.topology import ALERTS, STREAMS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(170)]

FULL_SECONDS = 25.0


def settings_for(cluster: Cluster) -> Settings:
    """What the workers and the sink are told."""
    return Settings(bootstrap=cluster.bootstrap, session_seconds=KAFKA_SESSION_SECONDS)


def articles_but(half_way: Callable[[], None]) -> Iterator[Article]:
    """The seeds; something happens when half of them are on their way."""
    articles = seeds()
    middle = len(articles) // 2
    yield from articles[:middle]
    half_way()
    yield from articles[middle:]


class Once:
    """Something to be done when some outcomes are there and more are to come."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self.done = False

    def __call__(self, done: int, of: int) -> None:
        """Be told how far the replay is."""
        if not self.done and of // 3 < done < of:
            self.done = True
            self._act()


def test_a_broker_that_is_killed_and_comes_back_costs_nothing(
    cluster: Cluster, postgres: Server, expected: list[Alert]
) -> None:
    """SIGKILL while articles are published, and again while they are answered."""

    def restart() -> None:
        cluster.kill(1)
        cluster.start()

    again = Once(restart)
    with pipeline(settings_for(cluster), store=postgres.new_database()) as running:
        live = finish(running, articles_but(restart), on_progress=again)
    assert differences(live, expected) == []
    assert again.done


def test_one_of_three_brokers_may_be_lost(tmp_path: Path, postgres: Server, expected: list[Alert]) -> None:
    """Each stream has three copies, two must have a record before it counts, and one node is killed."""
    with needed():
        jars()
    with apache_kafka(tmp_path, nodes=3) as cluster:
        lose_one = Once(lambda: cluster.kill(3))
        with pipeline(settings_for(cluster), store=postgres.new_database()) as running:
            copies, least = kept_copies(running.settings)
            live = finish(running, seeds(), on_progress=lose_one)
    assert (copies, least) == ({3}, {"2"})
    assert differences(live, expected) == []
    assert lose_one.done


def kept_copies(settings: Settings) -> tuple[set[int], set[str]]:
    """How many copies the partitions of all streams have, and how many must be up to date."""
    names = [settings.stream_name(stream) for stream in STREAMS]
    with broker.admin(settings) as client:
        topics = client.describe_topics(names)
        configs = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    copies = {len(partition["replica_nodes"]) for topic in topics for partition in topic["partitions"]}
    return copies, {configs["topic"][name]["min.insync.replicas"]["value"] for name in names}


def test_a_sink_whose_disk_is_full_goes_on_when_there_is_room(
    broker: Settings, expected: list[Alert]
) -> None:
    """It waits for longer than it would be started again for, and is never ended."""
    with pipeline(broker) as running:
        sink = next(child.process for child in running.supervisor.children if child.name == "sink")
        assert sink is not None
        begun: list[float] = []

        def limit(size: int) -> None:
            resource.prlimit(sink.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        def fill(done: int, of: int) -> None:
            if not begun and 0 < done < of:
                begun.append(time.monotonic())
                limit(1)
            elif begun and time.monotonic() > begun[0] + FULL_SECONDS:
                limit(resource.RLIM_INFINITY)

        assert differences(finish(running, seeds(), on_progress=fill), expected) == []
        assert begun
        assert sink.poll() is None


NO_COMMITS = """
create function no_room() returns trigger language plpgsql as
    $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$;
create constraint trigger no_room after insert on outbox deferrable initially deferred
    for each row execute function no_room();
"""
"""Each statement that writes a revision goes well, and the commit then fails."""


def test_what_is_not_written_is_not_told(broker: Settings, postgres: Server, expected: list[Alert]) -> None:
    """A sink whose transactions fail at their very end tells nobody, until they don't."""
    with pipeline(broker, store=postgres.new_database()) as running:
        running.supervisor.stop(lambda child: child.name == "sink")
        with running.engine.begin() as connection:
            connection.execute(text(NO_COMMITS))
        sink = subprocess.Popen(
            [sys.executable, "-m", "streams", "sink"],
            env=os.environ | running.settings.environment(),
            stderr=subprocess.PIPE,
        )
        try:
            for _ in publish(seeds(), running.settings, clock=lambda: NOW):
                pass
            wait_for_line(sink, b"the sink stops until it can write: the store failed: no room")
            assert read_all(running.settings, ALERTS) == []

            with running.engine.begin() as connection:
                connection.execute(text("drop trigger no_room on outbox"))
            assert differences(finish(running, []), expected) == []
            assert read_all(running.settings, ALERTS) != []
        finally:
            sink.kill()
            sink.communicate()


def wait_for_line(process: "subprocess.Popen[bytes]", words: bytes) -> None:
    """Read what it says until these words come; the test's own limit is the deadline."""
    assert process.stderr is not None
    assert any(words in line for line in process.stderr)


def test_a_broker_that_goes_away_while_it_is_asked_is_told_of(tmp_path: Path) -> None:
    """In the way that one which was never there is, so that whoever asked is started again."""

    def asked(where: Site) -> None:
        with broker.admin(where.settings) as client:
            where.network.change(refusing=True)
            client.list_topics()

    with site("embedded", tmp_path) as where, pytest.raises(BrokerUnavailable, match="went away"):
        asked(where)
