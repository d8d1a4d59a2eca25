"""The sink: facets per second into SQLite, and what one more article costs a crowded window."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.articles import articles
from benchmarks.figures import Figure
from benchmarks.ground import CpuWatch, Ground, ground, peak_megabytes, until, utc_now
from streams import broker
from streams.backtest import answer
from streams.core.facets import FACETS
from streams.core.headers import Coordinates, facet_headers
from streams.enrich.registry import load_registry
from streams.enrich.stages import load_stage
from streams.processes import pipeline_child
from streams.rulebook import load_rules
from streams.store.reading import count_unsent, read_progress
from streams.store.received import Received
from streams.store.store import Store
from streams.topology import ARTICLES, FACET_STREAMS

ARTICLE_COUNT = 2_000
BATCH = 500
REPEATS = 3
FLOOR = 1_500
MEMORY_CEILING = 400
CROWDS = (100, 1_000)
"""Pieces of evidence in the crowded window."""


def measure(*, quick: bool) -> Iterator[Figure]:
    """In process, as a process of its own, and into one crowded window."""
    received = _facets(ARTICLE_COUNT // (10 if quick else 1))
    rates = [len(received) / _apply(received, cpu=cpu) for cpu in (True, False) for _ in range(REPEATS)]
    what = f"Store.apply, {BATCH} a batch"
    yield Figure(part="sink", what=what, value=median(rates[REPEATS:]), unit="facets/s")
    yield Figure(part="sink", what=f"{what}, CPU", value=median(rates[:REPEATS]), unit="facets/s/core")
    with ground() as where:
        yield from _process(received, where)
    for crowd in CROWDS[:1] if quick else CROWDS:
        yield Figure(
            part="crowded window",
            what=f"one more article beside {crowd:,}",
            value=1000 * _crowded(crowd),
            unit="ms",
        )


def _facets(count: int) -> list[Received]:
    """Three facets of each article, in the order of articles."""
    stages = [load_stage(name) for name in FACETS]
    now = utc_now()
    return [answer(stage, a, n, now) for n, a in enumerate(articles(count)) for stage in stages]


def _store(folder: str) -> Store:
    now = utc_now()
    store = Store.open(f"sqlite:///{Path(folder) / 'summitry.db'}", "benchmark")
    store.take()
    store.begin(now=now)
    store.apply_rules(load_rules(None, load_registry()))
    store.follow((name, 0) for name in FACETS)
    return store


def _apply(received: Sequence[Received], *, cpu: bool) -> float:
    """Seconds that all the facets take a new store on disk."""
    clock = time.process_time if cpu else time.perf_counter
    with tempfile.TemporaryDirectory(prefix="summitry-bench-") as folder:
        store = _store(folder)
        began = clock()
        for start in range(0, len(received), BATCH):
            store.apply(received[start : start + BATCH], horizon=utc_now(), now=utc_now())
        took = clock() - began
        store.engine.dispose()
    return took


def _process(received: Sequence[Received], where: Ground) -> Iterator[Figure]:
    """The sink's own process, behind by all these facets; its rate from its first batch to its last."""
    _send(received, where)
    child = where.supervisor.start(pipeline_child("sink", where.settings))
    watch = CpuWatch(child)
    seen: list[tuple[float, int]] = []

    def all_applied() -> bool:
        watch.look()
        answered = sum(a.frontier.next for a in read_progress(where.engine).values())
        if answered and (not seen or seen[-1][1] < answered):
            seen.append((time.time(), answered))
        return answered >= len(received) and not count_unsent(where.engine)

    until(all_applied, where.supervisor, f"{len(received)} facets in the store")
    watch.look()
    (first, before), (last, after) = seen[0], seen[-1]
    yield Figure(
        part="sink",
        what="process, catching up",
        value=(after - before) / (last - first),
        unit="facets/s",
        floor=FLOOR,
    )
    cpu = watch.between(first, last)
    yield Figure(
        part="sink", what="process, of its CPU time", value=(after - before) / cpu, unit="facets/s/core"
    )
    yield Figure(
        part="sink", what="peak memory", value=peak_megabytes(child), unit="MB", ceiling=MEMORY_CEILING
    )


def _send(received: Sequence[Received], where: Ground) -> None:
    """Put the facets on their streams as workers would, the articles spread over the partitions."""
    articles_id = broker.topic_ids(where.settings)[ARTICLES.name]
    count = where.settings.partitions
    producer = broker.producer(where.settings, linger_ms=5, max_request_size=2 * 1024 * 1024)
    try:
        for r in received:
            assert r.facet is not None
            assert r.source is not None
            offset, partition = divmod(r.source.offset, count)
            source = Coordinates(articles_id, partition, offset)
            producer.send(
                where.settings.stream_name(FACET_STREAMS[r.stage]),
                key=(r.facet.id or "").encode(),
                value=r.facet.to_json(),
                headers=facet_headers(r.stage, r.facet, source, utc_now()),
                partition=partition,
            )
        producer.flush(timeout=60)
    finally:
        producer.close(timeout=60)


def _crowded(crowd: int) -> float:
    """Seconds that one more article takes whose alert has `crowd` pieces of evidence; entities alone."""
    stage, now, more = load_stage("entities"), utc_now(), 5
    # All three actors' pairs come up, so three times as many articles give each alert its crowd.
    same_day = [
        a.model_copy(update={"published_at": now.replace(microsecond=0)})
        for a in articles(3 * crowd + more, mix="two")
    ]
    received = [answer(stage, a, number, now) for number, a in enumerate(same_day)]
    with tempfile.TemporaryDirectory(prefix="summitry-bench-") as folder:
        store = _store(folder)
        store.apply(received[:-more], horizon=now, now=now)
        took = []
        for r in received[-more:]:
            began = time.perf_counter()
            store.apply([r], horizon=now, now=now)
            took.append(time.perf_counter() - began)
        store.engine.dispose()
    return median(took)
