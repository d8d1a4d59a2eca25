"""What must hold of a batch, however the facets of its articles come."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from streams.core.article import Article, Version
from streams.core.facets import Actor, Entities, Facet, Sentiment, Stage, Topics
from streams.sink.batch import MAX_FACETS, MAX_WAIT_SECONDS, Batch
from streams.store.received import Received

STAGES: dict[Stage, type[Facet]] = {"entities": Entities, "sentiment": Sentiment, "topics": Topics}


def received(article: int, stage: Stage, offset: int, *, actors: int = 2) -> Received:
    """A facet of an article that names so many actors; each stage's stream has two partitions."""
    version = Version.of(
        Article(
            id=str(article), title="t", text="", source="s", published_at=datetime(2025, 1, 1, tzinfo=UTC)
        )
    )
    rest = {}
    if stage == "entities":
        rest["actors"] = tuple(
            Actor(id=f"Q{n}", name="n", kind="person", salience=0, mentions=()) for n in range(actors)
        )
    facet = STAGES[stage](id=str(article), version=version, stage_version=1, outcome="ok", **rest)
    return Received(position=(stage, article % 2), offset=offset, stage=stage, facet=facet)


@st.composite
def streams(draw: st.DrawFn) -> list[tuple[Received | None, float]]:
    """Facets of a few articles in any order, with the time when each came; None is a look without one."""
    articles = draw(st.integers(1, 8))
    actors = draw(st.lists(st.integers(0, 3), min_size=articles, max_size=articles))
    order = draw(st.permutations([(article, stage) for article in range(articles) for stage in STAGES]))
    offsets: Counter[tuple[str, int]] = Counter()
    events: list[tuple[Received | None, float]] = []
    now = 0.0
    for article, stage in order:
        now += draw(st.sampled_from([0.0, 1 / 64, 5 / 16, 1.0]))  # sums of these are exact
        if draw(st.booleans()):
            events.append((None, now))
        position = (stage, article % 2)
        events.append((received(article, stage, offsets[position], actors=actors[article]), now))
        offsets[position] += 1
    return events


@given(streams())
def test_a_batch_loses_nothing_and_keeps_each_partition_in_order(
    events: list[tuple[Received | None, float]],
) -> None:
    """Everything added comes out once, in its partition's order, and no later than the longest wait."""
    batch, taken, added = Batch(), [], []
    for item, now in events:
        if item is not None:
            batch.add(item, now)
            added.append((item, now))
        if batch.is_due(now):
            taken += batch.take(now)
            late = [one for one, since in added if now - since >= MAX_WAIT_SECONDS]
            assert all(one in taken for one in late)
    end = events[-1][1] + MAX_WAIT_SECONDS
    assert batch.is_due(end) == (len(taken) < len(added))
    taken += batch.take(end)
    assert not batch.is_due(end + 60)
    assert Counter(one.offset for one in taken) == Counter(one.offset for one, _ in added)
    for position in {one.position for one in taken}:
        offsets = [one.offset for one in taken if one.position == position]
        assert offsets == list(range(len(offsets)))


@given(st.permutations(list(STAGES)))
def test_a_pair_is_told_once_and_at_once(order: list[Stage]) -> None:
    """Whatever the order of its facets, an article of two actors is applied whole, without waiting."""
    batch = Batch()
    applied: list[Received] = []
    entities_came = False
    for number, stage in enumerate(order):
        batch.add(received(0, stage, 0), number / 100)
        entities_came |= stage == "entities"
        assert batch.is_due(number / 100) == (number == 2)
        if entities_came and number < 2:
            assert not batch.take(number / 100)
    applied = batch.take(0.02)
    assert {one.stage for one in applied} == set(STAGES)
    assert not batch.is_due(60)


def test_an_article_of_one_actor_holds_nothing_back() -> None:
    """Its facets go with the next batch, even in front of one that waits."""
    batch = Batch()
    batch.add(received(0, "entities", 0, actors=1), 0.0)
    batch.add(received(2, "entities", 1), 0.0)
    batch.add(received(4, "entities", 2, actors=1), 0.0)
    assert [one.offset for one in batch.take(0.1)] == [0]
    assert [one.offset for one in batch.take(MAX_WAIT_SECONDS)] == [1, 2]


def test_a_late_facet_finds_its_article_whole() -> None:
    """The stages that were applied after the longest wait count still: the last is told at once."""
    batch = Batch()
    batch.add(received(0, "entities", 0), 0.0)
    batch.add(received(0, "topics", 0), 0.0)
    assert len(batch.take(MAX_WAIT_SECONDS)) == 2
    batch.add(received(0, "sentiment", 0), 5.0)
    assert batch.is_due(5.0)
    assert len(batch.take(5.0)) == 1


def test_a_full_batch_goes_at_once() -> None:
    """And a batch is never longer than its bound."""
    batch = Batch()
    for offset in range(MAX_FACETS + 1):
        batch.add(received(offset * 2, "entities", offset, actors=0), 0.0)
    assert batch.is_due(0.0)
    assert len(batch.take(0.0)) == MAX_FACETS
    assert len(batch.take(0.0)) == 1
