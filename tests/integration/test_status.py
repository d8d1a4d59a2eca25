"""`summitry status` as a user meets it: a real pipeline, looked at by a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from conftest import Stack, article
from test_seeds import seeds

from streams import broker as brokers
from streams.core.facets import FACETS
from streams.core.headers import Coordinates, Headers, article_headers, facet_headers
from streams.core.instants import format_instant
from streams.core.message import Message
from streams.embedded import free_port
from streams.enrich.stage import Enrichment
from streams.replay import Running, pipeline, run
from streams.settings import Settings
from streams.topology import ARTICLES, FACET_STREAMS, Stream

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]


SENT = datetime.now(UTC).replace(microsecond=0)
"""A broker that keeps its promise of retention would soon delete what was sent long ago."""


@dataclass(frozen=True)
class Said:
    """What the command said."""

    code: int
    status: Any
    errors: bytes

    @property
    def concerns(self) -> str:
        """What needs looking at, a line each."""
        return "\n".join(self.status["concerns"])


def summitry(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        capture_output=True,
        check=False,
        env=os.environ | environment,
    )


def status(environment: Mapping[str, str]) -> Said:
    """Run `summitry status --json`."""
    result = summitry("status", "--json", environment=environment)
    return Said(result.returncode, orjson.loads(result.stdout), result.stderr)


@pytest.fixture(scope="module", params=["embedded-sqlite", "kafka-postgresql"])
def drained(request: pytest.FixtureRequest) -> Iterator[Running]:
    """A pipeline that has answered the seeds; it is only looked at."""
    if request.param == "embedded-sqlite":
        broker, store = request.getfixturevalue("broker"), None
    else:
        store = request.getfixturevalue("postgres").new_database()
        broker = request.getfixturevalue("kafka")
    with pipeline(broker, store=store) as running:
        run(running, seeds(), clock=lambda: SENT, timeout_seconds=100)
        yield running


def until(settings: Settings, holds: Callable[[Said], bool]) -> Said:
    """Ask again and again until the answer is as expected; the last one if it never is."""
    deadline = time.monotonic() + 30
    while not holds(said := status(settings.environment())) and time.monotonic() < deadline:
        pass
    return said


def send(settings: Settings, stream: Stream, *messages: tuple[Message, Headers]) -> None:
    """Put messages into the first partition of a stream."""
    producer = brokers.producer(settings)
    for message, headers in messages:
        producer.send(
            settings.stream_name(stream), key=b"k", value=message.to_json(), headers=headers, partition=0
        ).get(timeout=10)
    producer.close()


def test_a_drained_pipeline_is_well(drained: Running) -> None:
    """All zero, exit code 0, and the figures of the store and the streams."""
    said = status(drained.settings.environment())
    assert (said.code, said.concerns, said.errors) == (0, "", b"")
    assert set(said.status["stages"]) == set(FACETS)
    for lag in said.status["stages"].values():
        assert (lag["unanswered"], lag["holes"]["articles"], lag["sink_unread"]) == (0, 0, 0)
        assert lag["partitions"] == {"0": 0, "1": 0, "2": 0}
    store = said.status["store"]
    assert store["articles"] == len({one.id for one in seeds()})
    assert store["alerts"]["closed"] > 0
    assert (store["outbox"]["waiting"], store["lease"]["moves"]) == (0, True)
    assert store["size_bytes"] > 100_000
    assert said.status["last_article"]["received_at"] == format_instant(SENT)
    assert said.status["streams"] == {
        "articles": len(seeds()),
        "dead_letters": {"count": 0, "newest": None},
    }
    assert said.status["memory_bytes"] == dict.fromkeys(("sink", *FACETS))  # it serves no metrics


def test_people_get_tables(drained: Running) -> None:
    """And a last line that says whether all is well."""
    result = summitry("status", environment=drained.settings.environment())
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.rstrip().endswith(b"all is well")


def test_without_a_broker_the_store_is_shown(drained: Running) -> None:
    """Exit code 3, what to run, and the store's figures."""
    said = status(drained.settings.environment() | {"SUMMITRY_BOOTSTRAP": f"127.0.0.1:{free_port()}"})
    assert (said.code, said.status["stages"], said.status["streams"]) == (3, None, None)
    assert said.status["store"]["articles"] > 0
    assert said.status["last_article"]["received_at"] is None
    assert "run: summitry up" in said.concerns


def test_without_a_store_the_streams_are_shown(drained: Running, tmp_path: Path) -> None:
    """Exit code 1, what makes the store, and nothing is made."""
    store = tmp_path / "missing.db"
    said = status(drained.settings.environment() | {"SUMMITRY_STORE": f"sqlite:///{store}"})
    assert (said.code, said.status["stages"], said.status["store"]) == (1, None, None)
    assert said.status["streams"]["articles"] == len(seeds())
    assert "run: summitry up" in said.concerns
    assert not store.exists()


def test_what_goes_wrong_is_named(stack: Stack, stages: list[Enrichment]) -> None:
    """Articles that a stage passed over, a sink that is frozen, and one that has ended."""
    (entities,) = (stage for stage in stages if stage.name == "entities")
    written = [article(id=name) for name in ("passed-over", "too", "answered")]
    answered = entities.read(written[-1])
    with pipeline(stack.broker, store=stack.store) as running:
        settings, children = running.settings, {one.name: one for one in running.supervisor.children}
        running.supervisor.stop(lambda child: child.name == "entities")
        send(settings, ARTICLES, *((one, article_headers(one, SENT)) for one in written))
        source = Coordinates(running.articles_id, 0, 2)
        facet = (answered, facet_headers("entities", answered, source, SENT))
        send(settings, FACET_STREAMS["entities"], facet)

        said = until(settings, lambda said: "entities passed over 2 articles" in said.concerns)
        assert said.status["stages"]["entities"] == {
            "unanswered": 2,
            "partitions": {"0": 2, "1": 0, "2": 0},
            "holes": {
                "articles": 2,
                "first": [{"partition": 0, "offset": 0}, {"partition": 0, "offset": 1}],
            },
            "sink_unread": 0,
        }
        assert (said.code, "partition:offset 0:0, 0:1" in said.concerns) == (1, True)

        sink = children["sink"].process
        assert sink is not None
        sink.send_signal(signal.SIGSTOP)
        frozen = status(settings.environment())
        sink.send_signal(signal.SIGCONT)
        assert (frozen.code, frozen.status["store"]["lease"]["moves"]) == (1, False)
        assert "no sign of life" in frozen.concerns

        running.supervisor.stop(lambda child: child.name == "sink")
        ended = status(settings.environment())
        assert (ended.code, ended.status["store"]["lease"]["holder"]) == (1, None)
        assert "nobody holds" in ended.concerns
