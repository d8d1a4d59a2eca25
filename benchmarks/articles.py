"""Made articles of one size: the same seed gives the same articles on every machine.

Of each ten, in a seeded order, one names two of the watched actors, four name one and five name
none, unless told otherwise. No text of any real article is in them.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

from benchmarks import words
from streams.core.article import Article

SEED = 20_250_121
SIZE = 4_600
"""Bytes of an article as published, as JSON."""
START = datetime(2025, 1, 1, tzinfo=UTC)
INTERVAL = timedelta(minutes=5)
OWN_WINDOW = timedelta(hours=48)
"""Further apart than two windows of the shipped rules, so that no window carries over."""

Mix = Literal["tenth", "two", "none"]
_COUNTS: dict[Mix, tuple[int, ...]] = {
    "tenth": (2, 1, 1, 1, 1, 0, 0, 0, 0, 0),
    "two": (2,) * 10,
    "none": (1, 1, 1, 1, 1, 0, 0, 0, 0, 0),
}
_ACTORS = {
    "Xi Jinping": ("Xi Jinping", "Xi"),
    "Vladimir Putin": ("Vladimir Putin", "Putin"),
    "Donald Trump": ("Donald Trump", "Trump"),
}
_SOURCES = tuple(f"The {name} Courier" for name in ("Alder", "Birch", "Cedar", "Elm", "Hazel", "Larch"))
_ACTOR_SENTENCES = 0.25
"""The share of sentences that name an actor, in articles that name one."""
_BARE = 330
"""About how many bytes the JSON has beside title and text."""


def articles(
    count: int, *, mix: Mix = "tenth", seed: int = SEED, size: int = SIZE, own_windows: bool = False
) -> Iterator[Article]:
    """Make `count` articles, one every five minutes of published_at.

    With `mix` "two" all of them name two watched actors, with "none" no article does: half name one. With
    `own_windows` each two-actor article is published in a window that no other is in.
    """
    chance = random.Random(f"{seed}/{mix}/{size}")
    pairs = 0
    for number in range(count):
        if number % 10 == 0:
            counts = list(_COUNTS[mix])
            chance.shuffle(counts)
        actors = chance.sample(list(_ACTORS), counts[number % 10])
        at = START + number * INTERVAL
        if len(actors) > 1:
            pairs += 1
            at = START - pairs * OWN_WINDOW if own_windows else at
        yield _article(chance, f"bench-{number:07d}", actors, at, size)


def names_two(article: Article) -> bool:
    """Whether the article was made to name two actors: all of those have it in the title."""
    return sum(name in article.title for name in _ACTORS) > 1


def _article(chance: random.Random, article_id: str, actors: list[str], at: datetime, size: int) -> Article:
    title = _fill(chance, "{who} and {other} at odds over {thing}", actors) if len(actors) > 1 else None
    title = title or _capital(f"{chance.choice(words.SUBJECTS)} {_plain(chance)}")
    left = size - _BARE - len(title)
    paragraphs: list[list[str]] = [[]]
    while left > 0:
        sentence = _sentence(chance, actors) + "."
        left -= len(sentence) + 1 + sentence.count('"')
        if len(paragraphs[-1]) >= chance.randint(2, 5):
            paragraphs.append([])
        paragraphs[-1].append(sentence)
    return Article(
        id=article_id,
        title=title,
        text="\n\n".join(" ".join(paragraph) for paragraph in paragraphs),
        url=f"https://{article_id}.example/news/{chance.getrandbits(40):010x}",
        source=chance.choice(_SOURCES),
        published_at=at,
        language="en",
        authors=("A. Writer",),
    )


def _sentence(chance: random.Random, actors: list[str]) -> str:
    if actors and chance.random() < _ACTOR_SENTENCES:
        forms = words.MEETINGS if len(actors) > 1 and chance.random() < 0.4 else words.ACTS
        named = [chance.choice(_ACTORS[actor]) for actor in chance.sample(actors, len(actors))]
        return _fill(chance, chance.choice(forms), named)
    subject = chance.choice(words.SUBJECTS)
    opening = f"{chance.choice(words.OPENINGS)}, " if chance.random() < 0.3 else ""
    middle = f" {chance.choice(words.PLACES)}" if chance.random() < 0.6 else ""
    return f"{_capital(opening + subject)} {_plain(chance)}{middle} {chance.choice(words.REASONS)}"


def _plain(chance: random.Random) -> str:
    return f"{chance.choice(words.VERBS)} {chance.choice(words.OBJECTS)}"


def _fill(chance: random.Random, form: str, named: list[str]) -> str:
    return _capital(
        form.format(
            who=named[0],
            other=named[-1],
            thing=chance.choice(words.OBJECTS),
            place=chance.choice(words.PLACES),
            reason=chance.choice(words.REASONS),
        )
    )


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
