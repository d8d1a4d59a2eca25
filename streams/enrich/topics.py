"""The topics stage: which IPTC Media Topics an article is about, of two levels."""

import hashlib
import json
import re
import unicodedata
import zlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from math import isqrt
from pathlib import Path
from typing import Literal, Self
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from streams.core.article import Article, Version
from streams.core.errors import SummitryError
from streams.core.facets import Topic, Topics
from streams.enrich.language import language_of

MAX_TOPICS = 5
"""Of the first level; each may have topics of the second under it."""
SAID = 500
"""The least score with which a topic is said; training sets it where saying gains as much as it risks."""
SAID_ALONE = 100
"""The least score with which the best topic is said if none reaches SAID; below it nothing is."""
BESIDE = 512
"""How far, in 1/1024 of a logit, a topic of the second level may lie behind the best beside it."""
MAX_CHARACTERS = 2_000
"""Code points of a document that are read: news says early what it is about."""
MAX_WORDS = 160

WEIGHT_SCALE = 1_024
VECTOR_SCALE = 127
INPUT_PARTS = 8
INPUT_SCALE = INPUT_PARTS * VECTOR_SCALE
"""The inputs of the network are in 1/1016."""
IDF_SCALE = 256
COUNT_SCALE = 256

_HERE = Path(__file__).parent
MODEL_FILE = _HERE / "models" / "topics.npz"

_WORD = re.compile(r"[^\W\d_]{2,}")
_FIRST_FACTOR = np.uint32(0x9E3779B1)
_SECOND_OFFSET = np.uint32(0x85EBCA6B)
"""Odd constants that keep "a b" from "b a" and from a word alone; changing one needs a new training."""

Hashes = npt.NDArray[np.uint32]
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class InvalidTopicModel(SummitryError):
    """A topic model file that is missing or can't be used."""


@cache
def _known() -> list[dict[str, str]]:
    known = json.loads((_HERE / "data" / "mediatopics.json").read_text(encoding="utf-8"))
    topics: list[dict[str, str]] = known["topics"]
    return topics


@cache
def labels() -> dict[str, str]:
    """The short label of each code, as "medtop:11000000": "politics"."""
    return {topic["code"]: topic["label"] for topic in _known()}


@cache
def parents() -> dict[str, str]:
    """The first-level code over each second-level one."""
    return {topic["code"]: topic["parent"] for topic in _known() if "parent" in topic}


def feature_hashes(document: str) -> Hashes:
    """The 32-bit hashes of a document's words and of each two neighbouring words, with repeats.

    Words are runs of two letters or more in lower case; a word's hash is its CRC-32 in UTF-8. Training
    and reading both use this function, so a change of it needs a new training.
    """
    text = unicodedata.normalize("NFC", document[:MAX_CHARACTERS]).lower()
    words = _WORD.findall(text)[:MAX_WORDS]
    hashed = {word: zlib.crc32(word.encode()) for word in set(words)}
    single = np.fromiter((hashed[word] for word in words), np.uint32, len(words))
    pairs = (single[:-1] * _FIRST_FACTOR) ^ (single[1:] + _SECOND_OFFSET)
    return np.concatenate([single, pairs])


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """The features that a model knows: their hashes in ascending order, and how rare each is.

    `hashes` has shape (features,); `idf`, of the same shape, is in 1/256.
    """

    hashes: Hashes
    idf: Integers

    def vector(self, document: str) -> tuple[Integers, Integers, int]:
        """The known features of a document: their indices, their values, the values' norm (0 for none).

        A value is (1 + ln count) * idf (Salton and Buckley, 1988) as an integer, so that whoever adds
        them up, in any order and on any machine, has the same sum.
        """
        found = feature_hashes(document)
        places = np.searchsorted(self.hashes, found)
        places[places == len(self.hashes)] = 0
        indices, counts = np.unique(places[self.hashes[places] == found], return_counts=True)
        values = _COUNT_VALUES[counts] * self.idf[indices]
        return indices, values, isqrt(int(values @ values))


_COUNT_VALUES: Integers = np.array(
    [0, *(round(COUNT_SCALE * (1 + float(np.log(n)))) for n in range(1, 2 * MAX_WORDS))], dtype=np.int64
)


@dataclass(frozen=True, slots=True)
class TopicModel:
    """What the model file holds: one weight a feature and code, and a network with one hidden layer.

    `weights` has shape (features, codes), in 1/1024 of a logit. What the network sees is the mean of the
    features' `vectors`, of shape (features, inputs), in 1/127. `inward` (inputs, hidden) and `outward`
    (hidden, codes) are in 1/1024, `inward_biases` (hidden,) in 1/1024 of an input, `biases` (codes,) in
    1/1024 of a logit. All are whole numbers, as floats where BLAS multiplies them: no sum of theirs reaches
    2^53, so it is exact, in any order and on any machine. `curve`, of shape (1000,), is the least logit, in
    1/1024, for each score from 1 to 1000. A code of the second level is scored as if the one over it were
    sure.
    """

    codes: tuple[str, ...]
    features: FeatureTable
    weights: npt.NDArray[np.int16]
    vectors: npt.NDArray[np.int8]
    inward: Floats
    inward_biases: Floats
    outward: Floats
    biases: Integers
    curve: Integers

    def logits(self, document: str) -> Integers | None:
        """One logit a code in 1/1024, shape (codes,); None if no feature is known."""
        indices, values, norm = self.features.vector(document)
        if norm == 0:
            return None
        summed = values.astype(np.float64) @ self.vectors[indices].astype(np.float64)
        inputs = INPUT_PARTS * summed.astype(np.int64) // norm
        hidden = np.maximum(inputs.astype(np.float64) @ self.inward + self.inward_biases, 0)
        said = np.floor(hidden / INPUT_SCALE) @ self.outward
        words = values @ self.weights[indices].astype(np.int64) // norm
        return words + np.floor(said / WEIGHT_SCALE).astype(np.int64) + self.biases

    def scores(self, logits: Integers) -> Integers:
        """Logits as scores in thousandths, of the same shape."""
        return np.searchsorted(self.curve, logits, side="right")


def read_model(data: bytes) -> TopicModel:
    """Decode a model file's bytes; raises InvalidTopicModel if they hold something else."""
    try:
        with np.load(BytesIO(data), allow_pickle=False) as arrays:
            model = TopicModel(
                codes=tuple(str(code) for code in arrays["codes"]),
                features=FeatureTable(hashes=arrays["hashes"], idf=arrays["idf"].astype(np.int64)),
                weights=arrays["weights"],
                vectors=arrays["vectors"],
                inward=arrays["inward"].astype(np.float64),
                inward_biases=arrays["inward_biases"].astype(np.float64),
                outward=arrays["outward"].astype(np.float64),
                biases=arrays["biases"].astype(np.int64),
                curve=arrays["curve"].astype(np.int64),
            )
    except (KeyError, ValueError, EOFError, BadZipFile, zlib.error) as error:
        raise InvalidTopicModel(f"not a topic model: {error}") from error
    unknown = [code for code in model.codes if code not in labels()]
    if unknown:
        raise InvalidTopicModel(f"not IPTC Media Topics that are known: {', '.join(unknown)}")
    if model.weights.shape != (len(model.features.hashes), len(model.codes)):
        raise InvalidTopicModel(f"weights of shape {model.weights.shape} don't fit the features and codes")
    inputs, hidden = model.inward.shape
    if model.vectors.shape != (len(model.features.hashes), inputs):
        raise InvalidTopicModel(f"vectors of shape {model.vectors.shape} don't fit features and inputs")
    if model.outward.shape != (hidden, len(model.codes)):
        raise InvalidTopicModel(f"weights of shape {model.outward.shape} don't fit hidden units and codes")
    return model


class TopicClassifier:
    """Says which topics a document has; immutable, and safe to share between threads."""

    def __init__(self, model: TopicModel, *, name: str) -> None:
        self._model = model
        self.name = name

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read a model file, by default the shipped one; raises InvalidTopicModel if it can't be used.

        The classifier's name holds the first 12 hexadecimal digits of the file's SHA-256.
        """
        path = path or MODEL_FILE
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            hint = "install Summitry again, or restore the file"
            raise InvalidTopicModel(f"no topic model at {path}; {hint}") from error
        return cls(read_model(data), name=f"mediatopics-vectors-{hashlib.sha256(data).hexdigest()[:12]}")

    def classify(self, document: str) -> tuple[Topic, ...]:
        """At most five topics of the first level, with those of the second under them, the surest first.

        A topic is said from a score of 500 on; if there is none, the best alone from 100 on. One of the
        second level is said under one of the first that is, if no other under it is much surer, and
        never with a greater score. None for a document without a word that the model knows. Scores are
        in thousandths.
        """
        logits = self._model.logits(document)
        if logits is None:
            return ()
        codes = self._model.codes
        scores = dict(zip(codes, self._model.scores(logits).tolist(), strict=True))
        over = parents()
        ranked = sorted((code for code in codes if code not in over), key=lambda code: (-scores[code], code))
        first = [code for code in ranked[:MAX_TOPICS] if scores[code] >= SAID]
        if not first and scores[ranked[0]] >= SAID_ALONE:
            first = ranked[:1]
        said = {code: scores[code] for code in first}
        for parent in first:
            under = {
                code: logit for code, logit in zip(codes, logits, strict=True) if over.get(code) == parent
            }
            for code, logit in under.items():
                if scores[code] >= SAID and logit >= max(under.values()) - BESIDE:
                    said[code] = min(scores[code], scores[parent])
        topics = [Topic(code=code, label=labels()[code], score=score) for code, score in said.items()]
        return tuple(sorted(topics, key=lambda topic: (-topic.score, topic.code)))


class TopicsStage:
    """Reads an article into its topics facet; pure, and safe to share between threads."""

    name: Literal["topics"] = "topics"
    version = 5

    def __init__(self, classifier: TopicClassifier) -> None:
        self._classifier = classifier

    def read(self, article: Article) -> Topics:
        """The article's topics: outcome "empty" if none is sure enough, or if it isn't in English.

        The model knows English alone; the facet says in which language an article is instead.
        """
        language = language_of(article)
        topics = self._classifier.classify(article.document) if language.supported else ()
        return Topics(
            id=article.id,
            version=Version.of(article),
            stage_version=self.version,
            outcome="ok" if topics else "empty",
            unsupported_language=None if language.supported else language.code,
            model=self._classifier.name,
            topics=topics,
        )
