"""sentiment_newsmtsc and sentiment_persent: how a sentence, or a text, treats a target that is given.

Besides, 200 countries and organisations in sentences of articles_open, labelled for measuring.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.quality.figures import Clock, Fault, Figure, Results, macro_f1, ratio, resampled
from benchmarks.quality.records import Folder, Record, to_article
from streams.enrich.sentences import split
from streams.enrich.sentiment import SENTENCES, summarised
from streams.enrich.tone import TargetTone

NEWSMTSC, PERSENT, LABELLED = "sentiment_newsmtsc", "sentiment_persent", "tone_labelled"
LABELS_FILE = Path(__file__).with_name("tone_labels.jsonl")
"""Articles of articles_open by id, places in them, and labels; README.md says how they came."""
LABELS = ("negative", "neutral", "positive")
SEEN = "train"
"""The split that the model learnt from: measuring it would say nothing."""


def measure_sentences(folder: Folder, results: Results, advance: Callable[[], None]) -> None:
    """Macro F1 and accuracy on each split of NewsMTSC that wasn't trained on, targets as given.

    And how far confidence is from the share that is right, over all of them.
    """
    tone = TargetTone()
    sure: list[tuple[float, bool]] = []
    pairs: dict[str, list[tuple[str, str]]] = {}
    clocks: dict[str, Clock] = {}
    for record in folder.some(f"{NEWSMTSC}.jsonl"):
        advance()
        if record["split"] == SEEN:
            continue
        clock = clocks.setdefault(record["split"], Clock())
        for target in record["targets"]:
            with clock.one():
                row = tone.probabilities(record["sentence"], target["from"], target["to"])
            said = summarised("Q1", [row], [0]).label
            pairs.setdefault(record["split"], []).append((target["label"], said))
            sure.append((max(row), said == target["label"]))
            if said != target["label"]:
                results.faults.append(Fault(NEWSMTSC, target["id"], f"{target['label']} read as {said}", ""))
    for name, its in sorted(pairs.items()):
        _report(results, NEWSMTSC, f"{name}, ", its, clocks[name].milliseconds)
    results.figures.append(
        Figure(set=NEWSMTSC, measure="calibration error", value=calibration_error(sure), n=len(sure))
    )


def calibration_error(sure: Sequence[tuple[float, bool]]) -> float:
    """The expected calibration error (Naeini et al., 2015) of (confidence, right) pairs, in ten bins."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in sure:
        bins.setdefault(min(int(10 * confidence), 9), []).append((confidence, right))
    return sum(
        abs(sum(confidence for confidence, _ in its) - sum(right for _, right in its))
        for its in bins.values()
    ) / max(len(sure), 1)


def measure_labelled(folder: Folder, results: Results, advance: Callable[[], None]) -> None:
    """Macro F1 and accuracy for countries and organisations that were labelled by reading."""
    tone, clock, articles = TargetTone(), Clock(), folder.articles()
    pairs: dict[str, list[tuple[str, str]]] = {}
    for line in LABELS_FILE.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        if label["id"] not in articles:
            continue
        advance()
        article = to_article(articles[label["id"]])
        sentence = next(
            its
            for its in split(article.document, len(article.title))
            if its.start <= label["start"] and label["end"] <= its.end
        )
        with clock.one():
            row = tone.probabilities(
                article.document[sentence.start : sentence.end],
                label["start"] - sentence.start,
                label["end"] - sentence.start,
            )
        said = summarised("Q1", [row], [0]).label
        pairs.setdefault(label["kind"], []).append((label["label"], said))
        if said != label["label"]:
            results.faults.append(Fault(LABELLED, label["id"], f"{label['label']} read as {said}", ""))
    everything = [pair for its in pairs.values() for pair in its]
    _report(results, LABELLED, "", everything, clock.milliseconds)
    for kind, its in sorted(pairs.items()):
        right = sum(truth == said for truth, said in its)
        results.figures.append(ratio(LABELLED, f"{kind}, accuracy", right, len(its)))


def measure_texts(folder: Folder, results: Results, advance: Callable[[], None]) -> None:
    """Macro F1 and accuracy on PerSenT: the mean of the two first sentences that name the person.

    It labels the author's attitude over a whole text, which two sentences can only hint at. Trained
    on none of it.
    """
    tone, clock = TargetTone(), Clock()
    pairs = []
    for record in folder.some(f"{PERSENT}.jsonl"):
        advance()
        with clock.one():
            rows = [tone.probabilities(*place) for place in _places(record)]
        said = summarised("Q1", rows, range(len(rows))).label if rows else "neutral"
        pairs.append((record["label"].lower(), said))
        if said != record["label"].lower():
            results.faults.append(Fault(PERSENT, record["id"], f"{record['label']} read as {said}", ""))
    _report(results, PERSENT, "", pairs, clock.milliseconds)


def _report(
    results: Results, name: str, prefix: str, pairs: Sequence[tuple[str, str]], time: float | None
) -> None:
    results.figures += [
        resampled(name, f"{prefix}macro F1", pairs, lambda some: macro_f1(some, LABELS), milliseconds=time),
        ratio(name, f"{prefix}accuracy", sum(truth == said for truth, said in pairs), len(pairs)),
    ]


def _places(record: Record) -> Iterator[tuple[str, int, int]]:
    """The first sentences that hold the target's name or its last word, and where they do."""
    title, target = record["title"], record["target"]
    document = f"{title}\n\n{record['text']}"
    forms = "|".join(re.escape(form) for form in (target, target.split()[-1]))
    wanted = re.compile(rf"(?<!\w)(?:{forms})(?!\w)")
    found = 0
    for sentence in split(document, len(title)):
        text = document[sentence.start : sentence.end]
        place = wanted.search(text)
        if place is not None:
            yield text, *place.span()
            found += 1
        if found == max(SENTENCES):
            return
