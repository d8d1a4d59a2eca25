"""The oracle: the same functions and the same store as the live way, in memory, with no broker."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from streams.core.alert import Alert
from streams.core.article import Article
from streams.core.facets import Reading, Stage
from streams.core.headers import Coordinates
from streams.core.rules import RuleBook
from streams.enrich.stage import Enrichment, outcome
from streams.store.database import MEMORY
from streams.store.reading import read_alerts
from streams.store.received import Received
from streams.store.store import Store

BATCH = 150
"""Articles a transaction; what comes out doesn't depend on it."""

SOURCE = "corpus"


def backtest(
    articles: Iterable[Article], rules: RuleBook, stages: Sequence[Enrichment], *, now: datetime
) -> Iterator[Alert]:
    """The alerts that are active once `articles` have been read, by (window start, rule id, actors).

    `now` is the instant at which the articles count as sent, and the horizon.
    """
    store = Store.open(MEMORY, "backtest")
    store.take()
    store.begin(now=now)
    store.apply_rules(rules)
    store.follow((stage.name, 0) for stage in stages)
    numbered = enumerate(articles)
    while batch := list(islice(numbered, BATCH)):
        received = [answer(stage, article, number, now) for number, article in batch for stage in stages]
        store.apply(received, horizon=now, now=now)
    yield from read_alerts(store.engine, active_only=True)


def answer(stage: Enrichment, article: Article, number: int, now: datetime) -> Received:
    """A stage's facet for the corpus's article of this number, as the store receives it."""
    name: Stage = stage.name
    return Received(
        position=(name, 0),
        offset=number,
        stage=name,
        source=Coordinates(SOURCE, 0, number),
        facet=outcome(stage, article.to_json(), now).facet,
    )


def read(article: Article, stages: Sequence[Enrichment], now: datetime) -> Reading:
    """What the three stages say of one article."""
    facets = {stage.name: outcome(stage, article.to_json(), now).facet for stage in stages}
    return Reading(**facets)  # type: ignore[arg-type]
