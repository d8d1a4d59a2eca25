"""Which sink may write: the holder of the lease, whose row each of its transactions changes first.

No clocks are compared. The holder's beat is a counter; a sink that stands by watches it by its own
clock, and takes over what has not moved for a while with a compare-and-set.
"""

from typing import NamedTuple

from sqlalchemy import Connection, select, update

from streams.core.errors import StoreConflict
from streams.store.tables import lease

SINK = "sink"
NOBODY = ""


class Lease(NamedTuple):
    """Who holds it (NOBODY: it is free), and how often it has been renewed."""

    holder: str
    beat: int


def read_lease(connection: Connection) -> Lease:
    """The lease as it is."""
    query = select(lease.c.holder, lease.c.beat).where(lease.c.name == SINK)
    return Lease(*connection.execute(query).one())


def take_lease(connection: Connection, seen: Lease, holder: str) -> bool:
    """Take the lease if it is as it was `seen`; whether it was."""
    found = connection.execute(
        update(lease)
        .where(lease.c.name == SINK, lease.c.holder == seen.holder, lease.c.beat == seen.beat)
        .values(holder=holder, beat=seen.beat + 1)
    )
    return found.rowcount == 1


def renew_lease(connection: Connection, holder: str) -> None:
    """Renew the holder's lease, and lock it until the transaction ends; raises StoreConflict if lost."""
    found = connection.execute(
        update(lease).where(lease.c.name == SINK, lease.c.holder == holder).values(beat=lease.c.beat + 1)
    )
    if found.rowcount != 1:
        raise StoreConflict(
            f"{holder} no longer holds the store's lease: {read_lease(connection).holder} does"
        )


def release_lease(connection: Connection, holder: str) -> None:
    """Free the lease, if it is this holder's."""
    connection.execute(
        update(lease)
        .where(lease.c.name == SINK, lease.c.holder == holder)
        .values(holder=NOBODY, beat=lease.c.beat + 1)
    )
