"""Confidence that is kept: one temperature for all logits (Guo et al., 2017)."""

import numpy as np
import numpy.typing as npt

from streams.training.target_sentiment.grid import Floats

TEMPERATURES = np.round(np.arange(0.5, 4.005, 0.01), 2)


def softmax(logits: Floats) -> Floats:
    """Probabilities, shape (rows, labels)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def best_temperature(logits: Floats, labels: npt.NDArray[np.int64]) -> float:
    """The temperature by which the labels are least surprising."""
    rows = np.arange(len(labels))
    surprise = [-np.log(softmax(logits / its)[rows, labels]).mean() for its in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(surprise))])
