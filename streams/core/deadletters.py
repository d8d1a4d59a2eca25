"""The stream of dead letters as a whole: which are open, in which order, and by what name."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from streams.core.deadletter import DeadLetter
from streams.core.errors import NoSuchDeadLetter

State = Literal["open", "redriven", "repeated"]


class Place(NamedTuple):
    """Where a letter itself lies on the stream of dead letters."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Written:
    """A letter as it was found: where, and when it was written."""

    letter: DeadLetter
    place: Place
    at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A letter, and whether it is open, redriven, or `repeated` by a newer one of the same identity."""

    written: Written
    state: State

    @property
    def letter(self) -> DeadLetter:
        """The letter itself."""
        return self.written.letter


def in_order(found: Iterable[Written], redriven: Collection[str]) -> list[Listed]:
    """The letters, newest last; `redriven` holds the identities of those that were."""
    ordered = sorted(found, key=lambda written: (written.at, written.place))
    newest = {written.letter.identity: written.place for written in ordered}

    def state(written: Written) -> State:
        identity = written.letter.identity
        if newest[identity] != written.place:
            return "repeated"
        return "redriven" if identity in redriven else "open"

    return [Listed(written, state(written)) for written in ordered]


def named(letters: Sequence[Listed], name: str) -> Listed:
    """The letter of this identity, or whose record lies at PARTITION:OFFSET.

    Raises NoSuchDeadLetter if there is none, or if several stages, or an earlier stream, have one there.
    """
    found = [
        listed
        for listed in letters
        if listed.state != "repeated" and name in (listed.letter.identity, short_name(listed.letter))
    ]
    if not found:
        raise NoSuchDeadLetter(f"no dead letter {name}: run: summitry dead-letters list --all")
    if len(found) > 1:
        identities = "".join(f"\n  {listed.letter.identity}" for listed in found)
        raise NoSuchDeadLetter(f"{len(found)} dead letters go by {name}: name one of{identities}")
    return found[0]


def short_name(letter: DeadLetter) -> str:
    """PARTITION:OFFSET of the letter's record: enough where one stage of one stream failed on it."""
    return f"{letter.source.partition}:{letter.source.offset}"
