"""Memory under a long load: 20,000 articles through every process, on the broker at SUMMITRY_BOOTSTRAP.

Whether a process stays flat is told by its resident memory in the last quarter of the work against that in
the second: start-up, caches and the first batches lie in the first.
"""

import time
from collections.abc import Iterator
from statistics import median

from benchmarks.articles import articles
from benchmarks.figures import Figure
from benchmarks.ground import peak_megabytes, resident_megabytes, settings, utc_now
from streams import broker
from streams.replay import Running, pipeline, run
from streams.settings import Settings
from streams.supervisor import Child

SIZE = 20_000
MEMORY_CEILING = 400
GROWTH_CEILING = 10
"""Percent. A leak of a kilobyte an article would be more."""
TIMEOUT_SECONDS = 3_600
SAMPLE_SECONDS = 1.0


def measure(*, quick: bool) -> Iterator[Figure]:
    """Articles per second through the whole, and peak and growth of each process's memory."""
    size = SIZE // (20 if quick else 1)
    own = settings(bootstrap=Settings().bootstrap)
    kind = "on the broker at SUMMITRY_BOOTSTRAP" if broker.answers(own) else "on the embedded broker"
    samples: dict[str, list[tuple[float, float]]] = {}
    with pipeline(own) as running:
        began = time.monotonic()
        last = 0.0

        def sample(done: int, of: int) -> None:
            nonlocal last
            if time.monotonic() - last >= SAMPLE_SECONDS:
                last = time.monotonic()
                for child in _ours(running):
                    samples.setdefault(child.name, []).append((done / of, resident_megabytes(child)))

        alerts = run(
            running, articles(size), clock=utc_now, timeout_seconds=TIMEOUT_SECONDS, on_progress=sample
        )
        took = time.monotonic() - began
        part = f"{size:,} articles {kind}"
        yield Figure(part=part, what="through every process", value=size / took, unit="articles/s")
        yield Figure(part=part, what="alerts", value=len(alerts), unit="alerts", floor=1)
        for child in _ours(running):
            peak = peak_megabytes(child)
            yield Figure(
                part=part, what=f"peak memory, {child.name}", value=peak, unit="MB", ceiling=MEMORY_CEILING
            )
            yield Figure(
                part=part,
                what=f"growth, {child.name}",
                value=_growth(samples[child.name]),
                unit="%",
                ceiling=GROWTH_CEILING,
            )


def _ours(running: Running) -> list[Child]:
    return [child for child in running.supervisor.children if child.restart]


def _growth(samples: list[tuple[float, float]]) -> float:
    early = [megabytes for share, megabytes in samples if 0.25 <= share < 0.5]
    late = [megabytes for share, megabytes in samples if share >= 0.75]
    return (median(late) / median(early) - 1) * 100
