"""Every metric of Summitry with its meaning, by Prometheus's conventions; docs/operations/ uses them.

Beside these each process tells what the client library knows of it: `process_resident_memory_bytes`,
`process_cpu_seconds_total` and so on. An instant is told as an instant, not as an age: it then stays
right where a process no longer moves. A gauge whose value isn't known has no sample.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from streams import __version__
from streams.core.alert import Change
from streams.core.facets import FACETS, Outcome, Stage
from streams.telemetry.health import Check, SinkVitals, WorkerVitals, sink_checks, worker_checks

READING_SECONDS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
APPLYING_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
OUTCOMES: tuple[Outcome, ...] = ("ok", "empty", "rejected")
CHANGES: tuple[Change, ...] = ("opened", "grew", "corrected", "withdrawn", "closed")

REPAIRS = ("hole", "registry")
STAGES = tuple(FACETS)


class Gauge(NamedTuple):
    """A gauge that is read from the process's vitals when it is asked for."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()


BUILD_INFO = Gauge(
    "summitry_build_info",
    "Always 1; the labels say which process this is, and of which version of Summitry.",
    ("process", "version"),
)
CHECK_HOLDS = Gauge(
    "summitry_check_holds",
    "Whether a check of /health/ready holds (1) or not (0); ready means that all do.",
    ("process", "check"),
)
DELIVERIES_IN_FLIGHT = Gauge(
    "summitry_deliveries_in_flight",
    "Articles whose facet was sent and is not yet confirmed by the broker.",
    ("stage",),
)
DEAD_LETTER_RUN = Gauge(
    "summitry_dead_letter_run",
    "How many dead letters a stage has written since the last article that it could read.",
    ("stage",),
)
LAST_ARTICLE = Gauge(
    "summitry_last_article_timestamp_seconds", "When a stage last read an article: UNIX time.", ("stage",)
)
LEASE_HELD = Gauge("summitry_lease_held", "Whether this sink holds the store's lease (1) or not (0).")
STAGE_LAG = Gauge(
    "summitry_stage_lag_articles",
    "Articles on news.articles up to which a stage has not yet answered all; the lease's holder tells.",
    ("stage",),
)
STAGE_HOLES = Gauge(
    "summitry_stage_holes",
    "Articles that a stage has not answered though it has answered later ones of the same partition.",
    ("stage",),
)
OLDEST_HOLE = Gauge(
    "summitry_stage_oldest_hole_seconds",
    "How long the oldest hole of a stage has stood; 0 where there is none.",
    ("stage",),
)
OUTBOX_WAITING = Gauge(
    "summitry_outbox_waiting", "Revisions of alerts that are written and not yet confirmed by the broker."
)
OUTBOX_STANDING = Gauge(
    "summitry_outbox_standing_seconds", "How long the first revision in the outbox has been the first."
)
LAST_BATCH = Gauge(
    "summitry_last_batch_timestamp_seconds", "When facets were last applied to the store: UNIX time."
)

COMMON_GAUGES = (BUILD_INFO, CHECK_HOLDS)
WORKER_GAUGES = (DELIVERIES_IN_FLIGHT, DEAD_LETTER_RUN, LAST_ARTICLE)
SINK_GAUGES = (
    *(LEASE_HELD, LAST_BATCH, OUTBOX_WAITING, OUTBOX_STANDING),
    *(STAGE_LAG, STAGE_HOLES, OLDEST_HOLE),
)

Sample = tuple[Gauge, tuple[str, ...], float]


class WorkerMetrics:
    """What a worker tells."""

    def __init__(self, stage: Stage, vitals: WorkerVitals) -> None:
        self.registry = _registry()
        articles = Counter(
            "summitry_articles_total",
            "Articles that a stage has read, by the outcome of its facet.",
            ("stage", "outcome"),
            registry=self.registry,
        )
        self.articles = {outcome: articles.labels(stage, outcome) for outcome in OUTCOMES}
        self.reading = Histogram(
            "summitry_article_reading_seconds",
            "How long a stage takes to read an article, without the waits for the broker.",
            ("stage",),
            buckets=READING_SECONDS,
            registry=self.registry,
        ).labels(stage)
        self.dead_letters = Counter(
            "summitry_dead_letters_total",
            "Records that a stage could not read and has put on news.dead-letters.",
            ("stage",),
            registry=self.registry,
        ).labels(stage)

        def samples() -> Iterator[Sample]:
            yield from _common(stage, worker_checks(vitals, time.monotonic()))
            yield DELIVERIES_IN_FLIGHT, (stage,), vitals.in_flight
            yield DEAD_LETTER_RUN, (stage,), vitals.dead_letter_run
            if vitals.read_at is not None:
                yield LAST_ARTICLE, (stage,), vitals.read_at

        self.registry.register(_Gauges((*COMMON_GAUGES, *WORKER_GAUGES), samples))


class SinkMetrics:
    """What a sink tells."""

    def __init__(self, vitals: SinkVitals) -> None:
        self.registry = _registry()
        self.facets = Counter(
            "summitry_facets_applied_total",
            "Facets that were applied to the store.",
            ("stage",),
            registry=self.registry,
        )
        self.passed_over = Counter(
            "summitry_messages_passed_over_total",
            "Messages on a stage's facet stream that are no facet.",
            ("stage",),
            registry=self.registry,
        )
        self.revisions = Counter(
            "summitry_revisions_total",
            "Revisions of alerts sent, by what happened; one that tells of two changes counts for both.",
            ("change",),
            registry=self.registry,
        )
        self.given_up = Counter(
            "summitry_repairs_given_up_total",
            "Records that were published again in vain, because a stage left them out or registries differ.",
            ("why",),
            registry=self.registry,
        )
        # A series that begins at 1 would hide its first event from increase().
        for counter, values in (
            (self.facets, STAGES),
            (self.passed_over, STAGES),
            (self.revisions, CHANGES),
            (self.given_up, REPAIRS),
        ):
            for value in values:
                counter.labels(value)
        self.applying = Histogram(
            "summitry_batch_apply_seconds",
            "How long the store takes to apply a batch of facets.",
            buckets=APPLYING_SECONDS,
            registry=self.registry,
        )
        self.registry.register(_Gauges((*COMMON_GAUGES, *SINK_GAUGES), lambda: _sink_samples(vitals)))


def _registry() -> CollectorRegistry:
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the process's start says as much, once
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


def _common(process: str, checks: Iterable[Check]) -> Iterator[Sample]:
    yield BUILD_INFO, (process, __version__), 1.0
    for check in checks:
        yield CHECK_HOLDS, (process, check.name), float(check.holds)


def _sink_samples(vitals: SinkVitals) -> Iterator[Sample]:
    now = time.monotonic()
    yield from _common("sink", sink_checks(vitals, now))
    yield LEASE_HELD, (), float(vitals.holds_lease)
    if vitals.applied_at is not None:
        yield LAST_BATCH, (), vitals.applied_at
    if vitals.holds_lease:
        yield OUTBOX_WAITING, (), vitals.waiting
        yield OUTBOX_STANDING, (), vitals.outbox_seconds(now)
    for stage, count in vitals.lag.items():
        yield STAGE_LAG, (stage,), count
    for stage, hole in vitals.holes.items():
        yield STAGE_HOLES, (stage,), hole.articles
        yield OLDEST_HOLE, (stage,), hole.seconds


class _Gauges(Collector):
    def __init__(self, declared: Iterable[Gauge], samples: Callable[[], Iterable[Sample]]) -> None:
        self._declared = tuple(declared)
        self._samples = samples

    def collect(self) -> list[GaugeMetricFamily]:
        families = {
            gauge: GaugeMetricFamily(gauge.name, gauge.meaning, labels=gauge.labels)
            for gauge in self._declared
        }
        for gauge, labels, value in self._samples():
            families[gauge].add_metric(labels, value)
        return list(families.values())
