"""Polling feeds: when each is due, and what of it is new."""

import logging
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from streams.core.article import Article, Version
from streams.core.errors import FeedUnavailable, Problem
from streams.corpus import Refusal
from streams.feeds.fetching import Fetched
from streams.feeds.location import shown
from streams.feeds.reading import Document, Reading

LONGEST_WAIT = timedelta(days=1)
"""However long a feed's ttl, its Retry-After or the back-off, it is asked again after this."""

JITTER = 0.1
"""By how much of itself a wait is made longer at most, so that readers don't come all at once."""

REMEMBERED = 200_000
"""How many versions and refusals are remembered; beyond it those go that weren't seen for longest."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Feed:
    location: str
    validators: Mapping[str, str] = field(default_factory=dict)
    ttl: timedelta = timedelta()
    due: datetime | None = None
    failures: int = 0


class Poller:
    """Feeds that are fetched in turn, each when it is due; one that fails stops no other.

    `fetch` raises FeedUnavailable, `jitter` gives numbers from 0 to 1. What was given out, or refused,
    isn't given out again as long as this object lives.
    """

    def __init__(
        self,
        locations: Sequence[str],
        *,
        fetch: Callable[[str, Mapping[str, str]], Fetched],
        read: Callable[[Document], Reading],
        interval: timedelta,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._feeds = [_Feed(location) for location in dict.fromkeys(locations)]
        self._fetch = fetch
        self._read = read
        self._interval = interval
        self._clock = clock
        self._jitter = jitter
        self._stopped = stopped
        self._seen: dict[Hashable, None] = {}

    def poll(self) -> Iterator[Article | Refusal]:
        """What is new in the feeds that are due; a feed that begins to fail is a refusal, said once."""
        for feed in self._feeds:
            if self._stopped():
                return
            if feed.due is None or feed.due <= self._clock():
                yield from self._poll(feed)

    def seconds_until_due(self) -> float:
        """How long until the next feed is due; 0 if one is."""
        now = self._clock()
        return max(0.0, min((feed.due - now).total_seconds() if feed.due else 0.0 for feed in self._feeds))

    def _poll(self, feed: _Feed) -> Iterator[Article | Refusal]:
        try:
            fetched = self._fetch(feed.location, feed.validators)
        except FeedUnavailable as error:
            feed.failures += 1
            self._wait(feed, max(self._interval * 2 ** min(feed.failures - 1, 10), error.retry_after))
            if feed.failures == 1 and not self._stopped():
                yield Refusal(shown(feed.location), None, (Problem("", str(error)),))
            return
        if feed.failures:
            log.info("%s answers again", shown(feed.location))
        feed.failures = 0
        feed.validators = fetched.validators
        reading = self._read(fetched.document) if fetched.document else Reading((), feed.ttl)
        feed.ttl = reading.ttl
        self._wait(feed, max(self._interval, feed.ttl))
        for entry in reading.entries:
            key = (entry.id, Version.of(entry).key) if isinstance(entry, Article) else entry
            if self._is_new(key):
                yield entry

    def _wait(self, feed: _Feed, at_least: timedelta) -> None:
        feed.due = self._clock() + min(at_least, LONGEST_WAIT) * (1 + JITTER * self._jitter())

    def _is_new(self, key: Hashable) -> bool:
        new = key not in self._seen
        self._seen.pop(key, None)
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return new
