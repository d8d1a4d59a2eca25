"""From texts that were read to the model that ships."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from streams.enrich.topics import INPUT_SCALE, WEIGHT_SCALE, TopicModel, parents
from streams.training.logistic import Floats, Line, probability
from streams.training.topic_lexicon import Flags, Lexicon, all_codes, see, shares, siblings
from streams.training.topic_student import EVIDENCE_COUNTS, VECTORS_COUNT, Fitted, Seen
from streams.training.topic_student import fit as fit_student
from streams.training.topic_teacher import SUREST, Ridge, teach
from streams.training.topic_texts import Example, archive
from streams.training.word_vectors import DIMENSIONS

WORDS_PART = 0.35
"""How much of a logit is the words' own; the rest is the network's."""
TEACHERS_PART = 0.75
"""How much of what the network is taught by texts without labels is the teacher's, not the student's."""
CORRECTION = 0.5
"""How far the words are corrected towards the teacher."""
FOLDS = 5
BORROWED_POSITIVES = 30
"""How many articles' worth of all codes together a code's own threshold leans on."""
THRESHOLDS = np.linspace(0.05, 0.9, 35)


class Texts(NamedTuple):
    """Texts as network, words and teacher see them.

    `seen` has shape (texts, inputs), `shares` (texts, features), `embedded` (texts, what the
    encoder gives).
    """

    seen: Floats
    shares: npt.NDArray[np.float32]
    embedded: Floats

    @classmethod
    def of(cls, documents: Sequence[str], embedded: Floats, lexicon: Lexicon) -> Self:
        """The texts of these documents, which the encoder has made `embedded` of."""
        return cls(see(documents, lexicon), shares(documents, lexicon), embedded)

    def where(self, rows: Flags) -> "Texts":
        """Those of these rows."""
        return Texts(self.seen[rows], self.shares[rows], self.embedded[rows])


class Labelled(NamedTuple):
    """Texts that were read: `truth` has shape (texts, codes), `weights` (texts,)."""

    texts: Texts
    truth: Flags
    weights: Floats

    def where(self, rows: Flags) -> "Labelled":
        """Those of these rows."""
        return Labelled(self.texts.where(rows), self.truth[rows], self.weights[rows])


class Lessons(NamedTuple):
    """Documents and what is to be said of them.

    `seen` has shape (documents, inputs), `wanted` (documents, codes) is of probabilities, nan where
    nothing is asked, `weights` (documents,).
    """

    seen: Floats
    wanted: Floats
    weights: Floats


class Network(NamedTuple):
    """Logits are max(seen @ inward + inward_biases, 0) @ outward + biases."""

    inward: Floats
    inward_biases: Floats
    outward: Floats
    biases: Floats

    def logits(self, seen: Floats) -> Floats:
        """Of shape (documents, codes)."""
        return np.maximum(seen @ self.inward + self.inward_biases, 0) @ self.outward + self.biases


FitNetwork = Callable[[Lessons, Floats], Network]
"""Fits a network to lessons; with scales of its inputs, shape (inputs,), that are for learning alone."""


class Distilled(NamedTuple):
    """A student, how its words' weights are corrected, of shape (features, codes), and a network."""

    student: Fitted
    corrections: Floats
    network: Network

    def logits(self, texts: Texts) -> Floats:
        """Of shape (texts, codes)."""
        words = self.student.logits(Seen.of(texts.seen)) + texts.shares @ self.corrections
        return WORDS_PART * words + (1 - WORDS_PART) * self.network.logits(texts.seen)


class TransferSet:
    """Texts without labels, on which words and network learn from a teacher."""

    def __init__(self, texts: Texts, lists: Sequence[Line], fit_network: FitNetwork) -> None:
        self._texts = texts
        self._lists = lists
        self._fit_network = fit_network
        self._ridge = Ridge(texts.shares)
        self._scale = np.full(texts.seen.shape[1], EVIDENCE_COUNTS)
        self._scale[:DIMENSIONS] = VECTORS_COUNT

    def distil(self, labelled: Labelled) -> Distilled:
        """What labelled texts and a teacher of the same texts teach."""
        texts, truth, weights = labelled
        student = fit_student(Seen.of(texts.seen), truth, weights, self._lists)
        said = np.clip(student.logits(Seen.of(self._texts.seen)), -SUREST, SUREST)
        taught = teach(texts.embedded, truth, weights, self._texts.embedded)
        corrections = self._ridge.weights(CORRECTION * np.nan_to_num(_logit(taught) - said))
        soft = probability(TEACHERS_PART * _logit(taught) + (1 - TEACHERS_PART) * said)
        lessons = Lessons(
            np.vstack([texts.seen, self._texts.seen]),
            np.vstack([truth, soft]),
            np.concatenate([weights, np.ones(len(soft))]),
        )
        return Distilled(student, corrections, self._fit_network(lessons, self._scale))


def cross_fit(read: Labelled, transfer: TransferSet, *, seed: int) -> Floats:
    """Probabilities for labelled texts, (texts, codes), each by a model that has not seen it."""
    fold = np.random.default_rng(seed).permutation(len(read.truth)) % FOLDS
    found = np.zeros(read.truth.shape)
    for number in range(FOLDS):
        held_out = fold == number
        distilled = transfer.distil(read.where(~held_out))
        found[held_out] = probability(distilled.logits(read.texts.where(held_out)))
    return found


def choose_thresholds(found: Floats, truth: Flags, weights: Floats) -> Floats:
    """For each code the probability with the best F1 on articles not seen, leaning on all codes'."""
    codes = all_codes()
    chosen = np.zeros(len(codes))
    for group in siblings():
        over = parents().get(codes[int(group[0])])
        asked = np.ones(len(found), dtype=np.bool_)
        if over:
            column = codes.index(over)  # the first level is done first
            asked = found[:, column] >= chosen[column]
        said = (found[:, group] >= THRESHOLDS[:, None, None]) & asked[:, None]
        right = np.einsum("tac,a->tc", said & truth[:, group], weights)
        both = np.einsum("tac,a->tc", said, weights) + (truth[:, group] * weights[:, None]).sum(axis=0)
        measure = 2 * right / np.maximum(both, 1e-9)
        count = (truth[:, group] * weights[:, None]).sum(axis=0)
        leaned = measure * count + measure.mean(axis=1, keepdims=True) * BORROWED_POSITIVES
        chosen[group] = THRESHOLDS[leaned.argmax(axis=0)]
    return chosen


def to_model(distilled: Distilled, lexicon: Lexicon, thresholds: Floats) -> TopicModel:
    """The model in whole numbers, its biases moved so that a threshold is a score of 500."""
    share = (np.arange(1, 1001) - 0.5) / 1000
    limit = np.iinfo(np.int16).max
    student, corrections, network = distilled
    words = WORDS_PART * (student.of_words(lexicon) + corrections)
    biases = WORDS_PART * student.biases + (1 - WORDS_PART) * network.biases
    weights, inward, outward = (
        np.clip(np.round(WEIGHT_SCALE * its), -limit, limit)
        for its in (words, network.inward, (1 - WORDS_PART) * network.outward)
    )
    return TopicModel(
        codes=all_codes(),
        features=lexicon.table,
        weights=weights.astype(np.int16),
        vectors=lexicon.vectors,
        inward=inward,
        inward_biases=np.round(WEIGHT_SCALE * INPUT_SCALE * network.inward_biases),
        outward=outward,
        biases=np.round(WEIGHT_SCALE * (biases - _logit(thresholds))).astype(np.int64),
        curve=np.round(WEIGHT_SCALE * _logit(share)).astype(np.int64),
    )


def _logit(probabilities: Floats) -> Floats:
    logits: Floats = np.log(probabilities / (1 - probabilities))
    return logits


def model_bytes(model: TopicModel) -> bytes:
    """The model as an npz file; features without a vector are left in: they count in the norm."""
    return archive(
        {
            "codes": np.array(model.codes),
            "hashes": model.features.hashes,
            "idf": model.features.idf.astype(np.uint16),
            "weights": model.weights,
            "vectors": model.vectors,
            "inward": model.inward.astype(np.int16),
            "inward_biases": model.inward_biases.astype(np.int32),
            "outward": model.outward.astype(np.int16),
            "biases": model.biases.astype(np.int32),
            "curve": model.curve.astype(np.int32),
        }
    )


def truth_of(examples: Sequence[Example]) -> Flags:
    """Which codes each example has, shape (examples, codes)."""
    return np.array([[code in example.codes for code in all_codes()] for example in examples])
