"""Opening the database: its settings, and the migrations that bring it up to date."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Pool, StaticPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from streams.core.errors import StoreUnavailable

MEMORY = "sqlite://"
"""A store that lives as long as its engine: what backtests use."""


def open_database(url: str) -> Engine:
    """Connect, and create or migrate the tables. Raises StoreUnavailable saying what to mend."""
    engine = connect(url)
    try:
        with engine.begin() as connection:
            config = _alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        raise StoreUnavailable(f"can't open the store {_shown(url)}: {error.orig}") from error
    return engine


def open_existing(url: str) -> Engine:
    """Connect to a store that a sink has made; raises StoreUnavailable if there is none yet."""
    engine = connect(url)
    parsed = make_url(url)
    missing = parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file()
    try:
        if not missing:
            with engine.connect() as connection:
                at = MigrationContext.configure(connection).get_current_revision()
            if at == ScriptDirectory.from_config(_alembic_config()).get_current_head():
                return engine
    except OperationalError as error:
        raise StoreUnavailable(f"can't open the store {_shown(url)}: {error.orig}") from error
    raise StoreUnavailable(
        f"the store {_shown(url)} holds no tables of this version yet: start its sink"
        " (run: summitry up), or set SUMMITRY_STORE to the store that you mean"
    )


def connect(url: str) -> Engine:
    """An engine for `url`, its tables as they are. Raises StoreUnavailable for an unusable URL."""
    try:
        memory = make_url(url).get_backend_name() == "sqlite" and make_url(url).database in (
            None,
            "",
            ":memory:",
        )
        pool: type[Pool] | None = StaticPool if memory else None
        engine = create_engine(url, poolclass=pool)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise StoreUnavailable(f"SUMMITRY_STORE is no database URL that can be used: {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:  # noqa: ARG001
    # WAL lets readers read while the sink writes; NORMAL may lose the last transactions to a power
    # cut, never the file: what is lost is read from the streams again, progress with it.
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
