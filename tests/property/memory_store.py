"""Stores in memory, made from a migrated one: migrating each anew would take most of a test's time."""

from functools import cache

from sqlalchemy import Engine

from streams.store.database import MEMORY, connect, open_database


def new() -> Engine:
    """The tables that no sink has seen."""
    return copied(_migrated())


def copied(engine: Engine) -> Engine:
    """Another database that holds the same."""
    copy = connect(MEMORY)
    with engine.connect() as source, copy.connect() as target:
        source.connection.driver_connection.backup(target.connection.driver_connection)  # type: ignore[union-attr]
    return copy


@cache
def _migrated() -> Engine:
    return open_database(MEMORY)
