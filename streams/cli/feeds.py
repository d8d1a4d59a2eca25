"""The feeds of `summitry publish`, read once or followed."""

import logging
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from streams.cli.console import utc_now
from streams.core.article import Article
from streams.core.errors import BrokerUnavailable
from streams.corpus import Refusal
from streams.feeds.addresses import is_public
from streams.feeds.fetching import Fetcher
from streams.feeds.location import check_location
from streams.feeds.polling import Poller
from streams.feeds.reading import Document, Reading, read_feed

BROKER_RETRY_SECONDS = 30
"""How long after a failure the broker is tried again."""

log = logging.getLogger(__name__)


def make_poller(
    locations: Sequence[str],
    *,
    defaults: dict[str, str],
    interval: timedelta,
    allow_private: bool,
    now: datetime | None,
    stopped: Callable[[], bool],
) -> Poller:
    """A poller of these feeds; raises InvalidCorpus for what can't be one, before anything is fetched.

    `now` is when the articles count as sent, if it isn't when they are read.
    """
    for location in locations:
        check_location(location)

    def read(document: Document) -> Reading:
        return read_feed(document, defaults=defaults, now=now or utc_now())

    fetcher = Fetcher(now=utc_now, permit=(lambda _: True) if allow_private else is_public, stopped=stopped)
    return Poller(
        locations,
        fetch=fetcher.fetch,
        read=read,
        interval=interval,
        clock=utc_now,
        jitter=partial(random.uniform, 0, 1),
        stopped=stopped,
    )


def follow(
    poller: Poller,
    deliver: Callable[[Iterable[Article | Refusal]], None],
    *,
    wait: Callable[[float], bool],
) -> None:
    """Deliver what is new whenever a feed is due, until `wait(seconds)` says that it is time to end.

    What a broker that has gone away didn't take is delivered again until it does.
    """
    news: list[Article | Refusal] = []
    while not wait(BROKER_RETRY_SECONDS if news else poller.seconds_until_due()):
        news += poller.poll()
        if not news:  # then the broker needn't hear of it
            continue
        try:
            deliver(news)
        except BrokerUnavailable as error:
            log.warning("%s (this goes on trying)", error)
        else:
            log.info("%d new from the feeds", len(news))
            news = []
