"""What integration tests do to a pipeline that runs, and what they see of it."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from conftest import NOW

from streams import broker
from streams.core.alert import Alert
from streams.core.article import Article
from streams.replay import Running, run
from streams.settings import Settings
from streams.store.reading import read_alerts
from streams.topology import ALERTS, ARTICLES, Stream

LOOK_SECONDS = 0.1


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Look until the condition holds; it fails the test, saying what was waited for, if it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(LOOK_SECONDS)


def send(settings: Settings, values: Sequence[bytes | None]) -> None:
    """Put raw values on news.articles, as a careless producer may."""
    producer = broker.producer(settings)
    for value in values:
        producer.send(settings.stream_name(ARTICLES), key=b"k", value=value).get(timeout=10)
    producer.close()


def read_all(settings: Settings, stream: Stream) -> list[Any]:
    """Every record of a stream."""
    return list(broker.read_to_end(settings, stream))


def greatest(settings: Settings) -> dict[str, Alert]:
    """What a subscriber knows who keeps the greatest revision of each alert."""
    kept: dict[str, Alert] = {}
    for record in broker.read_to_end(settings, ALERTS):
        alert = Alert.from_json(record.value)
        if alert.id not in kept or alert.order > kept[alert.id].order:
            kept[alert.id] = alert
    return kept


def finish(running: Running, articles: Iterable[Article], **options: Any) -> list[Alert]:
    """Run to the end, and check that a subscriber comes to know what the table says."""
    live = run(running, articles, clock=lambda: NOW, timeout_seconds=100, **options)

    def agree() -> bool:  # alerts may still be closed after the last article is answered
        return {alert.id: alert for alert in read_alerts(running.engine)} == greatest(running.settings)

    wait_until(agree, 10, "the greatest revisions on news.alerts are those of the table")
    return live
