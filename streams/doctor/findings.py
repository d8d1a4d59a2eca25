"""What checks are given, and what they find."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal, NamedTuple

from streams.core.errors import BrokerUnavailable
from streams.doctor.cluster import Cluster, read_cluster
from streams.settings import Settings

Mark = Literal["good", "warning", "wrong"]

CLOCK_SECONDS = 5.0
"""How far two clocks may be apart before that is worth a word."""


class Finding(NamedTuple):
    """What one check says: `mend` is what to do about it, empty where there is nothing to do."""

    check: str
    mark: Mark
    says: str
    mend: str = ""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the checks look at; the broker is asked once, by the first that needs it."""

    settings: Settings
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    look: Callable[[Settings], Cluster] = read_cluster
    """How the broker is asked; raises BrokerUnavailable."""

    @cached_property
    def cluster(self) -> Cluster | BrokerUnavailable:
        """The broker, or why it can't be had."""
        try:
            return self.look(self.settings)
        except BrokerUnavailable as error:
            return error


Check = Callable[[Context], Iterator[Finding]]
"""Looks at one thing and changes nothing; says at least one thing, unless it doesn't apply."""
