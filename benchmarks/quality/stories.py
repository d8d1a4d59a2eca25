"""clusters_ecbplus: what the story signature makes of reports that tell of one event.

A story is reports that copy each other; a cluster of ECB+ is reports of one event, each in words of
its own. So recall is nearly that of taking every report by itself, and precision is the figure to
watch: a report joined to another event's would make two stories one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.quality.figures import Clock, Fault, Figure, Results
from benchmarks.quality.records import Folder, to_article
from streams.core.stories import stories
from streams.enrich.signature import signature

SET = "clusters_ecbplus"


@dataclass(frozen=True, slots=True)
class _Report:
    article_id: str
    published_at: datetime
    signature: bytes | None


def measure(folder: Folder, results: Results, advance: Callable[[], None]) -> None:
    """B-cubed precision, recall and F1 (Bagga and Baldwin 1998), beside those of no grouping at all."""
    clock, reports, gold = Clock(), [], {}
    for record in folder.some(f"{SET}.jsonl"):
        advance()
        article = to_article(record)
        with clock.one():
            made = signature(article.document)
        reports.append(_Report(article.id, datetime(2012, 1, 1, tzinfo=UTC), made))
        gold[article.id] = record["cluster"]
    leaders = stories(reports)
    for identity, leader in sorted(leaders.items()):
        if gold[identity] != gold[leader]:
            results.faults.append(Fault(SET, identity, "joined to another event", leader))
    _report(results, "", leaders, gold, clock.milliseconds)
    _report(results, "each by itself: ", {identity: identity for identity in gold}, gold, None)


def _report(
    results: Results, prefix: str, found: dict[str, str], gold: dict[str, str], time: float | None
) -> None:
    precision, recall = b_cubed(found, gold)
    value = 2 * precision * recall / (precision + recall)
    for what, figure in (("precision", precision), ("recall", recall), ("F1", value)):
        measure = f"{prefix}B-cubed {what}"
        results.figures.append(Figure(set=SET, measure=measure, value=figure, n=len(gold), milliseconds=time))


def b_cubed(found: dict[str, str], gold: dict[str, str]) -> tuple[float, float]:
    """Precision and recall of a grouping: of each report's group, the share that is of its cluster."""
    both = Counter((found[identity], gold[identity]) for identity in gold)
    groups, clusters = Counter(found.values()), Counter(gold.values())
    items: Sequence[str] = sorted(gold)
    precision = sum(both[found[i], gold[i]] / groups[found[i]] for i in items) / len(items)
    recall = sum(both[found[i], gold[i]] / clusters[gold[i]] for i in items) / len(items)
    return precision, recall
