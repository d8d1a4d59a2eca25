"""Everything that Summitry raises on purpose.

::

    SummitryError
    ├── InvalidMessage       a message that doesn't decode, or breaks its schema
    ├── InvalidRules         a rules file, or a set of rule versions, that can't be used
    ├── InvalidRegistry      an actor registry that can't be used
    ├── InvalidCorpus        a path to read articles from that can't be used
    ├── FeedUnavailable      a feed that can't be fetched, or mustn't
    ├── BrokerUnavailable    no broker answers where one was expected
    ├── StreamsMismatch      streams are missing, or aren't as the topology declares them
    ├── StoreUnavailable     the sink's tables can't be reached, or aren't there yet
    ├── StoreConflict        another sink has written the store: this one's view of it is old
    ├── NothingAnswers       no process serves its health where one was asked
    ├── NoSuchDeadLetter     no dead letter goes by the name given, or more than one does
    ├── OriginalGone         a dead letter's record was too large to keep, and isn't there any more
    └── NotDrained           the streams didn't come to rest in the time allowed

Anything else that surfaces is a defect and may end the process.
"""

from datetime import timedelta
from typing import NamedTuple

EXIT_NOTHING_ANSWERS = 3
"""What a process ends with that can't reach what it needs: it is worth while to start it again later."""


class SummitryError(Exception):
    """The base of all errors that a user can act on."""


class Problem(NamedTuple):
    """One thing that is wrong: where (a dotted field path, empty for the whole) and why."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


class InvalidMessage(SummitryError):
    """A message that doesn't decode or that breaks its schema; `problems` lists why."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))


class InvalidRules(SummitryError):
    """A rules file, or a set of rule versions, that can't be used."""


class InvalidRegistry(SummitryError):
    """An actor registry that can't be used."""


class InvalidCorpus(SummitryError):
    """A path to read articles from that can't be used."""


class FeedUnavailable(SummitryError):
    """A feed that can't be fetched, or mustn't; for how long its server asks to be left alone."""

    def __init__(self, reason: str, retry_after: timedelta = timedelta()) -> None:
        self.retry_after = retry_after
        super().__init__(reason)


class BrokerUnavailable(SummitryError):
    """No broker answers where one was expected."""


class StreamsMismatch(SummitryError):
    """Streams are missing, or aren't as the topology declares them."""


class StoreUnavailable(SummitryError):
    """The sink's tables can't be reached, or aren't there yet."""


class StoreConflict(SummitryError):
    """Another sink has written the store, so what this one knows of it is old."""


class NothingAnswers(SummitryError):
    """No process serves its health where one was asked."""


class NoSuchDeadLetter(SummitryError):
    """No dead letter goes by the name given, or more than one does."""


class OriginalGone(SummitryError):
    """A dead letter's record was too large to keep, and isn't on the article stream any more."""


class NotDrained(SummitryError):
    """The streams didn't come to rest in the time allowed; the message names what lags."""
