"""In what condition a database is, before anybody relies on it; nothing is written."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError

from streams.core.errors import StoreUnavailable
from streams.store.database import alembic_config, connect
from streams.store.tables import metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A PostgreSQL server, and the database on it."""

    version: tuple[int, int]
    encoding: str
    unordered: tuple[str, ...]
    """Text columns of the store, as table.column, that sort by a language's rules."""
    now: datetime
    may_create: bool
    """Whether this login may make tables in the schema it uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A store as it is; `server` is None on SQLite."""

    migrated: bool
    empty: bool
    """Whether no sink has made its tables yet."""
    newer: bool
    """Whether a newer version of Summitry has made them."""
    server: Server | None


def sqlite_file(url: str) -> Path | None:
    """The file of a store on SQLite; None for other stores, and for one in memory."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreUnavailable(f"SUMMITRY_STORE is no database URL that can be used: {error}") from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(parsed.database or "")


def read_condition(url: str) -> Condition:
    """Look at a database that is there; raises StoreUnavailable if it can't be read."""
    engine = connect(url, to_write=False)
    script = ScriptDirectory.from_config(alembic_config())
    try:
        with engine.connect() as connection:
            at = MigrationContext.configure(connection).get_current_revision()
            return Condition(
                migrated=at == script.get_current_head(),
                empty=at is None,
                newer=at is not None and at not in {one.revision for one in script.walk_revisions()},
                server=_server(connection) if engine.dialect.name == "postgresql" else None,
            )
    except DatabaseError as error:
        raise StoreUnavailable(f"can't open the store: {error.orig}") from error
    finally:
        engine.dispose()


def _server(connection: Connection) -> Server:
    number, encoding, now, may_create = connection.execute(
        text(
            "select current_setting('server_version_num')::int, current_setting('server_encoding'), now(),"
            " coalesce(has_schema_privilege(current_schema(), 'create'), false)"
        )
    ).one()
    columns = connection.execute(
        text(
            "select table_name || '.' || column_name from information_schema.columns"
            " where table_schema = current_schema() and table_name = any(:tables)"
            " and data_type in ('text', 'character varying') and collation_name is distinct from 'C'"
            " order by 1"
        ),
        {"tables": list(metadata.tables)},
    )
    return Server(
        version=(number // 10_000, number % 10_000),
        encoding=encoding,
        unordered=tuple(columns.scalars()),
        now=now,
        may_create=may_create,
    )
