"""The horizon: the instant up to which everything has been read, by one rule for live and replay."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from streams.core.windows import EPOCH


class Partition(NamedTuple):
    """Whether a partition has records that nobody has read yet, and the latest event time read."""

    lags: bool
    event_max: datetime | None


def horizon(now: datetime, partitions: Iterable[Partition]) -> datetime:
    """Now when no partition lags, else the least `event_max` of those that do."""
    behind = [partition.event_max or EPOCH for partition in partitions if partition.lags]
    return min(behind, default=now)
