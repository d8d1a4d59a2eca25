"""Polling: when a feed is asked again, and what of it is given out. Time is what the test says."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from conftest import NOW, article

from streams.cli.feeds import BROKER_RETRY_SECONDS, follow
from streams.core.article import Article
from streams.core.errors import BrokerUnavailable, FeedUnavailable, Problem
from streams.corpus import Refusal
from streams.feeds.fetching import Fetched
from streams.feeds.polling import REMEMBERED, Poller
from streams.feeds.reading import Document, Reading

INTERVAL = timedelta(minutes=15)
NO_DATE = Refusal("a entry 1", None, (Problem("published_at", "field required"),))

Answer = Reading | FeedUnavailable | None


@dataclass
class World:
    """Feeds that answer in turn what they are told to (None: unchanged), and a clock."""

    answers: dict[str, Iterator[Answer]]
    now: datetime = NOW
    asked: list[tuple[str, datetime, Mapping[str, str]]] = field(default_factory=list)
    jitter: float = 0.0
    reading: Answer = None
    stopped: bool = False

    def fetch(self, location: str, validators: Mapping[str, str]) -> Fetched:
        """Note who asks, and answer."""
        self.asked.append((location, self.now, validators))
        self.reading = next(self.answers[location])
        if isinstance(self.reading, FeedUnavailable):
            raise self.reading
        document = Document(name=location, body=b"") if self.reading else None
        return Fetched(document, {"If-None-Match": str(len(self.asked))})

    def read(self, _: Document) -> Reading:
        """What the document last fetched holds."""
        assert isinstance(self.reading, Reading)
        return self.reading

    def poller(self) -> Poller:
        """A poller of these feeds."""
        return Poller(
            list(self.answers),
            fetch=self.fetch,
            read=self.read,
            interval=INTERVAL,
            clock=lambda: self.now,
            jitter=lambda: self.jitter,
            stopped=lambda: self.stopped,
        )

    def waits(self, polls: int) -> list[timedelta]:
        """How long it waited between one poll and the next, the clock being set to when one is due."""
        poller = self.poller()
        for _ in range(polls):
            list(poller.poll())
            self.now += timedelta(seconds=poller.seconds_until_due())
        times = [at for _, at, _ in self.asked]
        return [later - earlier for earlier, later in pairwise([*times, self.now])]


def holding(*entries: Article | Refusal, ttl_minutes: int = 0) -> Reading:
    """A feed with these entries."""
    return Reading(entries, timedelta(minutes=ttl_minutes))


def one(*answers: Answer) -> World:
    """A world with one feed."""
    return World({"a": iter(answers)})


def down(retry_after: timedelta = timedelta()) -> FeedUnavailable:
    """A feed that answers 503."""
    return FeedUnavailable("answers 503", retry_after)


def test_only_what_is_new_or_changed_is_given_out() -> None:
    """An article by id and version; a refusal too is said once."""
    first, second = article(id="1"), article(id="2")
    changed = article(id="1", title="Corrected", updated_at="2025-01-22T00:00:00Z")
    world = one(holding(first, first, NO_DATE), holding(second, first, NO_DATE), holding(second, changed))
    poller = world.poller()
    given = []
    for _ in range(3):
        given.append(list(poller.poll()))
        world.now += INTERVAL
    assert given == [[first, NO_DATE], [second], [changed]]


def test_a_feed_is_not_asked_before_it_is_due() -> None:
    """However often the poller is."""
    world = one(holding(), holding())
    poller = world.poller()
    assert poller.seconds_until_due() == 0
    list(poller.poll())
    list(poller.poll())
    assert len(world.asked) == 1
    assert poller.seconds_until_due() == INTERVAL.total_seconds()
    world.now += INTERVAL
    assert poller.seconds_until_due() == 0
    list(poller.poll())
    assert len(world.asked) == 2


def test_the_next_request_is_conditional() -> None:
    """With the validators of the last answer, also after a failure between."""
    world = one(holding(), down(), None)
    world.waits(3)
    assert [{}, {"If-None-Match": "1"}, {"If-None-Match": "1"}] == [asked for _, _, asked in world.asked]


@pytest.mark.parametrize(
    ("answers", "minutes"),
    [
        ([holding(), holding()], [15, 15]),
        ([holding(ttl_minutes=60), None, holding()], [60, 60, 15]),
        ([holding(ttl_minutes=5)], [15]),
        ([holding(ttl_minutes=999_999)], [24 * 60]),
        ([down(), down(), down(), holding()], [15, 30, 60, 15]),
        ([down() for _ in range(9)], [15, 30, 60, 120, 240, 480, 960, 1440, 1440]),
        ([down(timedelta(hours=2)), down(timedelta(minutes=1))], [120, 30]),
        ([down(timedelta(days=9))], [24 * 60]),
    ],
)
def test_a_feed_is_asked_again_after(answers: list[Answer], minutes: list[int]) -> None:
    """The interval; longer where the ttl, Retry-After or repeated failure says so; a day at most."""
    assert [timedelta(minutes=n) for n in minutes] == one(*answers).waits(len(answers))


def test_jitter_makes_a_wait_longer_never_shorter() -> None:
    """By a tenth at most."""
    world = one(holding())
    world.jitter = 1.0
    assert world.waits(1) == [INTERVAL * 1.1]


def test_a_failing_feed_is_said_once_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """Also when it recovers, and when it fails anew."""
    good = [holding(article(id=str(n))) for n in range(9)]
    world = World({"a": iter([down(), down(), holding(), down(), down()]), "b": iter(good)})
    poller = world.poller()
    said = []
    with caplog.at_level(logging.INFO, "streams"):
        for _ in range(6):
            entries = list(poller.poll())
            assert any(isinstance(entry, Article) for entry in entries)
            said.append([str(entry) for entry in entries if isinstance(entry, Refusal)])
            world.now += INTERVAL
    assert [["a: answers 503"], [], [], [], ["a: answers 503"], []] == said
    assert [record.getMessage() for record in caplog.records] == ["a answers again"]


def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was seen longest ago is forgotten first, and then given out again, which is harmless."""
    assert REMEMBERED > 100_000
    monkeypatch.setattr("streams.feeds.polling.REMEMBERED", 2)
    a, b, c = (article(id=name) for name in "abc")
    world = one(holding(a, b, a, c), holding(a, b))
    poller = world.poller()
    assert list(poller.poll()) == [a, b, c]
    world.now += INTERVAL
    assert list(poller.poll()) == [b]


def test_following_ends_when_it_is_told_to() -> None:
    """What is new is delivered, nothing is delivered where nothing is; a feed whose turn hasn't come is left."""
    world = World(
        {"a": iter([holding(article(id="1")), None, holding(article(id="2"))]), "b": iter([None] * 3)}
    )
    poller = world.poller()
    delivered: list[list[Article | Refusal]] = []
    list(poller.poll())
    waited = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        world.now += timedelta(seconds=seconds)
        return len(waited) > 2

    follow(poller, lambda entries: delivered.append(list(entries)), wait=wait)
    assert [INTERVAL.total_seconds()] * 3 == waited
    assert delivered == [[article(id="2")]]
    world.stopped = True
    world.now += INTERVAL
    assert list(poller.poll()) == []
    assert len(world.asked) == 6


def test_what_the_broker_did_not_take_is_delivered_again() -> None:
    """Half a minute later, with what has come since; the feeds aren't asked again for it."""
    world = one(holding(article(id="1")), holding(article(id="2")))
    attempts: list[list[Article | Refusal]] = []
    waited = []

    def deliver(entries: Iterable[Article | Refusal]) -> None:
        attempts.append(list(entries))
        if len(attempts) < 3:
            raise BrokerUnavailable("no broker answers")

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        world.now += INTERVAL if len(waited) == 2 else timedelta(seconds=seconds)
        return len(waited) > 3

    follow(world.poller(), deliver, wait=wait)
    both = [article(id="1"), article(id="2")]
    assert [both[:1], both, both] == attempts
    assert [0, BROKER_RETRY_SECONDS, BROKER_RETRY_SECONDS] == waited[:3]
    assert len(world.asked) == 2
