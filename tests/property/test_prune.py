"""Pruning drops what only old windows need: what came before stays told, what comes after stays right."""

from datetime import datetime, timedelta

from conftest import article as made
from corpora import articles, rule, some
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from test_takeover import alerts, feed, history, opened, received, send, start

from streams.core.article import Article
from streams.core.rules import Rule, RuleBook
from streams.store.prune import Pruned, count_prunable, prune
from streams.store.store import Store
from streams.store.tables import article, evidence, facet

DAY = datetime.fromisoformat("2025-01-20T00:00:00+00:00")


def rows(store: Store) -> tuple[int, ...]:
    """How many articles, facets and pieces of evidence are left."""
    with store.engine.connect() as connection:
        return tuple(
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (article, facet, evidence)
        )


def versions(store: Store) -> dict[str, str]:
    """The current version of each article."""
    with store.engine.connect() as connection:
        rows = connection.execute(select(article.c.article_id, article.c.current_version))
        return {row.article_id: row.current_version for row in rows}


@some(60)
@given(
    corpus=st.lists(articles(), min_size=1, max_size=10),
    late=st.lists(articles(), max_size=5),
    one=rule(),
    hours=st.integers(0, 96),
)
def test_what_is_pruned_stays_told_and_the_rest_stays_right(
    corpus: list[Article], late: list[Article], one: Rule, hours: int
) -> None:
    """Windows that were over are frozen as they were; all others say what an unpruned store says."""
    rules, before, log = RuleBook([one]), DAY + timedelta(hours=hours), []
    everything = received([*corpus, *late])
    pruned, whole = opened(rules), opened(rules)
    for store in (pruned, whole):
        start(store, [])
        feed(store, everything[: len(corpus) * 3], tell=True)
    send(pruned, log)
    told = {alert.id: alert for alert in alerts(pruned)}
    counted, left = count_prunable(pruned.engine, before), rows(pruned)

    current = versions(pruned)
    steps = list(prune(pruned.engine, before))
    assert counted == Pruned(*map(sum, zip(*steps, strict=True)))
    gone = (counted.articles, counted.facets, counted.evidence)
    assert rows(pruned) == tuple(was - now for was, now in zip(left, gone, strict=True))
    assert sum(count_prunable(pruned.engine, before)) == 0

    # An older version of an article that was dropped would be believed: docs/reliability.md says so.
    dropped = dict(current.items() - versions(pruned).items())
    late_facets = everything[len(corpus) * 3 :]
    newer = [r for r in late_facets if r.facet.version.key >= dropped.get(r.facet.id, "")]
    for store in (pruned, whole):
        feed(store, newer, tell=True)
    live = {alert.id: alert for alert in alerts(whole) if alert.window.end > before}
    kept = {alert.id: alert for alert in alerts(pruned)}
    assert live == {key: alert for key, alert in kept.items() if alert.window.end > before}
    frozen = {key: alert for key, alert in told.items() if alert.window.end <= before}
    assert frozen == {key: alert for key, alert in kept.items() if alert.window.end <= before}
    send(pruned, log)
    history(log, pruned)


def test_what_comes_late_for_a_frozen_window_changes_nothing() -> None:
    """A second article, a correction and a withdrawal: without what was pruned, each would tell nonsense."""
    names = {"text": "Xi Jinping met Vladimir Putin.", "published_at": "2025-01-20T12:00:00Z"}
    store = opened(RuleBook([Rule(id="r", version=1, actors=("Q15031", "Q7747"))]))
    start(store, [])
    first = [made(id="a", **names), made(id="b", **names)]
    late = [
        made(id="c", **names),
        made(id="a", updated_at="2025-01-25T00:00:00Z", **names | {"text": "Nothing."}),
        made(id="b", updated_at="2025-01-25T00:00:00Z", withdrawn=True, **names),
    ]
    everything = received([*first, *late])
    feed(store, everything[:6], tell=True)
    told = alerts(store)
    assert [(alert.counts.articles, alert.state) for alert in told] == [(2, "active")]
    assert sum(map(sum, prune(store.engine, DAY + timedelta(days=9)))) > 0
    feed(store, everything[6:], tell=True)
    assert told == alerts(store)
