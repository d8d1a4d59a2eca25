"""Opening the database: its settings, and the migrations that bring it up to date."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
)

from streams.core.errors import StoreUnavailable

MEMORY = "sqlite://"
"""A store that lives as long as its engine: what backtests use."""
IDLE_SECONDS = 15
"""How long a transaction on PostgreSQL may lie idle before the server ends it."""
MIGRATION_LOCK = 0x53554D4D  # any number that is nobody else's


def open_database(url: str) -> Engine:
    """Connect, and create or migrate the tables. Raises StoreUnavailable saying what to mend."""
    engine = connect(url)
    try:
        with engine.begin() as connection:
            _exclude_others(connection)
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DatabaseError as error:  # OperationalError, or a file that holds no database
        raise StoreUnavailable(f"can't open the store {_shown(url)}: {error.orig}") from error
    except CommandError as error:  # a revision that isn't known here
        raise StoreUnavailable(f"the store {_shown(url)} is of a newer version: upgrade Summitry") from error
    return engine


def open_existing(url: str) -> Engine:
    """Connect, only to read, to a store that a sink has made; raises StoreUnavailable if there is none."""
    engine = connect(url, to_write=False)
    parsed = make_url(url)
    missing = parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file()
    try:
        if not missing:
            with engine.connect() as connection:
                at = MigrationContext.configure(connection).get_current_revision()
            if at == ScriptDirectory.from_config(alembic_config()).get_current_head():
                return engine
    except DatabaseError as error:  # OperationalError, or a file that holds no database
        raise StoreUnavailable(f"can't open the store {_shown(url)}: {error.orig}") from error
    raise StoreUnavailable(
        f"the store {_shown(url)} holds no tables of this version yet: start its sink"
        " (run: summitry up), or set SUMMITRY_STORE to the store that you mean"
    )


def connect(url: str, *, to_write: bool = True) -> Engine:
    """An engine for `url`, its tables as they are. Raises StoreUnavailable for an unusable URL."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            return _postgresql(parsed)
        memory = parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:")
        engine = create_engine(parsed, poolclass=StaticPool if memory else None)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise StoreUnavailable(f"SUMMITRY_STORE is no database URL that can be used: {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite if to_write else _prepare_to_read)
    return engine


def is_unavailable(error: DBAPIError) -> bool:
    """Whether the database itself failed, was full or cut us off, rather than refused what was asked."""
    return error.connection_invalidated or isinstance(
        error, OperationalError | InterfaceError | InternalError
    )


def _postgresql(url: URL) -> Engine:
    try:
        import psycopg  # noqa: F401, PLC0415  the extra may not be installed
    except ImportError as error:
        raise StoreUnavailable(
            "a store on PostgreSQL needs the extra `postgres`: pip install 'summitry[postgres]'"
        ) from error
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    # A sink that is frozen in mid-transaction would hold the lease's row, and everything, forever.
    defaults = {"options": f"-c idle_in_transaction_session_timeout={IDLE_SECONDS}s", "connect_timeout": "10"}
    return create_engine(url.update_query_dict({**defaults, **url.query}), pool_pre_ping=True)


def _exclude_others(connection: Connection) -> None:
    """Until the transaction ends nobody else migrates: two sinks may well start at once."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})


def _prepare_sqlite(connection: Any, record: Any) -> None:  # noqa: ARG001
    # WAL lets readers read while the sink writes; NORMAL may lose the last transactions to a power
    # cut, never the file: what is lost is read from the streams again, progress with it.
    _set(connection, "journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000")


def _prepare_to_read(connection: Any, record: Any) -> None:  # noqa: ARG001
    # The file may be anybody's, by a slip in SUMMITRY_STORE: not even its journal is changed.
    _set(connection, "query_only=ON", "busy_timeout=10000")


def _set(connection: Any, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def alembic_config() -> Config:
    """Where the migrations are."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
