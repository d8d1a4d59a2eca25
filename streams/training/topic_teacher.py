"""The teacher of the topics model: a line for each code on what a sentence encoder makes of a whole text.

It is too slow to ship. So what sees words alone learns what the teacher says of texts that
nobody labelled (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015).
"""

import numpy as np
import numpy.typing as npt

from streams.training.logistic import Floats, logistic, probability
from streams.training.topic_lexicon import Flags, where_asked
from streams.training.topic_student import MIN_EXAMPLES

EMBEDDING_SCALE = 8.0
PENALTY = 1.0
SUREST = 8.0
"""Beyond this logit the teacher is no surer than it has reason to be."""
RIDGE = 0.3


def teach(embedded: Floats, truth: Flags, weights: Floats, others: Floats) -> Floats:
    """What a teacher of labelled texts says of others, as probabilities: shape (others, codes).

    `embedded` (texts, dimensions) and `others` are what the encoder made of both, `truth` has shape (texts,
    codes). A code of the second level is told as if the one over it were right; one without examples is nan.
    """
    said = np.full((len(others), truth.shape[1]), np.nan)
    for column in range(truth.shape[1]):
        rows = where_asked(truth, column)
        its = truth[rows, column]
        if MIN_EXAMPLES <= its.sum() <= len(its) - MIN_EXAMPLES:
            line = logistic(EMBEDDING_SCALE * embedded[rows], its, penalty=PENALTY, weights=weights[rows])
            logits = EMBEDDING_SCALE * (others @ line.weights) + line.bias
            said[:, column] = probability(np.clip(logits, -SUREST, SUREST))
    return said


class Ridge:
    """Ridge regression in its dual form, on how much of each text each feature is: (texts, features)."""

    def __init__(self, shares: npt.NDArray[np.float32]) -> None:
        self._shares = shares
        alike = (shares @ shares.T).astype(np.float64)
        self._inverse = np.linalg.inv(alike + RIDGE * np.eye(len(alike)))

    def weights(self, wanted: Floats) -> Floats:
        """What each feature adds, (features, codes), to bring texts near `wanted` (texts, codes)."""
        weights: Floats = self._shares.T @ (self._inverse @ wanted)
        return weights
