"""The part of the topics model that is one weight a word and code, of lists of words and of texts.

The lists speak for every field evenly, the articles for how news is. So a code's logit is what the
lists make of a document, scaled and shifted to fit the articles, plus a correction that the articles
teach, kept small. All of it is linear in the words.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from streams.enrich.topics import VECTOR_SCALE, parents
from streams.training.logistic import Floats, Line, logistic
from streams.training.topic_lexicon import Flags, Indices, Lexicon, all_codes, where_asked
from streams.training.word_vectors import DIMENSIONS

VECTORS_COUNT = 4.0
EVIDENCE_COUNTS = 10.0
LIST_PENALTY = 1.0
SHARED_PENALTY = 0.05
CORRECTION_PENALTY = 20.0
PHRASES_MORE = 2.4
"""How much more phrases weigh in the first level than the articles, mostly of politics, give them."""
MIN_EXAMPLES = 2


class Seen(NamedTuple):
    """Documents as numbers: `vectors` (documents, dimensions) and `evidence` (documents, codes)."""

    vectors: Floats
    evidence: Floats

    @classmethod
    def of(cls, inputs: Floats) -> "Seen":
        """What streams.training.topic_lexicon.see makes of documents, in two parts."""
        return cls(VECTORS_COUNT * inputs[:, :DIMENSIONS], EVIDENCE_COUNTS * inputs[:, DIMENSIONS:])


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

    def of_words(self, lexicon: Lexicon) -> Floats:
        """The weight of each feature, shape (features, codes); those of phrases are greater than fitted."""
        seen = Seen.of(lexicon.vectors / VECTOR_SCALE)
        return seen.vectors @ self.weights + seen.evidence * self.strength * _more()


def _more() -> Floats:
    return np.array([1.0 if code in parents() else PHRASES_MORE for code in all_codes()])


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
