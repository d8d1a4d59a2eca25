"""What is measured: figures with intervals, and the errors behind them."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import process_time
from typing import TypeVar

from benchmarks.figures import keeps
from benchmarks.quality.records import SEED

RESAMPLES = 1_000
_Z = 1.96

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of one set.

    `low` and `high` bound it with 95 % confidence, None where that says nothing; `n` is what was
    counted; `milliseconds` is one core's time for an article (or a target); `floor` is the least
    and `ceiling` the most that the project promises.
    """

    set: str
    measure: str
    value: float
    low: float | None = None
    high: float | None = None
    n: int
    milliseconds: float | None = None
    floor: float | None = None
    ceiling: float | None = None

    @property
    def kept(self) -> bool | None:
        """Whether it keeps to its bound; None if it has none."""
        return keeps(self.value, self.floor, self.ceiling)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something read wrong: where, which kind of fault, and what was said instead of what."""

    set: str
    id: str
    kind: str
    what: str


@dataclass(slots=True)
class Results:
    """Everything measured so far."""

    figures: list[Figure] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Clock:
    """CPU time of this process, in the parts of a measurement that count."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._count = 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Time one article."""
        began = process_time()
        yield
        self._seconds += process_time() - began
        self._count += 1

    @property
    def milliseconds(self) -> float | None:
        """The mean for one article."""
        return 1000 * self._seconds / self._count if self._count else None


def ratio(
    name: str,
    measure: str,
    right: int,
    total: int,
    *,
    floor: float | None = None,
    milliseconds: float | None = None,
) -> Figure:
    """A share with its Wilson interval (1927); of nothing it is 0, with the interval of knowing nothing."""
    low, high = wilson(right, total)
    value = right / total if total else 0.0
    return Figure(
        set=name,
        measure=measure,
        value=value,
        low=low,
        high=high,
        n=total,
        floor=floor,
        milliseconds=milliseconds,
    )


def resampled(
    name: str,
    measure: str,
    items: Sequence[Item],
    statistic: Callable[[Sequence[Item]], float],
    *,
    floor: float | None = None,
    milliseconds: float | None = None,
) -> Figure:
    """A statistic of items with its percentile bootstrap interval (Efron 1979), from a fixed seed."""
    chance = random.Random(SEED)
    values = sorted(statistic(chance.choices(items, k=len(items))) for _ in range(RESAMPLES)) if items else []
    return Figure(
        set=name,
        measure=measure,
        value=statistic(items) if items else 0.0,
        low=values[round(0.025 * (RESAMPLES - 1))] if values else None,
        high=values[round(0.975 * (RESAMPLES - 1))] if values else None,
        n=len(items),
        floor=floor,
        milliseconds=milliseconds,
    )


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % score interval of a share."""
    if total == 0:
        return 0.0, 1.0
    share, square = right / total, _Z * _Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total * total)) / (1 + square / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def f1(right: int, said: int, there: int) -> float:
    """The harmonic mean of precision and recall; 0 if nothing is said or there."""
    return 2 * right / (said + there) if said + there else 0.0


def macro_f1(pairs: Sequence[tuple[str, str]], labels: Sequence[str]) -> float:
    """The mean of the labels' F1 over (truth, said) pairs."""
    scores = [
        f1(
            sum(truth == said == label for truth, said in pairs),
            sum(said == label for _, said in pairs),
            sum(truth == label for truth, _ in pairs),
        )
        for label in labels
    ]
    return sum(scores) / len(scores)
