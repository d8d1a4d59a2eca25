"""Whether a figure grows: a line through what was measured, and how sure its slope is. Pure.

What a process has in hand for a moment comes on top of what it keeps, so of each half minute the least sample
counts. What likeness is left between neighbours widens the error, as if there were fewer of them (Santer and
others, 2000, doi:10.1029/1999JD901105, equations 4 to 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, inf, sqrt
from operator import itemgetter

import numpy as np

BLOCK_SECONDS = 30.0
HOUR_SECONDS = 3600.0
ERRORS = 2.0
"""How many standard errors a slope must lie off a bound to be said to keep or to break it."""


@dataclass(frozen=True, slots=True)
class Trend:
    """The mean of a figure, and how it grows, in per cent of the mean an hour, with its standard error."""

    mean: float
    growth: float
    error: float
    seconds: float
    """The time that was measured."""

    def keeps(self, bound: float) -> bool | None:
        """Whether it grows by less than `bound` per cent an hour; None if that can't be told."""
        if self.growth + ERRORS * self.error < bound:
            return True
        return False if self.growth - ERRORS * self.error > bound else None

    def seconds_needed(self, bound: float) -> float:
        """How long to measure until twice the error is `bound`: it falls by the time's power of 3/2."""
        return self.seconds * max(1.0, ERRORS * self.error / bound) ** (2 / 3)


def lows(seconds: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    """The least value of each half minute that was measured for the most of it, and when that was."""
    blocks = [list(pairs) for _, pairs in groupby(zip(seconds, values, strict=True), key=_block)]
    most = max(map(len, blocks), default=0)
    return [min(pairs, key=itemgetter(1)) for pairs in blocks if len(pairs) * 2 > most]


def trend(seconds: Sequence[float], values: Sequence[float]) -> Trend:
    """The trend of `values` that were measured at these times, in order."""
    found = lows(seconds, values)
    at, figures = np.array([second for second, _ in found]), np.array([value for _, value in found])
    mean, lasted = float(np.mean(values)), seconds[-1] - seconds[0]
    if len(found) < 4:
        return Trend(mean, 0.0, inf, lasted)
    slope, first = np.polyfit(at, figures, 1)
    off = figures - (first + slope * at)
    likeness = _likeness(off)
    effective = max(3.0, len(at) * (1 - likeness) / (1 + likeness))
    variance = float(off @ off) / (effective - 2)
    spread = float((at - at.mean()) @ (at - at.mean()))
    scale = 100 * HOUR_SECONDS / mean
    error = sqrt(variance / spread)
    return Trend(mean, float(slope) * scale, error * scale, lasted)


def _block(pair: tuple[float, float]) -> int:
    return ceil(pair[0] / BLOCK_SECONDS)


def _likeness(off: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    """How much a residual is like the one before it, from 0 to nearly 1."""
    whole = float(off @ off)
    return min(0.95, max(0.0, float(off[:-1] @ off[1:]) / whole)) if whole else 0.0
