"""Each worker end to end: articles wait on the embedded broker, one worker answers them all."""

from collections.abc import Iterator
from contextlib import closing

from kafka import TopicPartition

from benchmarks.articles import articles
from benchmarks.figures import Figure
from benchmarks.ground import CpuWatch, Ground, ground, peak_megabytes, until, utc_now
from streams import broker
from streams.core.facets import FACETS, Stage
from streams.processes import pipeline_child
from streams.publish import publish
from streams.topology import FACET_STREAMS

SIZES: dict[Stage, int] = {"entities": 15_000, "sentiment": 1_000, "topics": 8_000}
"""About ten seconds of work each."""
ENTITIES_FLOOR = 600
MEMORY_CEILING = 400


def measure(*, quick: bool) -> Iterator[Figure]:
    """Articles per second of wall clock and of CPU time, and peak memory, of each worker."""
    for name, size in SIZES.items():
        with ground() as where:
            yield from _worker(name, size // (10 if quick else 1), where)


def _worker(name: Stage, size: int, where: Ground) -> Iterator[Figure]:
    for _ in publish(articles(size), where.settings, clock=utc_now):
        pass
    assert name in FACETS
    child = where.supervisor.start(pipeline_child(name, where.settings))
    watch = CpuWatch(child)
    stream = where.settings.stream_name(FACET_STREAMS[name])
    partitions = [TopicPartition(stream, number) for number in range(where.settings.partitions)]
    stamps: list[int] = []
    with closing(broker.consumer(where.settings, fetch_max_wait_ms=100)) as consumer:
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)

        def all_read() -> bool:
            watch.look()
            for records in consumer.poll(timeout_ms=100).values():
                stamps.extend(record.timestamp for record in records)
            return len(stamps) >= size

        until(all_read, where.supervisor, f"{size} facets of {name}")
    watch.look()
    first, last = min(stamps) / 1000, max(stamps) / 1000
    done, part = len(stamps) - 1, f"{name} worker"
    yield Figure(part=part, what="end to end", value=done / (last - first), unit="articles/s")
    yield Figure(
        part=part,
        what="end to end, of its CPU time",
        value=done / watch.between(first, last),
        unit="articles/s/core",
        floor=ENTITIES_FLOOR if name == "entities" else None,
    )
    yield Figure(
        part=part, what="peak memory", value=peak_megabytes(child), unit="MB", ceiling=MEMORY_CEILING
    )
