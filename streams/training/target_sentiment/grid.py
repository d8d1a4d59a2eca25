"""Weights of four bits: blocks of a row's numbers share a scale."""

import numpy as np
import numpy.typing as npt

LOWEST, HIGHEST = -8, 7
"""What four bits hold."""

_SHRINKS = np.linspace(0.7, 1.0, 13, dtype=np.float32)
_ROWS = 1_024

Floats = npt.NDArray[np.float32]


def best_scales(matrix: Floats, block: int) -> Floats:
    """Scales, shape (rows, blocks), such that whole numbers of four bits times them come near the matrix.

    Of some scales each block takes the one with the least squared error; the number that is farthest
    from 0 lies on the side that has one step more.
    """
    return np.vstack(
        [_best_scales(matrix[begin : begin + _ROWS], block) for begin in range(0, len(matrix), _ROWS)]
    )


def numbers(matrix: Floats, scales: Floats) -> Floats:
    """The whole numbers, shape (rows, blocks, block)."""
    blocks = matrix.reshape(*scales.shape, -1)
    return np.clip(np.rint(blocks / scales[..., None]), LOWEST, HIGHEST)


def _best_scales(matrix: Floats, block: int) -> Floats:
    blocks = matrix.reshape(len(matrix), -1, block)
    farthest = np.take_along_axis(blocks, np.abs(blocks).argmax(-1)[..., None], axis=-1)[..., 0]
    farthest[farthest == 0] = 1
    least = np.full(farthest.shape, np.inf, dtype=np.float32)
    scales = farthest
    for shrink in _SHRINKS:
        tried = farthest / np.float32(LOWEST) * shrink
        error = np.square(numbers(matrix, tried) * tried[..., None] - blocks).sum(-1)
        scales = np.where(error < least, tried, scales)
        least = np.minimum(error, least)
    return scales
