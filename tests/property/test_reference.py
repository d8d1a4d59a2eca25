"""The oracle against a naive reference: in any order, under rules that change, the same alerts."""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import memory_store
from conftest import NOW
from corpora import OLDER, answer, articles, facets, rule, rule_files, some
from hypothesis import given
from hypothesis import strategies as st
from reference import reference, shown

from streams.core.alert import Alert
from streams.core.article import Article
from streams.core.facets import FACETS, Facet
from streams.core.headers import Coordinates
from streams.core.rules import Rule, RuleBook
from streams.store.reading import read_alerts
from streams.store.received import Received
from streams.store.store import Store

Deliveries = Sequence[tuple[Any, Facet]]


def stored(deliveries: Deliveries, files: Sequence[RuleBook], batch: int) -> list[Alert]:
    """The active alerts of a store that was given the facets in this order, in batches.

    The sink is started with each of the rules files in turn, an equal part of the facets after each.
    """
    store = Store(memory_store.new(), "test")
    store.take()
    store.begin(now=NOW)
    store.follow([("facets", 0)])
    received = [
        Received(position=("facets", 0), offset=i, stage=stage, source=Coordinates("log", 0, i), facet=facet)
        for i, (stage, facet) in enumerate(deliveries)
    ]
    part = -(-len(received) // len(files)) or 1
    for number, rules in enumerate(files):
        store.apply_rules(rules)
        store.tell(horizon=NOW, now=NOW)
        mine = received[number * part : (number + 1) * part]
        for start in range(0, len(mine), batch):
            store.apply(mine[start : start + batch], horizon=NOW, now=NOW)
    found = list(read_alerts(store.engine, active_only=True))
    messages = [message.value for message in store.unsent()]
    store.engine.dispose()
    check_history(messages, found)
    return found


def check_history(messages: Sequence[bytes], found: Sequence[Alert]) -> None:
    """Revisions are 1..n, neighbours differ, and keeping the greatest gives the table."""
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


@st.composite
def deliveries(draw: st.DrawFn, corpus: list[Article]) -> Deliveries:
    """Facets of a corpus twice over in any order: some never come, some were read by another registry too."""
    found = []
    for one in corpus:
        missing = draw(st.sets(st.sampled_from(sorted(FACETS)), max_size=1))
        older = draw(st.sets(st.sampled_from(["entities", "sentiment"]), max_size=2))
        for stage in FACETS:
            if stage not in missing:
                release = draw(st.booleans()) if stage in older else None
                if release is not True:
                    found.append((stage, answer(stage, one.to_json())))
                if release is not None:
                    found.append((stage, answer(stage, one.to_json(), OLDER)))
    found *= 2
    random.Random(draw(st.integers(0, 2**32))).shuffle(found)
    return found


@some(150)
@given(st.data(), st.lists(articles(), max_size=14), rule_files(), st.integers(1, 20))
def test_the_store_says_what_brute_force_says(
    data: st.DataObject, corpus: list[Article], files: list[RuleBook], batch: int
) -> None:
    """In any order, doubled, in batches of any size, whenever rules came: the same as the naive reference."""
    given_facets = data.draw(deliveries(corpus))
    rules = list(dict.fromkeys(one for file in files for one in file))
    found = stored(given_facets, files, batch)
    assert reference(given_facets, rules) == shown(found, rules)


@some(50)
@given(st.lists(articles(), max_size=10), rule(), st.randoms(use_true_random=False), st.integers(1, 20))
def test_bodies_are_equal_byte_for_byte_in_any_order(
    corpus: list[Article], one: Rule, order: Any, batch: int
) -> None:
    """Order, duplicates, updates and withdrawals change when a row appears, never what it says."""
    made = [facet for article in corpus for facet in facets(article)]
    straight = [alert.body_and_id() for alert in stored(made, [RuleBook([one])], 1000)]
    shuffled = made * 2
    order.shuffle(shuffled)
    assert straight == [alert.body_and_id() for alert in stored(shuffled, [RuleBook([one])], batch)]


@some(30)
@given(st.lists(articles(), max_size=10), rule_files(), st.integers(1, 20))
def test_it_does_not_matter_when_a_rule_came(
    corpus: list[Article], files: list[RuleBook], batch: int
) -> None:
    """Byte for byte the alerts of a store that had every version from the start; none is forgotten."""
    made = [facet for article in corpus for facet in facets(article)]
    once = RuleBook(dict.fromkeys(one for file in files for one in file))
    bodies = [alert.body_and_id() for alert in stored(made, files, batch)]
    assert bodies == [alert.body_and_id() for alert in stored(made, [once], batch)]
