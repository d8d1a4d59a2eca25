"""From lists of words and articles that were read to one weight a word and code, in integers.

The lists speak for every field evenly, the articles for how news is. So a code's logit is what the
lists make of a document, scaled and shifted to fit the articles, plus a correction that the articles
teach, kept small. All of it is linear in the words, and ends as one weight for each word and code.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streams.enrich.topics import (
    IDF_SCALE,
    WEIGHT_SCALE,
    FeatureTable,
    TopicModel,
    feature_hashes,
    labels,
    parents,
)
from streams.training.logistic import Floats, Line, logistic
from streams.training.topic_texts import Example, Vectors, archive

PHRASE_RARITY = 8.0
"""The idf of two words that make a phrase of a list, in place of a count."""
VECTOR_SCALE = 4.0
EVIDENCE_SCALE = 10.0
LIST_PENALTY = 1.0
SHARED_PENALTY = 0.05
CORRECTION_PENALTY = 20.0
PHRASES_MORE = 1.6
"""How much more phrases weigh in the first level than the articles, mostly of politics, give them."""
REPEATS = 3
"""How many times articles are held out anew: thresholds from one time would be chance."""
BORROWED_POSITIVES = 30
"""How many articles' worth of all codes together a code's own threshold leans on."""
THRESHOLDS = np.linspace(0.05, 0.9, 35)
MIN_EXAMPLES = 2

Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of each feature: its table, its vector, and which codes' phrases it is of.

    `vectors` has shape (features, dimensions), `phrases` (features, codes).
    """

    table: FeatureTable
    vectors: Floats
    phrases: Floats


class Seen(NamedTuple):
    """Documents as numbers: `vectors` (documents, dimensions) and `evidence` (documents, codes)."""

    vectors: Floats
    evidence: Floats


class Fitted(NamedTuple):
    """Logits are vectors @ weights + evidence * strength + biases.

    `weights` has shape (dimensions, codes), the others (codes,).
    """

    weights: Floats
    strength: Floats
    biases: Floats

    def logits(self, seen: Seen) -> Floats:
        """Of shape (documents, codes)."""
        return seen.vectors @ self.weights + seen.evidence * self.strength + self.biases


def all_codes() -> tuple[str, ...]:
    """Every code, in the order of the model's columns."""
    return tuple(sorted(labels()))


def siblings() -> list[Indices]:
    """The columns of the first level, then those under each code of it that has a second."""
    over = [parents().get(code, "") for code in all_codes()]
    return [np.flatnonzero([parent == name for parent in over]) for name in sorted(set(over))]


def make_lexicon(vectors: Vectors, phrases: Mapping[str, Sequence[str]]) -> Lexicon:
    """Every word that has a vector, and every two neighbouring words of a phrase.

    A word of a phrase speaks for the phrase's code by its share of it, and the less the more codes
    of one level it speaks for.
    """
    codes = all_codes()
    spoken: dict[int, Floats] = {}
    for column, code in enumerate(codes):
        for phrase in phrases[code]:
            hashes = feature_hashes(phrase).tolist()
            words = (len(hashes) + 1) // 2  # then come the pairs
            for place, feature in enumerate(hashes):
                shares = spoken.setdefault(feature, np.zeros(len(codes)))
                shares[column] = max(shares[column], 1 / words if place < words else 1.0)
    for shares in spoken.values():
        for group in siblings():
            if shares[group].any():
                shares[group] *= shares[group].max() / shares[group].sum()
    places = {int(feature_hashes(word)[0]): row for row, word in enumerate(vectors.words)}
    features = sorted({*places, *spoken})
    rarity = [vectors.rarity[places[one]] if one in places else PHRASE_RARITY for one in features]
    nothing = np.zeros(vectors.values.shape[1])
    return Lexicon(
        table=FeatureTable(
            hashes=np.array(features, dtype=np.uint32),
            idf=np.round(IDF_SCALE * np.array(rarity)).astype(np.int64),
        ),
        vectors=np.array(
            [vectors.values[places[one]] / 127 if one in places else nothing for one in features]
        ),
        phrases=np.array([spoken.get(one, np.zeros(len(codes))) for one in features]),
    )


def see(documents: Sequence[str], lexicon: Lexicon) -> Seen:
    """The documents in the same features that reading computes."""
    vectors = np.zeros((len(documents), lexicon.vectors.shape[1]))
    evidence = np.zeros((len(documents), lexicon.phrases.shape[1]))
    for row, (indices, its) in enumerate(_shares(documents, lexicon)):
        vectors[row] = VECTOR_SCALE * (its @ lexicon.vectors[indices])
        evidence[row] = EVIDENCE_SCALE * (its @ lexicon.phrases[indices])
    return Seen(vectors, evidence)


def shares(documents: Sequence[str], lexicon: Lexicon) -> npt.NDArray[np.float32]:
    """How much of each document each feature is, shape (documents, features)."""
    found = np.zeros((len(documents), len(lexicon.table.hashes)), dtype=np.float32)
    for row, (indices, its) in enumerate(_shares(documents, lexicon)):
        found[row, indices] = its
    return found


def _shares(documents: Sequence[str], lexicon: Lexicon) -> Iterator[tuple[Indices, Floats]]:
    """Of each document the features that it has, and how much of it each is."""
    for document in documents:
        indices, values, norm = lexicon.table.vector(document)
        yield indices, values / max(norm, 1)


def fit_lists(seen: Seen, drawn: Sequence[str]) -> list[Line]:
    """For each code a line that tells its lists from those of its siblings."""
    codes = np.array(drawn)
    lines = []
    for code in all_codes():
        its = [name for name in all_codes() if parents().get(name) == parents().get(code)]
        chosen = np.isin(codes, its)
        lines.append(logistic(seen.vectors[chosen], codes[chosen] == code, penalty=LIST_PENALTY))
    return lines


def fit(seen: Seen, truth: Flags, weights: Floats, lists: Sequence[Line]) -> Fitted:
    """Fit the lists' lines to articles with codes `truth` (articles, codes).

    Those of the second level are learnt where the code over them is right.
    """
    fitted = Fitted(
        weights=np.array([line.weights for line in lists]).T,
        strength=np.zeros(len(lists)),
        biases=np.array([line.bias for line in lists]),
    )
    said = fitted.logits(seen)
    second = np.array([code in parents() for code in all_codes()])
    for level in (np.flatnonzero(~second), np.flatnonzero(second)):
        shared = _fit_shared(said, seen.evidence, truth, weights, level)
        for place, column in enumerate(level):
            rows = where_asked(truth, int(column))
            scaled = shared.weights[0] * fitted.weights[:, column]
            bias = shared.weights[0] * fitted.biases[column] + shared.weights[2 + place] + shared.bias
            fitted.strength[column] = shared.weights[1]
            start = seen.vectors @ scaled + shared.weights[1] * seen.evidence[:, column] + bias
            its = truth[rows, column]
            if MIN_EXAMPLES <= its.sum() <= len(its) - MIN_EXAMPLES:
                change = logistic(
                    seen.vectors[rows],
                    its,
                    penalty=CORRECTION_PENALTY,
                    start=start[rows],
                    weights=weights[rows],
                )
                scaled, bias = scaled + change.weights, bias + change.bias
            fitted.weights[:, column], fitted.biases[column] = scaled, bias
    return fitted


def _fit_shared(said: Floats, evidence: Floats, truth: Flags, weights: Floats, level: Indices) -> Line:
    """How much lists and phrases weigh for every code of a level, and a bias for each."""
    inputs, wanted, often = [], [], []
    for place, column in enumerate(level):
        rows = where_asked(truth, int(column))
        which = np.zeros((len(rows), len(level)))
        which[:, place] = 1
        inputs.append(np.column_stack([said[rows, column], evidence[rows, column], which]))
        wanted.append(truth[rows, column])
        often.append(weights[rows])
    return logistic(
        np.vstack(inputs), np.concatenate(wanted), penalty=SHARED_PENALTY, weights=np.concatenate(often)
    )


def where_asked(truth: Flags, column: int) -> Indices:
    """The articles of which a code can be right: all, or those of the code over it."""
    over = parents().get(all_codes()[column])
    return np.flatnonzero(truth[:, all_codes().index(over)]) if over else np.arange(len(truth))


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


def to_model(fitted: Fitted, corrections: Floats, lexicon: Lexicon, thresholds: Floats) -> TopicModel:
    """The model in integers, its biases moved so that a threshold is a score of 500.

    `corrections`, of shape (features, codes), are added to the weights.
    """
    weights = VECTOR_SCALE * (lexicon.vectors @ fitted.weights)
    more = np.array([1.0 if code in parents() else PHRASES_MORE for code in all_codes()])
    weights += EVIDENCE_SCALE * lexicon.phrases * fitted.strength * more + corrections
    biases = fitted.biases - np.log(thresholds / (1 - thresholds))
    share = (np.arange(1, 1001) - 0.5) / 1000
    limit = np.iinfo(np.int16).max
    return TopicModel(
        codes=all_codes(),
        features=lexicon.table,
        weights=np.clip(np.round(WEIGHT_SCALE * weights), -limit, limit).astype(np.int16),
        biases=np.round(WEIGHT_SCALE * biases).astype(np.int64),
        curve=np.round(WEIGHT_SCALE * np.log(share / (1 - share))).astype(np.int64),
    )


def model_bytes(model: TopicModel) -> bytes:
    """The model as an npz file; features whose weights are all zero are left in: they count in the norm."""
    return archive(
        {
            "codes": np.array(model.codes),
            "hashes": model.features.hashes,
            "idf": model.features.idf.astype(np.uint16),
            "weights": model.weights,
            "biases": model.biases.astype(np.int32),
            "curve": model.curve.astype(np.int32),
        }
    )


def truth_of(examples: Sequence[Example]) -> Flags:
    """Which codes each example has, shape (examples, codes)."""
    return np.array([[code in example.codes for code in all_codes()] for example in examples])
