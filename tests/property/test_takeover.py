"""A new or restored store goes on from what was told: no flood, no contradiction, nothing forgotten."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import memory_store
from conftest import NOW, article
from corpora import articles, facets, rule, some
from hypothesis import given
from hypothesis import strategies as st
from test_reference import check_history

from streams.core.alert import Alert
from streams.core.article import Article
from streams.core.headers import Coordinates
from streams.core.rules import Rule, RuleBook
from streams.store.reading import read_alerts
from streams.store.received import Received
from streams.store.store import Store

LATER = NOW.replace(year=2027)
LOG = ("alerts", 0)


def received(corpus: Iterable[Article]) -> list[Received]:
    """Every facet of the corpus, an article after the other, on one partition."""
    deliveries = [facet for one in corpus for facet in facets(one)]
    return [
        Received(position=("facets", 0), offset=i, stage=stage, source=Coordinates("log", 0, i), facet=facet)
        for i, (stage, facet) in enumerate(deliveries)
    ]


def opened(rules: RuleBook) -> Store:
    """A store that holds nothing yet, and has not looked at what was told."""
    store = Store(memory_store.new(), "test")
    store.take()
    store.follow([("facets", 0), LOG])
    store.apply_rules(rules)
    return store


def send(store: Store, log: list[bytes], count: int | None = None) -> int:
    """Put what waits in the outbox on the log, all or the first `count`; how many that were."""
    waiting = store.unsent()[:count]
    log += [message.value for message in waiting]
    store.mark_sent([message.seq for message in waiting], NOW)
    return len(waiting)


def start(store: Store, log: Sequence[bytes], now: datetime = LATER) -> None:
    """What a sink does before it reads facets."""
    told = [Alert.from_json(value) for value in log]
    store.take_over(told, {LOG: len(log)})
    store.begin(told={alert.id for alert in told}, now=now)


def feed(store: Store, facets: Sequence[Received], *, tell: bool) -> None:
    """In small batches."""
    for at in range(0, len(facets), 4):
        store.apply(facets[at : at + 4], horizon=NOW, now=NOW, tell=tell)


def alerts(store: Store) -> list[Alert]:
    """The table."""
    return list(read_alerts(store.engine))


def active(store: Store) -> list[Alert]:
    """The table without what is cancelled: an alert that came and went may be seen by one store alone."""
    return [alert for alert in alerts(store) if alert.state == "active"]


def history(log: Sequence[bytes], store: Store) -> None:
    """The log says what the table says, and its revisions are 1..n, each told in one way."""
    ways: dict[tuple[str, int, int], bytes] = {}
    for value in log:
        alert = Alert.from_json(value)
        assert ways.setdefault((alert.id, *alert.order), value) == value
    check_history(list(dict.fromkeys(log)), active(store))


@some(60)
@given(corpus=st.lists(articles(), max_size=10), one=rule(), more=st.lists(articles(), max_size=4))
def test_a_new_store_tells_nothing_that_was_told(
    corpus: list[Article], one: Rule, more: list[Article]
) -> None:
    """It knows the same alerts, revisions and generation, and goes on from them."""
    rules, log = RuleBook([one]), []
    first = opened(rules)
    start(first, log)
    everything = received([*corpus, *more])
    known = len(corpus) * 3
    feed(first, everything[:known], tell=True)
    send(first, log)

    second = opened(rules)
    start(second, log, LATER.replace(year=2028))
    assert not log or first.generation == second.generation
    feed(second, everything[:known], tell=False)
    assert second.tell(horizon=NOW, now=NOW) == 0
    assert alerts(first) == alerts(second)

    feed(second, everything[known:], tell=True)
    feed(first, everything[known:], tell=True)
    assert [a.body_and_id() for a in alerts(first)] == [a.body_and_id() for a in alerts(second)]
    send(second, log)
    history(log, second)


@some(60)
@given(corpus=st.lists(articles(), min_size=1, max_size=10), one=rule(), data=st.data())
def test_an_old_copy_of_a_store_comes_back(corpus: list[Article], one: Rule, data: st.DataObject) -> None:
    """It had told some things, meant to tell others, and slept while another store went on."""
    rules, log = RuleBook([one]), []
    everything = received(corpus)
    cut = data.draw(st.integers(0, len(everything)))
    copy, lively = opened(rules), opened(rules)
    start(copy, [])
    feed(copy, everything[:cut], tell=True)
    send(copy, log, data.draw(st.integers(0, 5)))

    start(lively, log)
    shuffled = everything[:]
    random.Random(data.draw(st.integers(0, 9))).shuffle(shuffled)
    feed(lively, [r.__class__(**_moved(r, i)) for i, r in enumerate(shuffled)], tell=False)
    lively.tell(horizon=NOW, now=NOW)
    send(lively, log)
    history(log, lively)

    start(copy, log)
    meant = copy.unsent()
    feed(copy, everything[cut:], tell=False)
    copy.tell(horizon=NOW, now=NOW)
    send(copy, log)
    history(log, copy)
    assert [a.body_and_id() for a in active(copy)] == [a.body_and_id() for a in active(lively)]
    # What the copy had committed and not yet sent it tells, and corrects: that makes further revisions.
    assert meant or active(copy) == active(lively)


def _moved(r: Received, offset: int) -> dict[str, Any]:
    """The same facet at another offset of its stream."""
    return {
        "position": r.position,
        "offset": offset,
        "stage": r.stage,
        "source": r.source,
        "facet": r.facet,
    }


@some(30)
@given(corpus=st.lists(articles(), max_size=8), one=rule())
def test_a_log_made_anew_is_told_everything_once(corpus: list[Article], one: Rule) -> None:
    """In the very words and under the very numbers of before."""
    rules, log = RuleBook([one]), []
    store = opened(rules)
    start(store, log)
    feed(store, received(corpus), tell=True)
    send(store, log)
    store.begin(told=set(), now=LATER)
    anew: list[bytes] = []
    send(store, anew)
    newest = {(alert.id, *alert.order): alert.to_json() for alert in alerts(store)}
    assert sorted(newest.values()) == sorted(anew)
    assert set(anew) <= set(log)


def test_a_new_store_goes_on_in_the_generation_of_what_was_told() -> None:
    """For the alerts that it knows from the log, and for those that it opens itself."""
    names = "Xi Jinping met Vladimir Putin."
    everything = received(
        article(id=day, text=names, published_at=f"{day}T12:00:00Z") for day in ("2025-01-20", "2025-01-25")
    )
    rules, log = RuleBook([Rule(id="r", version=1, actors=("Q15031", "Q7747"))]), []
    first, second = opened(rules), opened(rules)
    start(first, log)
    feed(first, everything[:3], tell=True)
    send(first, log)
    start(second, log, LATER.replace(year=2028))
    feed(second, everything, tell=True)
    send(second, log)
    told = {(one.window.start.day, one.generation) for one in map(Alert.from_json, log)}
    assert told == {(20, first.generation), (25, first.generation)}


def test_alerts_of_a_rule_that_is_gone_are_withdrawn() -> None:
    """A new store follows its rules file: what it doesn't ask for is no alert of this table."""
    names = "Xi Jinping met Vladimir Putin."
    corpus = [
        Article(id="a", title="A day", text=names, source="s.example", published_at="2025-01-20T12:00:00Z")  # type: ignore[arg-type]
    ]
    old = Rule(id="old", version=1, actors=("Q15031", "Q7747"))
    other = Rule(id="other", version=1, actors=("Q15031", "Q22686"))
    log: list[bytes] = []
    first = opened(RuleBook([old]))
    start(first, log)
    feed(first, received(corpus), tell=True)
    send(first, log)
    second = opened(RuleBook([other]))
    start(second, log)
    feed(second, received(corpus), tell=False)
    assert second.tell(horizon=NOW, now=NOW) == 1
    assert [(a.rule.id, a.state, a.revision, a.change) for a in alerts(second)] == [
        ("old", "cancelled", 2, ("withdrawn",))
    ]


def test_what_was_told_in_other_words_meanwhile_is_not_told_again() -> None:
    """A copy had meant to tell two revisions, and told none; the store after it needed one to say the same."""
    names = "Xi Jinping met Vladimir Putin."
    one = Article(id="a", title="A day", text=names, source="s.example", published_at="2025-01-20T12:00:00Z")  # type: ignore[arg-type]
    rules = RuleBook([Rule(id="r", version=1, actors=("Q15031", "Q7747"))])
    everything, log = received([one]), []
    copy, lively = opened(rules), opened(rules)
    start(copy, log)
    for facet in everything:
        copy.apply([facet], horizon=NOW, now=NOW)
    assert len(copy.unsent()) > 1
    start(lively, log)
    feed(lively, everything, tell=True)
    send(lively, log)
    start(copy, log)
    assert (copy.tell(horizon=NOW, now=NOW), send(copy, log)) == (0, 0)
    assert alerts(copy) == alerts(lively)
    history(log, copy)
