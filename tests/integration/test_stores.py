"""The store's tables and its lease, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from conftest import NOW
from databases.postgresql import Server
from scenario import wait_until
from sqlalchemy import text

from streams.core.errors import StoreConflict, StoreUnavailable
from streams.store.database import IDLE_SECONDS, open_database
from streams.store.lease import Lease, renew_lease
from streams.store.received import Received
from streams.store.store import Store
from streams.store.tables import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/summitry.db"
    return str(request.getfixturevalue("postgres").new_database())


def test_the_migrations_end_at_the_tables_of_the_code(url: str) -> None:
    """Step by step from nothing; opening it once more changes nothing."""
    for _ in range(2):
        engine = open_database(url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
        engine.dispose()


def test_only_the_holder_of_the_lease_writes(url: str) -> None:
    """Who takes over what it has seen gets it; who saw something older, or held it before, doesn't."""
    first, second = Store.open(url, "first"), Store.open(url, "second")
    free = first.lease()
    assert first.take(free)
    assert not second.take(free)

    first.renew()
    seen = second.lease()
    assert (seen.holder, seen.beat) == ("first", free.beat + 2)
    assert second.take(seen)
    assert first.generation == second.generation
    with pytest.raises(StoreConflict, match="second does"):
        first.renew()
    first.release()  # not its own any more
    assert second.lease().holder == "second"
    second.release()
    assert second.lease() == Lease("", seen.beat + 2)
    for store in (first, second):
        store.engine.dispose()


def test_who_has_missed_what_another_one_wrote_writes_nothing(url: str) -> None:
    """Not even under the same name, as two sinks that were given one: the lease is no fence between these."""
    one, zombie = Store.open(url, "same"), Store.open(url, "same")
    position = ("facets", 0)
    assert one.take()
    for store in (one, zombie):
        store.begin(now=NOW)
        assert store.follow([position]) == {position: 0}
    first, second = (Received(position=position, offset=offset, stage="topics") for offset in range(2))
    one.apply([first], horizon=NOW, now=NOW)
    with pytest.raises(StoreConflict, match="another sink has read on"):
        zombie.apply([first, second], horizon=NOW, now=NOW)
    assert zombie.offsets == {position: 0}
    assert zombie.follow([position]) == {position: 1}
    zombie.apply([second], horizon=NOW, now=NOW)
    for store in (one, zombie):
        store.engine.dispose()


def test_postgresql_ends_what_lies_idle_in_a_transaction(postgres: Server) -> None:
    """A sink that is frozen between two statements holds the lease's row: the next one gets it all the same."""
    url = postgres.new_database()
    with open_database(url).connect() as connection:
        assert connection.scalar(text("show idle_in_transaction_session_timeout")) == f"{IDLE_SECONDS}s"

    hasty = f"{url}?options=-c idle_in_transaction_session_timeout=500ms"
    frozen, other = Store.open(hasty, "frozen"), Store.open(url, "other")
    assert frozen.take()
    with pytest.raises(StoreUnavailable), frozen._writing() as connection:  # noqa: PT012, SLF001  frozen here
        seen = other.lease()
        wait_until(lambda: other.take(seen), 10, "the other one takes the lease")
        renew_lease(connection, "frozen")
    with pytest.raises(StoreConflict):
        frozen.renew()
    other.renew()
    frozen.engine.dispose()
    other.engine.dispose()


def test_postgresql_sorts_by_code_point(postgres: Server) -> None:
    """As every other part does, though the server's own order is another."""
    engine = open_database(postgres.new_database())
    with engine.begin() as connection:
        order = "select w from (values ('b'), ('A'), ('a'), ('B')) as words(w) order by w"
        assert connection.scalars(text(order)).all() != ["A", "B", "a", "b"]
        for name in ("b", "A", "a", "B"):
            connection.execute(text("insert into meta (key, value) values (:name, '')"), {"name": name})
        ours = connection.scalars(text("select key from meta where value = '' order by key")).all()
    assert ours == ["A", "B", "a", "b"]
    engine.dispose()
