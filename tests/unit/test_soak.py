"""The soak's pure parts: articles that are known beforehand, a slope with its error, rows within bounds."""

import random
from math import inf

import pytest
from soak.articles import BACK, Corpus, made
from soak.bounds import Work, bounds, outgrown
from soak.measured import own_memory
from soak.trend import HOUR_SECONDS, Trend, trend

from streams.core.facets import Entities
from streams.enrich.stages import load_stage

SECONDS = list(range(1200))
WORK = Work(
    articles=10,
    versions=12,
    telling=2,
    alerts=3,
    revisions=7,
    kills_of_the_sink=0,
    rules=4,
    partitions=3,
)


def grown(percent_an_hour: float) -> list[float]:
    """A hundred at the middle, growing."""
    return [100 + percent_an_hour * (second - SECONDS[-1] / 2) / HOUR_SECONDS for second in SECONDS]


@pytest.mark.parametrize("percent", [0.0, 0.5, 7.0, -3.0])
def test_a_line_has_its_slope(percent: float) -> None:
    """In per cent of the mean an hour, and no error."""
    found = trend(SECONDS, grown(percent))
    assert found.growth == pytest.approx(percent, abs=1e-6)
    assert found.error == pytest.approx(0.0, abs=1e-6)
    assert found.mean == pytest.approx(100)
    assert found.keeps(1.0) is (percent < 1)


@pytest.mark.parametrize("likeness", [0.0, 0.99])
def test_the_error_is_as_large_as_the_slopes_that_chance_makes(likeness: float) -> None:
    """Of figures that don't grow, with neighbours alike or not, few slopes lie three errors off nothing."""
    found = [trend(SECONDS, wandering(number, likeness)) for number in range(100)]
    assert sum(abs(one.growth) > 3 * one.error for one in found) < 10


def wandering(seed: int, likeness: float) -> list[float]:
    """Figures about a hundred, each somewhat like the one before."""
    chance = random.Random(seed)
    values, off = [], 0.0
    for _ in SECONDS:
        off = likeness * off + chance.gauss(0, 1)
        values.append(100 + off)
    return values


def test_what_was_measured_too_shortly_tells_nothing() -> None:
    """Neither that it grows nor that it doesn't."""
    found = trend(SECONDS[:50], grown(50.0)[:50])
    assert found.error == inf
    assert found.keeps(1.0) is None


def test_how_long_to_measure_follows_from_the_error() -> None:
    """Eight times the error takes four times the time."""
    assert Trend(100, 0.2, 4.0, 600).keeps(1.0) is None
    assert Trend(100, 0.2, 4.0, 600).seconds_needed(1.0) == pytest.approx(2400)
    assert Trend(100, 0.2, 0.1, 600).seconds_needed(1.0) == 600
    assert Trend(100, 9.0, 1.0, 600).keeps(1.0) is False


def test_memory_of_its_own_is_what_is_private() -> None:
    """What is shared, or is a file's, isn't."""
    text = "00400000-7fff [rollup]\nRss: 90 kB\nShared_Clean: 50 kB\nPrivate_Clean: 8 kB\nPrivate_Dirty: 30 kB\nSwap: 2 kB\n"
    assert own_memory(text) == 32 * 1024


def test_articles_are_a_function_of_seed_and_number() -> None:
    """Each alone; about a kilobyte; later versions are of an article that was there before."""
    corpus = Corpus(7, 5000)
    assert [corpus[number] for number in (0, 4999)] == [Corpus(7, 9000)[number] for number in (0, 4999)]
    assert all(500 < len(corpus[number].value or b"") < 2000 for number in range(200))
    articles, versions = corpus.versions()
    assert (articles, versions) == (len({entry.article.id for entry in corpus if entry.article}), 5000)
    again = [number for number in range(5000) if made(7, number).updated_at is not None]
    assert 50 < len(again) == 5000 - articles < 150
    assert {made(7, number).id for number in again} == {made(7, number - BACK).id for number in again}


def test_two_per_cent_name_two_actors_and_they_are_known() -> None:
    """The stage that finds actors finds two in those, and in no other."""
    corpus, stage = Corpus(7, 1500), load_stage("entities")
    two = set()
    for entry in corpus:
        assert entry.article is not None
        facet = stage.read(entry.article)
        assert isinstance(facet, Entities)
        if len(facet.actors) > 1:
            two.add(entry.article.id)
    assert 15 < len(two) < 50
    assert {article.id for article in corpus.telling()} == two | {
        article.id for article in corpus.telling() if article.withdrawn
    }


def test_rows_are_what_the_work_explains() -> None:
    """One more or one fewer is seen, and a table that nobody knows."""
    rows = {name: bound.least for name, bound in bounds(WORK).items()}
    assert rows["facet"] == 36
    assert list(outgrown(rows, WORK)) == []
    assert list(outgrown(rows | {"outbox": 8}, WORK)) == ["table outbox has 8 rows, not 7"]
    assert list(outgrown(rows | {"facet": 35}, WORK)) == ["table facet has 35 rows, not 36"]
    assert list(outgrown(rows | {"evidence": 7}, WORK)) == ["table evidence has 7 rows, not 0 to 6"]
    assert list(outgrown(rows | {"surprise": 1}, WORK)) == ["table surprise has 1 rows, not 0"]
    killed = WORK._replace(kills_of_the_sink=1)
    assert list(outgrown(rows | {"outbox": 5}, killed)) == []
    assert list(outgrown(rows | {"outbox": 8}, killed)) == ["table outbox has 8 rows, not 0 to 7"]
