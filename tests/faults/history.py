"""The history of a run: what the broker has confirmed to the publisher, a line each.

A line is written after the confirmation and before the next article is sent on, so that what is in it was
promised to somebody. The publisher itself may be killed: it goes on with what isn't in it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Confirmed(NamedTuple):
    """The entry of this number of the corpus lies at this place."""

    entry: int
    partition: int
    offset: int


def append(path: Path, confirmed: Confirmed) -> None:
    """Write one line whole: a process that is killed leaves no half of one."""
    with path.open("ab", buffering=0) as file:
        file.write(f"{confirmed.entry} {confirmed.partition} {confirmed.offset}\n".encode())


def read(path: Path) -> Iterator[Confirmed]:
    """Every confirmation, in order; nothing if there is no history yet."""
    if path.exists():
        for line in path.read_text(encoding="ascii").splitlines():
            yield Confirmed(*map(int, line.split()))
