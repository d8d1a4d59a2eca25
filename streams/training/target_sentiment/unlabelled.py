"""Targets that nobody labelled, for the teacher to say how they are treated.

They are found by capitals alone and not as Summitry finds actors, so that finding more of these
leaves the trained file as it is.
"""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from streams.enrich.sentences import split
from streams.training.target_sentiment.data import LABELS, TRAIN, Floats, Target, is_choosing
from streams.training.topic_texts import NEWSMTSC, read_lines

FILES = ("articles_open.jsonl", "topics/topics_train.jsonl")
"""News and speeches, and press releases: these say what they think of whom they name."""
MEASURED_FILE = Path(__file__).parents[3] / "benchmarks" / "quality" / "tone_labels.jsonl"
"""Articles of which places are labelled to measure with; they are left out."""

A_TEXT = 4
"""Targets of one text, at most."""
_LENGTHS = range(40, 400)
_NAME = re.compile(
    r"\b(?:[A-Z][\w'’-]*[a-z]|[A-Z]\.)(?: (?:[A-Z][\w'’-]*[a-z]|[A-Z]\.))* [A-Z][\w-]*[a-z]\b"
    r"|(?<=[a-z,] )[A-Z][\w-]*[a-z]\b"
)
_NOBODY = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"|January|February|March|April|May|June|July|August|September|October|November|December"
)


def read_targets(folder: Path, seed: int) -> list[Target]:
    """One name in each of some sentences of every text, and one more in sentences that have labels."""
    chance = random.Random(seed)  # noqa: S311  to be repeated, not to be secret
    measured = {label["id"] for label in read_lines(MEASURED_FILE)}
    targets = []
    for file in FILES:
        for record in read_lines(folder / file):
            if record["id"] not in measured:
                its = list(_one_a_sentence(record["text"], chance))
                targets += chance.sample(its, min(A_TEXT, len(its)))
    for record in read_lines(folder / NEWSMTSC):
        if record["split"] == TRAIN and not is_choosing(record["id"]):
            labelled = [
                range(mention["from"], mention["to"])
                for target in record["targets"]
                for mention in (target, *target.get("further_mentions", ()))
            ]
            targets += _one_of(record["sentence"], chance, labelled)
    return targets


def balanced(rows: Floats, each: int, chance: random.Random) -> list[int]:
    """Of targets with probabilities `rows`, shape (targets, 3), `each` at most of each label, shuffled."""
    likeliest = rows.argmax(1)
    chosen: list[int] = []
    for label in range(len(LABELS)):
        its = np.flatnonzero(likeliest == label).tolist()
        chosen += chance.sample(its, min(each, len(its)))
    chance.shuffle(chosen)
    return chosen


def _one_a_sentence(text: str, chance: random.Random) -> Iterator[Target]:
    for span in split(text, 0):
        yield from _one_of(text[span.start : span.end], chance)


def _one_of(sentence: str, chance: random.Random, labelled: Sequence[range] = ()) -> Iterator[Target]:
    """A name of a sentence that is neither too short nor too long, apart from the labelled ones."""
    names = [
        name.span()
        for name in _NAME.finditer(sentence)
        if not _NOBODY.search(name[0])
        and not any(its.start < name.end() and name.start() < its.stop for its in labelled)
    ]
    if names and len(sentence) in _LENGTHS:
        yield Target(sentence, *chance.choice(names))
