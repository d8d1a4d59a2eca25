"""A teacher for the topics model, and what the words learn from it.

The teacher sees what a sentence encoder makes of a whole text, which is too slow to ship. So its answers on
texts without labels are what each word's weights are corrected by (Hinton, Vinyals and Dean, "Distilling the
knowledge in a neural network", 2015), by ridge regression in its dual form.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from streams.training.logistic import Floats, Line, logistic, probability
from streams.training.topic_fit import (
    MIN_EXAMPLES,
    Fitted,
    Flags,
    Lexicon,
    Seen,
    all_codes,
    fit,
    see,
    shares,
    where_asked,
)

EMBEDDING_SCALE = 8.0
TEACHER_PENALTY = 1.0
RIDGE = 0.3
TEACHERS_PART = 0.5
"""The mean of teacher and student is better than either: that is what the words are taught."""
SUREST = 8.0
"""Beyond this logit the teacher is no surer than it has reason to be."""
FOLDS = 5


class Texts(NamedTuple):
    """Texts as student and teacher see them.

    `shares` has shape (texts, features), `embedded` (texts, dimensions of the encoder).
    """

    seen: Seen
    shares: npt.NDArray[np.float32]
    embedded: Floats

    @classmethod
    def of(cls, documents: Sequence[str], embedded: Floats, lexicon: Lexicon) -> Self:
        """The texts of these documents, which the encoder has made `embedded` of."""
        return cls(see(documents, lexicon), shares(documents, lexicon), EMBEDDING_SCALE * embedded)

    def where(self, rows: Flags) -> "Texts":
        """Those of these rows."""
        seen = Seen(self.seen.vectors[rows], self.seen.evidence[rows])
        return Texts(seen, self.shares[rows], self.embedded[rows])


class Distilled(NamedTuple):
    """A student, and how its logits are corrected for each share of a word: (features, codes)."""

    student: Fitted
    corrections: Floats

    def logits(self, texts: Texts) -> Floats:
        """Of shape (texts, codes)."""
        return self.student.logits(texts.seen) + texts.shares @ self.corrections


class TransferSet:
    """Texts without labels, on which students learn from their teachers."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        alike = (texts.shares @ texts.shares.T).astype(np.float64)
        self._inverse = np.linalg.inv(alike + RIDGE * np.eye(len(alike)))

    def distil(self, texts: Texts, truth: Flags, weights: Floats, lists: Sequence[Line]) -> Distilled:
        """A student of lists and labelled texts, corrected by a teacher of the same texts."""
        student = fit(texts.seen, truth, weights, lists)
        said = _clipped(student.logits(self._texts.seen))
        wanted = said.copy()
        for column, line in enumerate(_teacher(texts.embedded, truth, weights)):
            if line is not None:
                wanted[:, column] = _clipped(self._texts.embedded @ line.weights + line.bias)
        duals = self._inverse @ (TEACHERS_PART * (wanted - said))
        return Distilled(student, self._texts.shares.T @ duals)


def cross_fit(
    texts: Texts, truth: Flags, weights: Floats, lists: Sequence[Line], transfer: TransferSet, *, seed: int
) -> Floats:
    """Probabilities for labelled texts, each by a student and a teacher that have not seen it."""
    fold = np.random.default_rng(seed).permutation(len(truth)) % FOLDS
    found = np.zeros(truth.shape)
    for number in range(FOLDS):
        held_out = fold == number
        distilled = transfer.distil(texts.where(~held_out), truth[~held_out], weights[~held_out], lists)
        found[held_out] = probability(distilled.logits(texts.where(held_out)))
    return found


def _teacher(embedded: Floats, truth: Flags, weights: Floats) -> list[Line | None]:
    """A line for each code that has examples."""
    lines: list[Line | None] = []
    for column in range(len(all_codes())):
        rows = where_asked(truth, column)
        its = truth[rows, column]
        enough = MIN_EXAMPLES <= its.sum() <= len(its) - MIN_EXAMPLES
        lines.append(
            logistic(embedded[rows], its, penalty=TEACHER_PENALTY, weights=weights[rows]) if enough else None
        )
    return lines


def _clipped(logits: Floats) -> Floats:
    return np.clip(logits, -SUREST, SUREST)
