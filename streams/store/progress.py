"""How far the sink has read: its own offsets, and each stage's frontier in the source log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select, update

from streams.core.errors import StoreConflict
from streams.core.facets import Stage
from streams.core.frontier import START, Frontier
from streams.store.tables import frontier, progress

Position = tuple[str, int]
"""A topic's id and a partition."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a stage has answered of one source partition, and the latest event time among it."""

    frontier: Frontier = START
    event_max: datetime | None = None


def read_offsets(connection: Connection, positions: Iterable[Position]) -> dict[Position, int]:
    """The next offset of each position; one that is new to the store starts at 0."""
    known = {(row.topic_id, row.partition): row.next_offset for row in connection.execute(select(progress))}
    wanted = list(positions)
    new = [position for position in wanted if position not in known]
    if new:
        rows = [
            {"topic_id": topic_id, "partition": partition, "next_offset": 0} for topic_id, partition in new
        ]
        connection.execute(insert(progress), rows)
    return {position: known.get(position, 0) for position in wanted}


def advance(connection: Connection, moves: Mapping[Position, tuple[int, int]]) -> None:
    """Compare and set the next offset of each position, from one value to another.

    Raises StoreConflict if any isn't what it was when this sink last looked.
    """
    for (topic_id, partition), (expected, following) in sorted(moves.items()):
        found = connection.execute(
            update(progress)
            .where(
                and_(
                    progress.c.topic_id == topic_id,
                    progress.c.partition == partition,
                    progress.c.next_offset == expected,
                )
            )
            .values(next_offset=following)
        )
        if found.rowcount != 1:
            raise StoreConflict(
                f"another sink has read on in partition {partition} of {topic_id} from offset {expected}"
            )


def read_frontiers(connection: Connection) -> dict[tuple[Stage, str, int], Answered]:
    """What each stage has answered, by stage, source topic id and partition."""
    return {
        (row.stage, row.topic_id, row.partition): Answered(
            Frontier(row.source_next, tuple((start, end) for start, end in row.source_ahead)), row.event_max
        )
        for row in connection.execute(select(frontier))
    }


def write_frontiers(
    connection: Connection,
    changed: Mapping[tuple[Stage, str, int], Answered],
    known: Iterable[tuple[Stage, str, int]],
) -> None:
    """Write what has changed; `known` says which rows there are already."""
    there = set(known)
    for key, answered in changed.items():
        values = {
            "source_next": answered.frontier.next,
            "source_ahead": [list(span) for span in answered.frontier.ahead],
            "event_max": answered.event_max,
        }
        names = dict(zip(("stage", "topic_id", "partition"), key, strict=True))
        if key in there:
            same = and_(*(frontier.c[name] == value for name, value in names.items()))
            connection.execute(update(frontier).where(same).values(**values))
        else:
            connection.execute(insert(frontier).values(**names, **values))
