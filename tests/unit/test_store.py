"""What the store does at single moments that no end of a run shows any more, since it is mended by then."""

from collections.abc import Sequence
from itertools import permutations

import pytest
from conftest import NOW, article

from streams.backtest import read
from streams.core.alert import Alert
from streams.core.facets import FACETS, Facet, Reading, RegistryVersion, Stage
from streams.core.frontier import Frontier
from streams.core.headers import Coordinates
from streams.core.rules import Rule, RuleBook
from streams.enrich.stage import Enrichment
from streams.store.database import MEMORY
from streams.store.mends import Mend
from streams.store.progress import Answered
from streams.store.reading import read_alerts
from streams.store.received import Received, answers
from streams.store.store import Store

PAIR = article(text="Xi Jinping met Vladimir Putin.")
RULE = Rule(id="r", version=1, actors=("Q15031", "Q7747"), grace_hours=2)
LESSER, GREATER = RegistryVersion(release=1, digest=""), RegistryVersion(release=10**6, digest="")


def opened(rule: Rule = RULE) -> Store:
    """An empty one, under one rule."""
    store = Store.open(MEMORY, "test")
    store.take()
    store.begin(now=NOW)
    store.apply_rules(RuleBook([rule]))
    store.follow([("facets", 0)])
    return store


@pytest.fixture
def store() -> Store:
    """One under the rule above."""
    return opened()


def received(facets: Sequence[tuple[Stage, Facet]], start: int = 0) -> list[Received]:
    """These as they come after each other, each for a record of its own."""
    return [
        Received(
            position=("facets", 0), offset=at, stage=stage, source=Coordinates("log", 0, at), facet=facet
        )
        for at, (stage, facet) in enumerate(facets, start)
    ]


def read_by(registry: RegistryVersion, stages: list[Enrichment]) -> Reading:
    """What the stages say of the pair, as a worker with this registry would."""
    reading = read(PAIR, stages, NOW)
    assert reading.sentiment is not None
    return reading._replace(
        entities=reading.entities.model_copy(update={"registry": registry}),
        sentiment=reading.sentiment.model_copy(update={"registry": registry}),
    )


def only(store: Store) -> Alert:
    """The one alert."""
    (alert,) = read_alerts(store.engine)
    return alert


def test_a_window_closes_by_what_was_read_not_by_the_clock(store: Store, stages: list[Enrichment]) -> None:
    """While a partition lags, more may come for a window that ended long ago: it is open, and no backfill."""
    facets = received(list(zip(FACETS, read(PAIR, stages, NOW), strict=True)))
    behind = PAIR.published_at
    store.apply(facets, horizon=behind, now=NOW)
    assert (only(store).closed, only(store).backfill) == (False, False)
    assert store.close_due(horizon=behind, now=NOW) == 0
    assert store.close_due(horizon=NOW, now=NOW) == 1
    assert (only(store).closed, only(store).backfill, only(store).change) == (True, False, ("closed",))


def test_tone_of_another_registry_is_not_told_and_asked_for_again(
    store: Store, stages: list[Enrichment]
) -> None:
    """Until a repair brings both readings of one registry."""
    known, other = read_by(GREATER, stages), read_by(LESSER, stages)
    mixed: list[tuple[Stage, Facet]] = [("entities", known[0]), ("sentiment", other[1])]  # type: ignore[list-item]
    store.apply(received(mixed), horizon=NOW, now=NOW)
    assert (only(store).tone, only(store).lineage.models.sentiment) == ((), None)
    wanted = [Mend(Coordinates("log", 0, at), "registry", 0) for at in (0, 1)]
    assert wanted == store.mends("log")

    again = received([("sentiment", known[1])] * 2, start=2)  # type: ignore[list-item]
    for one, mend in zip(again, wanted, strict=True):
        repair = Received(
            position=one.position,
            offset=one.offset,
            stage=one.stage,
            source=one.source,
            mended=mend.place,
            facet=one.facet,
        )
        store.apply([repair], horizon=NOW, now=NOW)
    assert {tone.id for tone in only(store).tone} == set(RULE.actors)


@pytest.mark.parametrize("at_once", [True, False])
def test_of_several_answers_the_order_of_arrival_decides_nothing(
    stages: list[Enrichment], at_once: bool
) -> None:
    """Of two registries the greater is believed, whether its answers come first or last."""
    both = [
        (stage, facet)
        for registry in (LESSER, GREATER)
        for stage, facet in zip(Reading._fields[:2], read_by(registry, stages)[:2], strict=True)
    ]
    bodies = set()
    for order in permutations(both):
        store = opened()
        facets = received(order)  # type: ignore[arg-type]
        for batch in [facets] if at_once else [[one] for one in facets]:
            store.apply(batch, horizon=NOW, now=NOW)
        assert only(store).lineage.registry == GREATER
        assert only(store).tone
        bodies.add(only(store).digest)
        store.engine.dispose()
    assert len(bodies) == 1


def test_a_late_article_of_the_day_before_makes_an_alert_of_the_day_after(stages: list[Enrichment]) -> None:
    """Thresholds hold over both days together, though nothing of the second one has changed."""
    store = opened(RULE.model_copy(update={"min_articles": 2}))
    early, late = (
        article(id=day, text=PAIR.text, published_at=f"{day}T12:00:00Z")
        for day in ("2025-01-21", "2025-01-22")
    )
    for offset, one in enumerate((late, early)):
        entities = read(one, stages, NOW).entities
        store.apply(received([("entities", entities)], start=offset), horizon=NOW, now=NOW)
    assert (only(store).window.start.day, only(store).counts.articles) == (22, 1)


def test_the_answer_to_a_repair_answers_the_record_that_it_stands_for() -> None:
    """Its own record and the one that was passed by: no hole is left that would be asked for once more."""
    place = ("topics", "log", 0)
    known = {place: Answered(Frontier(3, ((4, 6),)))}  # 3 was passed by, 6 stands for it
    repair = Received(
        position=("facets", 0),
        offset=5,
        stage="topics",
        source=Coordinates("log", 0, 6),
        mended=Coordinates("log", 0, 3),
    )
    assert answers([repair], known)[place].frontier == Frontier(7)  # type: ignore[index]
