"""The sink's audit on a real broker and store, moment by moment."""

import asyncio
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from conftest import NOW, article
from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata
from poison.pills import Pill
from poison.sending import send_raw
from scenario import read_all

from streams import broker as brokers
from streams.backtest import answer
from streams.core.article import Article
from streams.core.deadletter import DeadLetter, read_record
from streams.core.facets import FACETS, Stage
from streams.core.headers import MENDS, Coordinates
from streams.enrich.stage import Enrichment, outcome
from streams.publish import publish
from streams.settings import Settings
from streams.sink.audit import MAX_ATTEMPTS, PATIENCE_SECONDS, Audit
from streams.store.received import Received
from streams.store.store import Store
from streams.topology import ARTICLES, DEAD_LETTERS, FACET_STREAMS

pytestmark = pytest.mark.broker

END = 10 * PATIENCE_SECONDS


def acknowledge(settings: Settings, stage: Stage, offset: int) -> None:
    """Say for a stage that it has gone past all before this offset of the first partition."""
    with closing(brokers.consumer(settings, group_id=settings.group_name(stage))) as consumer:
        partition = TopicPartition(settings.stream_name(ARTICLES), 0)
        consumer.assign([partition])
        consumer.commit({partition: OffsetAndMetadata(offset, "", -1)})


def store_without_one(tmp_path: Path, topic_id: str, sent: list[Article], stages: list[Enrichment]) -> Store:
    """A store that has every stage's answers to these articles, but for that of topics to the first."""
    store = Store.open(f"sqlite:///{tmp_path / 's.db'}", "test")
    store.take()
    store.begin(now=NOW)
    store.follow((stage, 0) for stage in FACETS)
    made = [answer(stage, one, number, NOW) for number, one in enumerate(sent) for stage in stages]
    received = [
        Received(
            position=one.position,
            offset=one.offset,
            stage=one.stage,
            source=Coordinates(topic_id, 0, one.offset),
            facet=one.facet,
        )
        for one in made
        if (one.stage, one.offset) != ("topics", 0)  # what gets lost
    ]
    store.apply(received, horizon=NOW, now=NOW)
    return store


def test_what_is_asked_for_in_vain_becomes_a_dead_letter(
    broker: Settings, stages: list[Enrichment], tmp_path: Path
) -> None:
    """Nothing for ten seconds; three attempts, ten seconds apart; then a letter closes the hole for good.

    A stage that has not come to the last copy yet has all the time it needs.
    """
    settings = broker.model_copy(update={"prefix": f"audit-{uuid4().hex[:8]}.", "partitions": 1})
    brokers.apply_streams(settings, for_good=True)
    topic_id = brokers.topic_ids(settings)[ARTICLES.name]
    sent = [article(id=f"a{number}", text="Xi Jinping met Vladimir Putin.") for number in range(2)]
    assert [one.offset for one in publish(sent, settings, clock=lambda: NOW)] == [0, 1]

    store = store_without_one(tmp_path, topic_id, sent, stages)

    audit = Audit(settings, store, topic_id)
    with closing(brokers.producer(settings)) as producer:

        def again(now: float) -> int:
            given_up = audit.look(producer, {0: 2}, {}, now)
            assert [one.place.offset for one in given_up] == ([0] if now == END else [])
            return sum(dict(one.headers).get(MENDS) == b"0:0" for one in read_all(settings, ARTICLES))

        assert again(0.0) == 0
        assert again(PATIENCE_SECONDS - 1) == 0
        for attempt in range(1, MAX_ATTEMPTS + 1):
            assert again(turn := (3 * attempt - 2) * PATIENCE_SECONDS) == attempt
            assert again(turn + 5) == attempt
            assert again(turn + PATIENCE_SECONDS) == attempt  # topics is behind
            acknowledge(settings, "topics", len(sent) + attempt)
        assert store.answered["topics", topic_id, 0].frontier.next == 0
        assert read_all(settings, DEAD_LETTERS) == []
        assert again(END) == MAX_ATTEMPTS

        assert store.answered["topics", topic_id, 0].frontier.next == 2
        assert store.mends(topic_id) == []
        (record,) = read_all(settings, DEAD_LETTERS)
        letter = read_record(record.key, record.value, record.headers)
        assert isinstance(letter, DeadLetter)
        assert (letter.stage, letter.source, letter.error) == ("topics", (topic_id, 0, 0), "Unanswered")
        assert (record.key, record.value) == (b"a0", sent[0].to_json())
    audit.close()
    store.engine.dispose()
    brokers.delete_streams(settings)


def test_a_sink_that_is_behind_asks_for_nothing(
    broker: Settings, stages: list[Enrichment], tmp_path: Path
) -> None:
    """What looks like a hole may lie on a facet stream, and only not be read yet."""
    settings = broker.model_copy(update={"prefix": f"audit-{uuid4().hex[:8]}.", "partitions": 1})
    brokers.apply_streams(settings, for_good=True)
    topic_id = brokers.topic_ids(settings)[ARTICLES.name]
    sent = [article(id=f"a{number}") for number in range(2)]
    for _ in publish(sent, settings, clock=lambda: NOW):
        pass

    store = store_without_one(tmp_path, topic_id, sent, stages)

    audit = Audit(settings, store, topic_id)
    with closing(brokers.producer(settings)) as producer:
        stream = settings.stream_name(FACET_STREAMS["topics"])
        producer.send(stream, value=b"not read yet", partition=0).get(timeout=10)
        for now in (0.0, PATIENCE_SECONDS, 3 * PATIENCE_SECONDS):
            audit.look(producer, {0: 2}, {("topics", 0): 0}, now)
        assert len(read_all(settings, ARTICLES)) == len(sent)
        audit.look(producer, {0: 2}, {("topics", 0): 1}, 3 * PATIENCE_SECONDS + 1)
        assert len(read_all(settings, ARTICLES)) == len(sent) + 1
    audit.close()
    store.engine.dispose()
    brokers.delete_streams(settings)


def test_a_record_without_key_and_value_is_asked_for_again_too(
    broker: Settings, tmp_path: Path, stages: list[Enrichment]
) -> None:
    """With an empty value, since no client sends such a record: it is as little an article."""
    settings = broker.model_copy(update={"prefix": f"audit-{uuid4().hex[:8]}.", "partitions": 1})
    brokers.apply_streams(settings, for_good=True)
    topic_id = brokers.topic_ids(settings)[ARTICLES.name]
    nothing = Pill(family="", name="", key=None, value=None)
    assert list(asyncio.run(send_raw(settings, [nothing, nothing]))) == [(0, 0), (0, 1)]

    store = Store.open(f"sqlite:///{tmp_path / 's.db'}", "test")
    store.take()
    store.begin(now=NOW)
    store.follow((stage, 0) for stage in FACETS)
    second = Coordinates(topic_id, 0, 1)
    received = [
        Received(
            position=(stage.name, 0),
            offset=0,
            stage=stage.name,
            source=second,
            facet=outcome(stage, None, NOW).facet,
        )
        for stage in stages
    ]
    store.apply(received, horizon=NOW, now=NOW)

    audit = Audit(settings, store, topic_id)
    with closing(brokers.producer(settings)) as producer:
        for now in (0.0, PATIENCE_SECONDS):
            assert audit.look(producer, {0: 2}, {}, now) == []
    (again,) = (one for one in read_all(settings, ARTICLES) if dict(one.headers).get(MENDS) == b"0:0")
    assert (again.key, again.value) == (None, b"")
    audit.close()
    store.engine.dispose()
    brokers.delete_streams(settings)
