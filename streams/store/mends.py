"""Source records that are to be published again, and how often they were (decision 2 of the design)."""

from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from streams.core.headers import Coordinates
from streams.store.keys import among, chunks
from streams.store.received import Received
from streams.store.tables import mend

Why = Literal["hole", "registry"]

_PLACE = (mend.c.topic_id, mend.c.partition, mend.c.source_offset)


class Mend(NamedTuple):
    """The record at `place` is wanted again: a stage has passed it by, or registries were mixed."""

    place: Coordinates
    why: Why
    attempts: int


def read_mends(connection: Connection, topic_id: str) -> list[Mend]:
    """What is wanted of this log, in its order."""
    rows = connection.execute(
        select(mend)
        .where(mend.c.topic_id == topic_id)
        .order_by(mend.c.partition, mend.c.source_offset, mend.c.why)
    )
    return [
        Mend(Coordinates(row.topic_id, row.partition, row.source_offset), row.why, row.attempts)
        for row in rows
    ]


def want(connection: Connection, places: Iterable[Coordinates], why: Why) -> None:
    """Want these records again; one that is wanted already keeps its attempts."""
    for chunk in chunks(sorted(set(places))):
        known = {
            Coordinates(*row)
            for row in connection.execute(
                select(mend.c.topic_id, mend.c.partition, mend.c.source_offset).where(
                    among(_PLACE, chunk, leading=3), mend.c.why == why
                )
            )
        }
        rows = [{**_columns(place), "why": why, "attempts": 0} for place in chunk if place not in known]
        if rows:
            connection.execute(insert(mend), rows)


def count_attempt(connection: Connection, one: Mend) -> None:
    """It was published again, once more."""
    connection.execute(
        update(mend)
        .where(among(_PLACE, [one.place], leading=3), mend.c.why == one.why)
        .values(attempts=mend.c.attempts + 1)
    )


def want_no_more(connection: Connection, places: Collection[Coordinates], why: Why) -> None:
    """These are mended, or given up."""
    for chunk in chunks(sorted(places)):
        connection.execute(delete(mend).where(among(_PLACE, chunk, leading=3), mend.c.why == why))


def note_mixed(connection: Connection, changed: Iterable[Received], mixed: Collection[str | None]) -> None:
    """Want the records of `mixed` articles again; no more, where what a repair has changed isn't mixed."""
    wanted: set[Coordinates] = set()
    mended: set[Coordinates] = set()
    for r in changed:
        if r.source is not None and r.facet is not None:
            if r.facet.id in mixed:
                wanted.add(r.mended or r.source)
            elif r.mended is not None:
                mended.add(r.mended)
    want(connection, wanted, "registry")
    want_no_more(connection, mended, "registry")


def _columns(place: Coordinates) -> dict[str, object]:
    return {"topic_id": place.topic_id, "partition": place.partition, "source_offset": place.offset}
