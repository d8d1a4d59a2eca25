"""How long reading takes on one core, and whether it says the same each time."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

from benchmarks.quality.figures import Figure, Results, ratio
from benchmarks.quality.records import SEED, Folder, to_article
from streams.core.facets import FACETS, Stage
from streams.enrich.stage import outcome
from streams.enrich.stages import load_stage

SET = "articles_allsides"
AGAIN = 100
"""How many articles are read a second time, by new stages, in another order."""
WARM = 3


def measure(folder: Folder, results: Results, advance: Callable[[], None]) -> None:
    """CPU time of each stage and of all three, from a record's bytes to the facet's; and determinism."""
    values = [to_article(record).to_json() for record in folder.some(f"{SET}.jsonl")]
    now = datetime.now(UTC)
    first: dict[tuple[Stage, int], bytes] = {}
    times: dict[Stage, list[float]] = {}
    for name in FACETS:
        stage = load_stage(name)
        for value in values[:WARM]:  # what is loaded when it is first needed
            outcome(stage, value, now).facet.to_json()
        times[name] = []
        for number, value in enumerate(values):
            advance()
            began = process_time()
            first[name, number] = outcome(stage, value, now).facet.to_json()
            times[name].append(1000 * (process_time() - began))
    for name, its in times.items():
        results.figures.append(_mean(f"{name}, mean ms", its, ceiling=0.9 if name == "entities" else None))
    whole = [sum(parts) for parts in zip(*times.values(), strict=True)]
    results.figures += [
        _mean("whole reading, mean ms", whole, ceiling=65.0),
        Figure(set=SET, measure="whole reading, worst ms", value=max(whole), n=len(whole), ceiling=200.0),
    ]
    again = random.Random(SEED).sample(range(len(values)), min(AGAIN, len(values)))
    same = 0
    for name in FACETS:
        stage = load_stage(name)
        for number in again:
            same += outcome(stage, values[number], now).facet.to_json() == first[name, number]
    results.figures.append(ratio(SET, "same facet bytes again", same, len(again) * len(FACETS), floor=1.0))


def _mean(measure: str, times: list[float], *, ceiling: float | None) -> Figure:
    mean = sum(times) / len(times)
    return Figure(set=SET, measure=measure, value=mean, n=len(times), milliseconds=mean, ceiling=ceiling)
