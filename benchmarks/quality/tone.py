"""sentiment_newsmtsc and sentiment_persent: how a sentence, or a text, treats a target that is given."""

import re
from collections.abc import Callable, Iterator, Sequence

from benchmarks.quality.figures import Clock, Fault, Results, macro_f1, ratio, resampled
from benchmarks.quality.records import Folder, Record
from streams.enrich.sentences import split
from streams.enrich.sentiment import MAX_SENTENCES_AN_ACTOR, summarised
from streams.enrich.tone import TargetTone

NEWSMTSC, PERSENT = "sentiment_newsmtsc", "sentiment_persent"
LABELS = ("negative", "neutral", "positive")
SEEN = "train"
"""The split that the model learnt from: measuring it would say nothing."""


def measure_sentences(folder: Folder, results: Results, advance: Callable[[], None]) -> None:
    """Macro F1 and accuracy on each split of NewsMTSC that wasn't trained on, targets as given."""
    tone = TargetTone()
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
            if said != target["label"]:
                results.faults.append(Fault(NEWSMTSC, target["id"], f"{target['label']} read as {said}", ""))
    for name, its in sorted(pairs.items()):
        _report(results, NEWSMTSC, f"{name}, ", its, clocks[name].milliseconds)


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
        if found == MAX_SENTENCES_AN_ACTOR:
            return
