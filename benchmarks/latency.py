"""From publishing an article to the alert that holds it, under a steady load, all by record time stamps."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import datetime

from kafka import TopicPartition

from benchmarks.articles import articles, names_two
from benchmarks.figures import Figure
from benchmarks.ground import peak_megabytes, settings, until, utc_now
from streams import broker
from streams.core.alert import Alert
from streams.core.article import Article
from streams.core.instants import milliseconds
from streams.publish import publish
from streams.replay import Running, pipeline, run
from streams.topology import ALERTS

RATE = 50
SECONDS = 30
CEILING_MS = 1_000
MEMORY_CEILING = 400
WARM_SEED = 1
"""Articles of another seed, and other ids, that go before: processes and caches are warm."""


def measure(*, quick: bool) -> Iterator[Figure]:
    """p50, p95, p99 and the longest latency, and each process's peak memory under this load."""
    count = RATE * (6 if quick else SECONDS)
    with pipeline(settings(), own_broker=True) as running:
        warm = (a.model_copy(update={"id": f"warm-{a.id}"}) for a in articles(RATE, seed=WARM_SEED))
        run(running, warm, clock=utc_now, timeout_seconds=60)
        load = list(articles(count, own_windows=True))
        sent = _publish(load, running)
        took = sorted(at - sent[article] for article, at in _alerts(running, load).items())
        what = f"{RATE} articles/s"
        for share in (50, 95, 99):
            yield Figure(
                part="publish to alert",
                what=f"p{share}, {what}",
                value=took[min(len(took) - 1, -(-len(took) * share // 100) - 1)],
                unit="ms",
                ceiling=CEILING_MS if share == 99 else None,
            )
        yield Figure(part="publish to alert", what="longest", value=took[-1], unit="ms")
        for child in running.supervisor.children:
            if child.restart:
                yield Figure(
                    part="publish to alert",
                    what=f"peak memory, {child.name}",
                    value=peak_megabytes(child),
                    unit="MB",
                    ceiling=MEMORY_CEILING,
                )


def _publish(load: Iterable[Article], running: Running) -> dict[str, int]:
    """Publish at a steady rate; the record time stamp of each article, in milliseconds."""
    stamps: dict[str, int] = {}
    current: list[str] = []

    def clock() -> datetime:
        now = utc_now()
        stamps[current[-1]] = milliseconds(now)
        return now

    for _ in publish(_paced(load, current.append), running.settings, clock=clock):
        running.supervisor.look()
    return stamps


def _paced(load: Iterable[Article], told: Callable[[str], None]) -> Iterator[Article]:
    began = time.monotonic()
    for number, article in enumerate(load):
        time.sleep(max(0.0, began + number / RATE - time.monotonic()))
        told(article.id)
        yield article


def _alerts(running: Running, load: Iterable[Article]) -> dict[str, int]:
    """When the first revision was sent that holds each two-actor article, by article id."""
    wanted = {article.id for article in load if names_two(article)}
    found: dict[str, int] = {}
    stream = running.settings.stream_name(ALERTS)
    partitions = [TopicPartition(stream, number) for number in range(running.settings.partitions)]
    with closing(broker.consumer(running.settings, fetch_max_wait_ms=100)) as consumer:
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)

        def all_told() -> bool:
            for records in consumer.poll(timeout_ms=100).values():
                for record in records:
                    for piece in Alert.from_json(record.value).evidence:
                        if piece.article in wanted:
                            known = found.get(piece.article, record.timestamp)
                            found[piece.article] = min(known, record.timestamp)
            return len(found) >= len(wanted)

        until(all_told, running.supervisor, f"alerts of {len(wanted)} articles")
    return found
