"""The pure stages, from the bytes of a record to the bytes of its facet, by CPU time of this process."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from statistics import median

from benchmarks.articles import Mix, articles
from benchmarks.figures import Figure
from streams.core.facets import FACETS, Stage
from streams.enrich.stage import Enrichment, outcome
from streams.enrich.stages import load_stage

REPEATS = 3
SIZES: dict[tuple[Stage, Mix], int] = {
    ("entities", "none"): 2_000,
    ("entities", "two"): 1_000,
    ("entities", "tenth"): 2_000,
    ("sentiment", "none"): 300,
    ("sentiment", "two"): 60,
    ("sentiment", "tenth"): 300,
    ("topics", "none"): 1_000,
    ("topics", "two"): 1_000,
    ("topics", "tenth"): 1_000,
}
MIXES: dict[Mix, str] = {
    "none": "none names two actors",
    "two": "all name two actors",
    "tenth": "a tenth names two",
}
NOW = datetime.now(UTC)


def measure(*, quick: bool) -> Iterator[Figure]:
    """Articles per second of one core, the median of three."""
    for name in FACETS:
        stage = load_stage(name)
        for mix, label in MIXES.items():
            values = [a.to_json() for a in articles(SIZES[name, mix] // (10 if quick else 1), mix=mix)]
            run(stage, values[:10])  # caches and code are warm
            rate = median(len(values) / run(stage, values) for _ in range(REPEATS))
            yield Figure(part=f"{name}, pure", what=label, value=rate, unit="articles/s/core")


def run(stage: Enrichment, values: list[bytes]) -> float:
    """Seconds of CPU time that the stage takes for these records."""
    began = time.process_time()
    for value in values:
        outcome(stage, value, NOW).facet.to_json()
    return time.process_time() - began
