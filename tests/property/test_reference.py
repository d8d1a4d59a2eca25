"""The oracle against a naive reference: brute force over lists, no windows, no SQL, no bands."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations, pairwise
from typing import Any

from conftest import NOW
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.article import Article, Version
from streams.core.facets import ActorTone, Entities, Facet, Reading, Sentiment, Topic, Topics
from streams.core.headers import Coordinates
from streams.core.rules import Rule, RuleBook
from streams.enrich.entities import EntitiesStage
from streams.enrich.registry import load_registry
from streams.store.database import MEMORY
from streams.store.reading import read_alerts
from streams.store.received import Received
from streams.store.store import Store

ACTORS = {
    "Q15031": "Xi Jinping",
    "Q22686": "Donald Trump",
    "Q7747": "Vladimir Putin",
    "Q567": "Angela Merkel",
}
STAGE = EntitiesStage(load_registry())
TOPIC = Topic(code="medtop:11000000", label="politics", score=900)


def facets(article: Article) -> Reading:
    """The real entities, with tone and topics that follow from the article in a simple way."""
    entities = STAGE.read(article)
    version = Version.of(article)
    number = int(version.digest[:6], 16)
    tones = tuple(
        ActorTone(id=a.id, label="neutral", score=number % 2001 - 1000, confidence=500, sentences=())
        for a in entities.actors
    )
    sentiment = Sentiment(
        id=article.id,
        version=version,
        stage_version=1,
        outcome="ok",
        registry=entities.registry,
        model="m",
        actors=tones,
    )
    topics = Topics(
        id=article.id,
        version=version,
        stage_version=1,
        outcome="ok",
        model="t",
        topics=(TOPIC,) if number % 2 else (),
    )
    return Reading(entities, sentiment, topics)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """Few ids, days and texts, so that versions, copies and midnights meet often."""
    names = draw(st.lists(st.sampled_from(sorted(ACTORS.values())), max_size=4))
    middle = draw(st.sampled_from([" met ", ". Then came ", "\n\nElsewhere there was "]))
    hour = draw(st.integers(0, 95))
    updated = draw(st.none() | st.integers(0, 20))
    return Article(
        id=f"a{draw(st.integers(0, 9))}",
        title="A day",
        text=middle.join(names) + " today.",
        source=draw(st.sampled_from(["one.example", "two.example", "www.one.example"])),
        published_at=datetime.fromisoformat(f"2025-01-{20 + hour // 24}T{hour % 24:02}:00:00+00:00"),
        updated_at=None
        if updated is None
        else datetime.fromisoformat(f"2025-02-{updated + 1:02}T00:00:00+00:00"),
        withdrawn=draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def rule(draw: st.DrawFn) -> Rule:
    """Any rule over three of the four actors."""
    return Rule(
        id="r",
        version=1,
        actors=tuple(draw(st.permutations(sorted(ACTORS)))[:3]),
        min_actors=draw(st.integers(2, 3)),
        group_by=draw(st.sampled_from(["actors", "rule"])),
        window_hours=draw(st.sampled_from([6, 24, 36])),
        min_articles=draw(st.integers(1, 3)),
        min_stories=draw(st.integers(1, 2)),
        min_sources=draw(st.integers(1, 2)),
        closeness=draw(st.sampled_from(["article", "paragraph", "sentence", "headline"])),
        topics=draw(st.sampled_from([(), (TOPIC.code,)])),
    )


def naive(corpus: Sequence[Article], rule: Rule) -> dict[tuple[str, int], dict[str, Any]]:
    """What the design says, written the slow way: (actors, window number) -> figures."""
    latest: dict[str, Article] = {}
    for one in corpus:
        rank = (one.updated_at or one.published_at, one.withdrawn, hashlib.sha256(one.to_json()).hexdigest())
        other = latest.get(one.id)
        if other is None or rank > (
            other.updated_at or other.published_at,
            other.withdrawn,
            hashlib.sha256(other.to_json()).hexdigest(),
        ):
            latest[one.id] = one
    members: dict[tuple[str, int], list[tuple[Article, Reading]]] = {}
    for one in latest.values():
        if one.withdrawn:
            continue
        reading = facets(one)
        if rule.topics and not (reading.topics and reading.topics.topics):
            continue
        window = int(one.published_at.timestamp()) // (rule.window_hours * 3600)
        for group in naive_groups(reading.entities, rule):
            members.setdefault((group, window), []).append((one, reading))
    result = {}
    for (group, window), own in members.items():
        both = own + members.get((group, window - 1), [])
        if (
            len(both) >= rule.min_articles
            and naive_stories(both) >= rule.min_stories
            and len({site(one) for one, _ in both}) >= rule.min_sources
        ):
            result[group, window] = {
                "articles": sorted(one.id for one, _ in own),
                "stories": naive_stories(own),
                "sources": len({site(one) for one, _ in own}),
                "topics": sum(1 for _, reading in own if reading.topics and reading.topics.topics),
            }
    return result


def site(one: Article) -> str:
    """The registered domain of these few sources."""
    return one.source.removeprefix("www.")


def naive_groups(entities: Entities, rule: Rule) -> set[str]:
    """The groups whose members stand together, by trying each place and each subset."""
    places: dict[Any, set[str]] = {}
    for actor in entities.actors:
        for mention in actor.mentions:
            sentence = entities.sentences[mention.sentence]
            place = {
                "article": 0,
                "paragraph": sentence.paragraph,
                "sentence": sentence.start,
                "headline": None if sentence.paragraph else 0,
            }[rule.closeness]
            if actor.id in rule.actors and place is not None:
                places.setdefault(place, set()).add(actor.id)
    groups = {
        " ".join(sorted(group)) for place in places.values() for group in combinations(place, rule.min_actors)
    }
    return ({""} if groups else set()) if rule.group_by == "rule" else groups


def naive_stories(reports: Sequence[tuple[Article, Reading]]) -> int:
    """How many leaders there are, comparing each report with every leader."""
    leaders: list[bytes] = []
    for _, reading in sorted(reports, key=lambda report: (report[0].published_at, report[0].id)):
        signature = base64.b64decode(reading.entities.signature or "")
        values = [signature[i : i + 4] for i in range(0, len(signature), 4)]
        if not any(
            sum(a == leader[4 * i : 4 * i + 4] for i, a in enumerate(values)) >= 45 for leader in leaders
        ):
            leaders.append(signature)
    return len(leaders)


def stored(deliveries: Sequence[tuple[str, Facet]], rules: RuleBook, batch: int) -> list[Any]:
    """The active alerts of a store that was given the facets in this order, in batches."""
    store = Store.open(MEMORY, "test")
    store.take()
    store.begin(now=NOW)
    store.apply_rules(rules)
    store.follow([("facets", 0)])
    received = [
        Received(position=("facets", 0), offset=i, stage=stage, source=Coordinates("log", 0, i), facet=facet)  # type: ignore[arg-type]
        for i, (stage, facet) in enumerate(deliveries)
    ]
    for start in range(0, len(received), batch):
        store.apply(received[start : start + batch], horizon=NOW, now=NOW)
    found = list(read_alerts(store.engine, active_only=True))
    messages = [message.value for message in store.unsent()]
    store.engine.dispose()
    check_history(messages, found)
    return found


def check_history(messages: Sequence[bytes], found: Sequence[Any]) -> None:
    """Revisions are 1..n, neighbours differ, and keeping the greatest gives the table."""
    from streams.core.alert import Alert

    told: dict[str, list[Alert]] = {}
    for message in messages:
        alert = Alert.from_json(message)
        told.setdefault(alert.id, []).append(alert)
    for revisions in told.values():
        assert list(range(1, len(revisions) + 1)) == [one.revision for one in revisions]
        for one, following in pairwise(revisions):
            assert (one.digest, one.state, one.closed) != (
                following.digest,
                following.state,
                following.closed,
            )
    last = {key: revisions[-1] for key, revisions in told.items()}
    assert {one.id: one for one in found} == {key: one for key, one in last.items() if one.state == "active"}


@settings(deadline=None, max_examples=150)
@given(st.lists(articles(), max_size=14), rule(), st.randoms(use_true_random=False), st.integers(1, 20))
def test_the_store_says_what_brute_force_says(
    corpus: list[Article], one: Rule, order: Any, batch: int
) -> None:
    """In any order, doubled, in batches of any size: the same alerts as the naive reference."""
    deliveries = [
        (stage, facet)
        for article in corpus
        for stage, facet in zip(Reading._fields, facets(article), strict=True)
    ] * 2
    order.shuffle(deliveries)
    found = stored(deliveries, RuleBook([one]), batch)
    figures = {
        (
            "" if one.group_by == "rule" else " ".join(actor.id for actor in alert.actors),
            int(alert.window.start.timestamp()) // (one.window_hours * 3600),
        ): {
            "articles": sorted(evidence.article for evidence in alert.evidence),
            "stories": alert.counts.stories,
            "sources": alert.counts.sources,
            "topics": sum(topic.articles for topic in alert.topics),
        }
        for alert in found
    }
    assert naive(corpus, one) == figures


@settings(deadline=None, max_examples=50)
@given(st.lists(articles(), max_size=10), rule(), st.randoms(use_true_random=False), st.integers(1, 20))
def test_bodies_are_equal_byte_for_byte_in_any_order(
    corpus: list[Article], one: Rule, order: Any, batch: int
) -> None:
    """Order, duplicates, updates and withdrawals change when a row appears, never what it says."""
    deliveries = [
        (stage, facet)
        for article in corpus
        for stage, facet in zip(Reading._fields, facets(article), strict=True)
    ]
    straight = [alert.body_and_id() for alert in stored(deliveries, RuleBook([one]), 1000)]
    shuffled = deliveries * 2
    order.shuffle(shuffled)
    assert straight == [alert.body_and_id() for alert in stored(shuffled, RuleBook([one]), batch)]
