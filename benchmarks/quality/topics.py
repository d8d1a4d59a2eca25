"""topics_agnews, by a mapping, and the articles that were labelled for measuring topics.

AG News: an article is right if the highest scored of its topics that AS_LABEL maps, maps to its own
label. Only if it has none of these, the others of the first level speak, by AS_LABEL_ELSE; an article
without any is wrong.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.quality.figures import Clock, Fault, Figure, Results, f1, ratio, resampled
from benchmarks.quality.records import Folder, Record, to_article
from streams.core.facets import Topic
from streams.enrich.stage import Enrichment
from streams.enrich.stages import load_stage

AGNEWS, LABELLED = "topics_agnews", "topics_labelled"
LABELS_FILE = Path(__file__).with_name("topic_labels.jsonl")
"""Ids of articles_open and articles_allsides with their codes; README.md says how they came."""
MIN_ARTICLES = 10
"""A code with fewer articles is too rare to have an F1 of its own."""
AS_LABEL = {
    "medtop:15000000": "Sports",
    "medtop:04000000": "Business",
    "medtop:13000000": "Sci/Tech",
    "medtop:11000000": "World",
    "medtop:16000000": "World",
}
AS_LABEL_ELSE = {
    "medtop:02000000": "World",
    "medtop:03000000": "World",
    "medtop:06000000": "Sci/Tech",
    "medtop:07000000": "Sci/Tech",
    "medtop:08000000": "World",
    "medtop:09000000": "Business",
    "medtop:12000000": "World",
    "medtop:14000000": "World",
    "medtop:17000000": "World",
}
Codes = frozenset[str]


def measure_agnews(folder: Folder, results: Results, advance: Callable[[], None]) -> None:
    """The share of AG News whose label the topics give, and of what they give none for."""
    stage, clock = load_stage("topics"), Clock()
    right = silent = 0
    records = folder.some(f"{AGNEWS}.jsonl")
    for record in records:
        advance()
        topics = _topics(stage, record, clock)
        said = _label(topics)
        silent += said is None
        right += said == record["label"]
        if said != record["label"]:
            kind = f"{record['label']} read as {said or 'nothing'}"
            results.faults.append(Fault(AGNEWS, record["id"], kind, ""))
    time = clock.milliseconds
    results.figures += [
        ratio(AGNEWS, "right by mapping", right, len(records), floor=0.85, milliseconds=time),
        ratio(AGNEWS, "without a topic that maps", silent, len(records), milliseconds=time),
    ]


def _label(topics: Sequence[Topic]) -> str | None:
    for mapping in (AS_LABEL, AS_LABEL_ELSE):
        for topic in topics:  # the surest first
            if topic.code in mapping:
                return mapping[topic.code]
    return None


def measure_labelled(folder: Folder, results: Results, advance: Callable[[], None]) -> None:
    """F1 of each code with ten articles or more, their mean, and how often nothing is said."""
    stage, articles, clock = load_stage("topics"), folder.articles(), Clock()
    read: list[tuple[Codes, Codes]] = []
    for line in LABELS_FILE.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        if label["id"] not in articles:
            continue
        advance()
        truth = frozenset(label["codes"])
        said = frozenset(topic.code for topic in _topics(stage, articles[label["id"]], clock))
        read.append((truth, said))
        for code in sorted(said ^ truth):
            kind = "topic said wrongly" if code in said else "topic missed"
            results.faults.append(Fault(LABELLED, label["id"], kind, code))
    codes = sorted({code for truth, _ in read for code in truth})
    counts = {code: sum(code in truth for truth, _ in read) for code in codes}
    common = [code for code in codes if counts[code] >= MIN_ARTICLES]
    if not common:
        return
    results.figures.append(
        resampled(
            LABELLED,
            f"macro F1 of the {len(common)} codes with {MIN_ARTICLES} articles",
            read,
            lambda some: sum(_code_f1(some, code) for code in common) / len(common),
            floor=0.75,
            milliseconds=clock.milliseconds,
        )
    )
    results.figures.append(ratio(LABELLED, "without any topic", sum(not said for _, said in read), len(read)))
    results.figures += [
        Figure(set=LABELLED, measure=f"F1 of {code}", value=_code_f1(read, code), n=counts[code])
        for code in common
    ]


def _code_f1(read: Sequence[tuple[Codes, Codes]], code: str) -> float:
    return f1(
        sum(code in truth and code in said for truth, said in read),
        sum(code in said for _, said in read),
        sum(code in truth for truth, _ in read),
    )


def _topics(stage: Enrichment, record: Record, clock: Clock) -> tuple[Topic, ...]:
    article = to_article(record)
    with clock.one():
        facet = stage.read(article)
    topics: tuple[Topic, ...] = getattr(facet, "topics", ())
    return topics
