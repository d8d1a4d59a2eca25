"""The doctor at real brokers and databases, in which each fault is made."""

import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pytest
from conftest import Stack
from databases.postgresql import Server
from kafka.admin import NewTopic
from pydantic import SecretStr
from sqlalchemy import text

from streams import broker as brokers
from streams.doctor import broker_checks, store_checks
from streams.doctor.examine import CHECKS, examine
from streams.doctor.findings import Context, Finding
from streams.settings import Settings
from streams.store.database import open_database
from streams.topology import ALERTS, ARTICLES, STREAMS

pytestmark = pytest.mark.broker

BROKER_CHECKS = ("broker", "streams", "replication", "retention", "limits")


def context(settings: Settings) -> Context:
    """What the checks are given."""
    return Context(settings=settings, environ={}, clock=lambda: datetime.now(UTC))


def own(settings: Settings) -> Settings:
    """Streams of the test's own."""
    return settings.model_copy(update={"prefix": f"doctor-{secrets.token_hex(4)}."})


@pytest.fixture
def applied(stack: Stack) -> Iterator[Settings]:
    """Streams as `summitry streams apply` makes them, and a store as a sink makes it."""
    settings = own(stack.broker).model_copy(update={"store": SecretStr(stack.store)})
    brokers.apply_streams(settings)
    open_database(stack.store).dispose()
    yield settings
    brokers.delete_streams(settings)


def create(settings: Settings, topics: Iterable[NewTopic]) -> None:
    """Create topics as somebody else might, and wait until the broker knows them."""
    wanted = list(topics)
    with brokers.admin(settings) as client:
        client.create_topics(wanted)
        client.wait_for_topics([topic.name for topic in wanted])


def found(settings: Settings, *checks: str) -> list[Finding]:
    """What these checks find."""
    return list(examine(context(settings), {name: CHECKS[name] for name in checks}))


def test_what_summitry_has_made_itself_is_good(applied: Settings) -> None:
    """Streams and tables, on every broker with every database."""
    findings = found(applied, *BROKER_CHECKS, "store", "store folder", "disk")
    assert [one for one in findings if one.mark != "good"] == []
    says = {one.check: one.says for one in findings}
    assert says["streams"] == "all 6 are there, with 3 partitions each"
    assert says.keys() >= {*BROKER_CHECKS, "store", "disk"}


def test_a_missing_stream_is_wrong(applied: Settings) -> None:
    """It is named, with the command that mends it, which it does."""
    name = applied.stream_name(ALERTS)
    with brokers.admin(applied) as client:
        client.delete_topics([name])
    findings = found(applied, "streams")
    assert findings == [Finding("streams", "wrong", f"{name} is missing", "run: summitry streams apply")]
    assert brokers.apply_streams(applied) == [name]
    assert [one.mark for one in found(applied, "streams")] == ["good"]


def test_streams_with_unequal_partitions_are_wrong(stack: Stack) -> None:
    """A facet goes to the partition number of its article, so that all must have as many."""
    settings = own(stack.broker)
    counts = {one: 2 if one is ARTICLES else 3 for one in STREAMS}
    create(settings, (NewTopic(settings.stream_name(one), count, 1) for one, count in counts.items()))
    (finding,) = found(settings, "streams")
    assert (finding.mark, "news.articles has 2" in finding.says) == ("wrong", True)
    brokers.delete_streams(settings)


def test_settings_of_a_stream_on_kafka_are_compared(kafka: Settings) -> None:
    """Retention that isn't the topology's is warned of, a limit that is too small is wrong."""
    settings = own(kafka)
    configs = {one: one.config(1) for one in STREAMS}
    configs[ARTICLES] |= {"retention.ms": "1000", "max.message.bytes": "5000"}
    create(
        settings,
        (NewTopic(settings.stream_name(one), 1, 1, topic_configs=config) for one, config in configs.items()),
    )
    name = settings.stream_name(ARTICLES)
    (kept,) = broker_checks.retention(context(settings))
    assert (kept.mark, f"{name} has retention.ms=1000" in kept.says) == ("warning", True)
    (limit,) = broker_checks.limits(context(settings))
    assert (limit.mark, limit.says) == ("wrong", f"{name} refuses messages over 5000 bytes")
    brokers.delete_streams(settings)


def test_postgresql_is_looked_at(postgres: Server) -> None:
    """An empty database, clocks that differ, and columns that sort by a language's rules."""
    url = postgres.new_database()
    settings = Settings(store=SecretStr(url))
    assert [(one.check, one.mark) for one in store_checks.store(context(settings))] == [
        ("store", "warning"),
        ("postgresql", "good"),
    ]
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(text('alter table alert alter rule_id type varchar(64) collate "default"'))
    engine.dispose()
    late = Context(settings=settings, environ={}, clock=lambda: datetime(2020, 1, 1, tzinfo=UTC))
    good, server, order, clock = store_checks.store(late)
    assert (good.mark, server.mark, order.mark, clock.mark) == ("good", "good", "warning", "warning")
    assert order.says.startswith("alert.rule_id sort")
    assert "apart" in clock.says


def test_a_database_that_is_away_is_wrong_and_its_password_stays_secret() -> None:
    """The store can't be opened, whatever the reason."""
    settings = Settings(store=SecretStr("postgresql://reader:secret@127.0.0.1:1/nowhere"))
    (finding,) = store_checks.store(context(settings))
    assert (finding.mark, "secret" in str(finding)) == ("wrong", False)
