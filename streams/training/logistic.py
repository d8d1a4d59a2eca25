"""Logistic regression with a penalty on the weights, by Newton's method: the same numbers each time."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STEPS = 40
CLOSE = 1e-8
_FREE = 0.001
"""The bias is nearly free: its penalty is this share of the weights'."""


class Line(NamedTuple):
    """A logit that is linear in its inputs: `weights` of shape (inputs,)."""

    weights: Floats
    bias: float


def logistic(
    inputs: Floats,
    wanted: npt.NDArray[np.bool_],
    *,
    penalty: float,
    start: Floats | None = None,
    weights: Floats | None = None,
) -> Line:
    """Fit a line to `inputs` (rows, inputs) and `wanted` (rows,), on top of the logits `start` (rows,).

    Minimises the log loss summed over rows, each as often as its weight says, plus half of the penalty
    times the squared weights; a step that makes it worse is halved.
    """
    rows = np.column_stack([inputs, np.ones(len(inputs))])
    offset = np.zeros(len(rows)) if start is None else start
    often = np.ones(len(rows)) if weights is None else weights
    penalties = np.full(rows.shape[1], penalty)
    penalties[-1] *= _FREE
    line = np.zeros(rows.shape[1])
    loss = _loss(line, rows, offset, wanted, often, penalties)
    for _ in range(STEPS):
        found = probability(rows @ line + offset)
        slope = rows.T @ (often * (found - wanted)) + penalties * line
        curvature = (rows * (often * found * (1 - found))[:, None]).T @ rows + np.diag(penalties)
        step = np.linalg.solve(curvature, slope)
        length = 1.0
        while length > CLOSE:
            tried = _loss(line - length * step, rows, offset, wanted, often, penalties)
            if tried <= loss:
                break
            length /= 2
        else:
            break
        line, gained, loss = line - length * step, loss - tried, tried
        if gained < CLOSE:
            break
    return Line(line[:-1], float(line[-1]))


def probability(logits: Floats) -> Floats:
    """The logistic function."""
    shares: Floats = 1 / (1 + np.exp(-np.clip(logits, -40, 40)))
    return shares


def _loss(
    line: Floats,
    rows: Floats,
    offset: Floats,
    wanted: npt.NDArray[np.bool_],
    often: Floats,
    penalties: Floats,
) -> float:
    logits = rows @ line + offset
    return float(often @ np.logaddexp(0, np.where(wanted, -logits, logits)) + (penalties * line**2).sum() / 2)
