"""A stream of made articles without an end: each a function of the seed and its number alone.

Event time goes on half a minute an article, so that windows open, fill and end all the while. Two per cent
name two watched actors; those that raise an alert are therefore known without reading the others.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from faults.corpus import Entry

from streams.core.article import Article

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""When all of it counts as sent."""
JOINT = 0.02
"""The share of articles that name two watched actors."""
VERSIONS = 0.02
"""The share of records that are a later version of an article of before."""
BACK = 40
"""How many numbers before lies the article that a later version is of."""
STEP = timedelta(seconds=30)

_BEGIN = datetime(2016, 1, 1, tzinfo=UTC)
_ACTORS = ("Xi Jinping", "Vladimir Putin", "Donald Trump")
_PLACES = ("the harbour", "a bakery", "the old theatre", "a chess club", "the ferry", "a bicycle shop")
_VERBS = ("met", "praised", "accused", "phoned", "warned", "thanked")
_THINGS = ("rain", "a new bridge", "the price of bread", "a lost dog", "the late train", "an old map")


@dataclass(frozen=True, slots=True)
class Corpus(Sequence[Entry]):
    """So many articles of a seed; none is kept."""

    seed: int
    count: int

    def __len__(self) -> int:
        """How many there are."""
        return self.count

    def __getitem__(self, number: int) -> Entry:  # type: ignore[override]  # no slices
        """The record of this number."""
        if number >= self.count:
            raise IndexError(number)
        article = made(self.seed, number)
        return Entry(article.id.encode(), article.to_json(), article)

    def telling(self) -> Iterator[Article]:
        """Every version of the articles of which one names two actors: no other can raise an alert."""
        wanted = {_first(self.seed, number) for number in range(self.count) if _is_joint(self.seed, number)}
        for number in range(self.count):
            if _first(self.seed, number) in wanted:
                yield made(self.seed, number)

    def versions(self) -> tuple[int, int]:
        """How many articles, and how many versions of articles, there are."""
        return len({_first(self.seed, number) for number in range(self.count)}), self.count


def made(seed: int, number: int) -> Article:
    """The article of this number: about a kilobyte, as agencies send them."""
    chance = _chance(seed, number)
    joint, first = _is_joint(seed, number), _first(seed, number)
    actors = chance.sample(_ACTORS, 2) if joint else chance.sample(_ACTORS, chance.random() < 0.3)
    told = (
        f"{' and '.join(actors)} {chance.choice(_VERBS)} people at {chance.choice(_PLACES)}."
        if actors
        else ""
    )
    filler = [
        f"Nothing else of note took place at {chance.choice(_PLACES)}, where people spoke of"
        f" {chance.choice(_THINGS)} and of {chance.choice(_THINGS)}."
        for _ in range(8)
    ]
    at = _BEGIN + STEP * first
    return Article(
        id=f"soak-{first}",
        title=f"Report {number} from {chance.choice(_PLACES)}",
        text=" ".join([told, *filler]).strip(),
        source=f"source-{chance.randrange(50)}.example",
        published_at=at,
        updated_at=at + timedelta(hours=1) if first != number else None,
        withdrawn=first != number and chance.random() < 0.1,
    )


def _chance(seed: int, number: int) -> random.Random:
    return random.Random(f"soak/{seed}/{number}")


def _is_joint(seed: int, number: int) -> bool:
    return random.Random(f"joint/{seed}/{number}").random() < JOINT


def _first(seed: int, number: int) -> int:
    """The number of the article's first version."""
    if number < BACK:
        return number
    again = random.Random(f"again/{seed}/{number}").random() < VERSIONS
    first = number - BACK
    # A later version of a later version would be dated like it.
    return first if again and _first(seed, first) == first else number
