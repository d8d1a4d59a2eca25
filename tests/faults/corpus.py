"""Made articles of every awkward kind: the same seed gives the same bytes in the same order."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from kafka.partitioner.default import murmur2

from streams.core.article import Article
from streams.core.instants import format_instant
from streams.core.message import canonical_json

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""When all of it counts as sent: the time stamp of each record."""
PARTITIONS = 3
"""How many each stream has, until a fault gives it more."""
DISTINCT = 130
"""Articles of one run, without their versions and copies."""
UNREADABLE = {"sentiment": "A sentence that no sentiment can read.", "topics": "A sentence about nothing."}
"""What an article says on which the model of a stage raises (faults/unreadable.py)."""

_DAY = datetime(2025, 3, 10, 18, tzinfo=UTC)
_ACTORS = ("Xi Jinping", "Vladimir Putin", "Donald Trump")
_PLACES = ("the harbour", "a bakery", "the old theatre", "a chess club", "the ferry", "a bicycle shop")
_VERBS = ("met", "praised", "accused", "phoned", "warned", "thanked")
_SOURCES = ("one.example", "www.one.example", "two.example", "three.example")
_GARBAGE = (
    b"\xff\xfe\x00",
    None,
    b"",
    b"[1, 2]",
    b'{"title": "no more"}',
    b"[" * 4000,
    b'{"id": "x", "id": 7}',
    b'{"id": "\\ud800", "title": "Lone"}',
    b"NaN",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record to publish: an article, or bytes that are none."""

    key: bytes
    value: bytes | None
    article: Article | None = None


def entries(seed: int) -> list[Entry]:
    """What is published in a run, in order."""
    chance = random.Random(f"corpus/{seed}")
    keys = _Keys(seed)
    found = [_entry(article) for article in _articles(chance, keys)]
    garbage = keys.of("garbage").encode()
    found += [Entry(garbage, value) for value in chance.sample(_GARBAGE, 5)]
    found += [_from_the_future(chance, keys, number) for number in range(2)]
    for entry in chance.sample(found, len(found) // 12):
        found += [entry] * 2
    order = chance.choice(("shuffled", "by time", "nearly by time", "backwards"))
    if order == "shuffled":
        chance.shuffle(found)
    else:
        jitter = timedelta(hours=6 if order == "nearly by time" else 0)
        found.sort(key=lambda entry: _when(entry) + jitter * chance.random(), reverse=order == "backwards")
    return found


def burst(seed: int) -> int:
    """How many of them are sent at once, before a pause."""
    return random.Random(f"burst/{seed}").choice((1, 5, 60))


class _Keys:
    """What records go by, and so their partitions: as it comes, or one stays idle, or one has nearly all."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        chance = random.Random(f"keys/{seed}")
        self._one = chance.randrange(PARTITIONS)
        self._idle, self._crowded = chance.choice(
            ((False, False), (False, False), (True, False), (False, True))
        )

    def of(self, name: str) -> str:
        """The name itself, or with an ending that brings it where it should go."""
        crowding = self._crowded and random.Random(f"keys/{self._seed}/{name}").random() < 0.9
        key = name
        for ending in count():
            there = (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS == self._one
            if not (self._idle and there) and (there or not crowding):
                break
            key = f"{name}~{ending}"
        return key


def _articles(chance: random.Random, keys: _Keys) -> Iterator[Article]:
    few = chance.random() < 0.2
    for number in range(DISTINCT):
        name = f"few-{number % 7}" if few and number % 3 else f"f-{number}"
        first = _article(chance, keys.of(name), number)
        yield first
        while chance.random() < 0.2:
            at = first.published_at + timedelta(hours=chance.randint(1, 80))
            again = _article(chance, first.id, number)
            moved = again.published_at if chance.random() < 0.3 else first.published_at
            yield again.model_copy(update={"published_at": moved, "updated_at": at})
        if chance.random() < 0.08:
            at = first.published_at + timedelta(hours=chance.randint(0, 80))
            yield first.model_copy(update={"withdrawn": True, "updated_at": at})


def _article(chance: random.Random, identity: str, number: int) -> Article:
    many = chance.choices((0, 1, 2, 3), (50, 30, 14, 6))[0]
    actors = chance.sample(_ACTORS, many)
    joint = chance.choice((" and ", ". Later came ", ".\n\nElsewhere there was "))
    told = f"{joint.join(actors)} {chance.choice(_VERBS)} people at {chance.choice(_PLACES)}." if many else ""
    filler = [f"Nothing else of note took place at {chance.choice(_PLACES)}." for _ in range(2)]
    unreadable = list(UNREADABLE.values())[number : number + 1]
    return Article(
        id=identity,
        title=f"Report {chance.randint(1, 40)} from {chance.choice(_PLACES)}",
        text=" ".join([told, *filler, *unreadable]).strip(),
        source=chance.choice(_SOURCES),
        published_at=_published(chance),
    )


def _published(chance: random.Random) -> datetime:
    """Mostly within three days, some hours or years late, some on the very edge of a window."""
    at = _DAY + timedelta(minutes=chance.randint(0, 3 * 24 * 60))
    kind = chance.random()
    if kind < 0.06:
        return at - timedelta(days=365 * chance.randint(1, 30))
    if kind < 0.12:
        midnight = at.replace(hour=0, minute=0)
        return midnight - timedelta(microseconds=chance.randint(0, 1))
    return at


def _entry(article: Article) -> Entry:
    return Entry(article.id.encode(), article.to_json(), article)


def _from_the_future(chance: random.Random, keys: _Keys, number: int) -> Entry:
    """Valid but for its date: every stage refuses it."""
    key = keys.of(f"future-{number}")
    fields = _article(chance, key, DISTINCT).model_dump()
    fields["published_at"] = format_instant(NOW + timedelta(hours=chance.randint(25, 500)))
    return Entry(key.encode(), canonical_json(fields))


def _when(entry: Entry) -> datetime:
    if entry.article is None:
        return _DAY
    return entry.article.updated_at or entry.article.published_at
