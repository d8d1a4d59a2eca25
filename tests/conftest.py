"""What tests share: articles written by hand, the stages, and brokers and databases of their own."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from absent import needed
from brokers.apache_kafka import Cluster, apache_kafka, jars
from brokers.container import engine_answers, kafka_container
from brokers.embedded_broker import embedded_broker
from databases.postgresql import Server, postgresql

from streams import embedded
from streams.backtest import backtest
from streams.core.alert import Alert
from streams.core.article import Article
from streams.core.facets import FACETS
from streams.enrich.registry import Registry, load_registry
from streams.enrich.stage import Enrichment
from streams.enrich.stages import load_stage
from streams.rulebook import load_rules
from streams.settings import Settings
from streams.telemetry.server import PROCESSES

hypothesis.settings.register_profile("long", max_examples=10_000, deadline=None)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEEDS = Path(__file__).parents[1] / "seeds"
KAFKA_SESSION_SECONDS = 6.0
"""The shortest that Apache Kafka allows by default: how long a killed worker holds its partitions."""


def article(**fields: Any) -> Article:
    """An article with these fields, the others sensible."""
    given = {
        "id": "a",
        "title": "News",
        "text": "Nothing happened.",
        "source": "daily.example",
        "published_at": "2025-01-21T12:00:00Z",
    }
    return Article.model_validate(given | fields)


def free_ports() -> int:
    """The first of four ports in a row that nobody listens on: the sink's and the workers'."""
    return embedded.free_port(row=len(PROCESSES))


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The shipped actors."""
    return load_registry()


@pytest.fixture(scope="session")
def stages() -> list[Enrichment]:
    """The three stages, loaded once."""
    return [load_stage(name) for name in FACETS]


@pytest.fixture(scope="session")
def expected(stages: list[Enrichment], registry: Registry) -> list[Alert]:
    """What the oracle computes from the seeds."""
    from test_seeds import seeds

    return list(backtest(seeds(), load_rules(None, registry), stages, now=NOW))


@dataclass(frozen=True, slots=True)
class Stack:
    """A broker, and the URL of an empty store beside it."""

    broker: Settings
    store: str


@pytest.fixture(scope="session")
def broker() -> Iterator[Settings]:
    """Settings for the embedded broker, which runs as long as the tests."""
    with embedded_broker() as (settings, _):
        yield settings


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Apache Kafka as processes of the tests' own: one node, also by TLS and SASL."""
    with needed():
        jars()
    with apache_kafka(tmp_path_factory.mktemp("kafka"), secured=True) as started:
        yield started


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings for Apache Kafka: a container where Docker is, else processes."""
    with ExitStack() as stack:
        if engine_answers():
            bootstrap = stack.enter_context(kafka_container())
        else:
            bootstrap = request.getfixturevalue("cluster").bootstrap
        yield Settings(bootstrap=bootstrap, session_seconds=KAFKA_SESSION_SECONDS)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of the tests' own."""
    with ExitStack() as stack:
        with needed():
            server = stack.enter_context(postgresql())
        yield server


@pytest.fixture(params=["embedded-sqlite", "kafka-postgresql"])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Stack:
    """Every broker with a database: what holds on one has to hold on the other."""
    if request.param == "embedded-sqlite":
        return Stack(request.getfixturevalue("broker"), f"sqlite:///{tmp_path / 'summitry.db'}")
    postgres = request.getfixturevalue("postgres")
    return Stack(request.getfixturevalue("kafka"), postgres.new_database())
