"""What the model of target sentiment learns from: sentences, each with one target marked."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from streams.enrich.tone import Framed, Framer
from streams.training.topic_texts import NEWSMTSC, article_of, read_lines

TRAIN = "train"
"""The one split to learn from; the others are held back and never read here."""
LABELS = ("negative", "neutral", "positive")
CHOOSING_SHARE = 0.08
SMOOTHING = 0.05
ELSEWHERE = 0.3
"""How often a target is learnt at another of its mentions than the labelled one."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Target:
    """A place in a sentence, in code points."""

    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """A target, the index of its label, and where else in its sentence it is meant ("he", "her")."""

    target: Target
    label: int
    also: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """The labelled targets to learn from, and those of other articles that calibration is chosen on."""

    learnt: tuple[Labelled, ...]
    choosing: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A framed target and how probable each label shall be for it."""

    framed: Framed
    wanted: tuple[float, float, float]


def read_labels(folder: Path) -> Labels:
    """NewsMTSC's train split in two; no article is on both sides."""
    learnt: list[Labelled] = []
    choosing: list[Labelled] = []
    for record in read_lines(folder / NEWSMTSC):
        if record["split"] != TRAIN:
            continue
        chosen = is_choosing(record["id"])
        for target in record["targets"]:
            place, *also = (
                Target(record["sentence"], mention["from"], mention["to"])
                for mention in (target, *target.get("further_mentions", ()))
            )
            labelled = Labelled(place, LABELS.index(target["label"]), tuple(also))
            (choosing if chosen else learnt).append(labelled)
    return Labels(tuple(learnt), tuple(choosing))


def is_choosing(identifier: str) -> bool:
    """Whether the article of a NewsMTSC sentence is in the part that calibration is chosen on."""
    digest = hashlib.sha256(article_of(identifier).encode()).digest()
    return int.from_bytes(digest[:4], "big") < CHOOSING_SHARE * 2**32


def smoothed(label: int) -> tuple[float, float, float]:
    """A label as probabilities, a little of them for the others."""
    rest = SMOOTHING / len(LABELS)
    negative, neutral, positive = (rest + (1 - SMOOTHING) * (index == label) for index in range(len(LABELS)))
    return negative, neutral, positive


def one_epoch(labels: Sequence[Labelled], framer: Framer, chance: random.Random) -> list[Example]:
    """Each labelled target once; of those that are meant elsewhere too, some there."""
    examples = []
    for labelled in labels:
        place = labelled.target
        if labelled.also and chance.random() < ELSEWHERE:
            place = chance.choice(labelled.also)
        examples.append(Example(frame(place, framer), smoothed(labelled.label)))
    return examples


def frame(target: Target, framer: Framer) -> Framed:
    """A target as the model sees it."""
    return framer.frame(target.sentence, target.start, target.end)
