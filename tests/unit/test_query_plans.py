"""What the sink asks of SQLite it looks up: no statement reads a whole table that grows with history."""

from pathlib import Path
from typing import Any

from conftest import NOW, article
from sqlalchemy import event

from streams.backtest import answer
from streams.core.rules import Rule, RuleBook
from streams.enrich.stage import Enrichment
from streams.store.store import Store

GROW = ("facet", "article", "evidence", "alert", "outbox")


def test_nothing_that_grows_is_read_whole(tmp_path: Path, stages: list[Enrichment]) -> None:
    """Not for a batch of articles that raise, change and take back an alert, nor for telling of it."""
    store = Store.open(f"sqlite:///{tmp_path / 's.db'}", "test")
    store.take()
    store.begin(now=NOW)
    store.apply_rules(RuleBook([Rule(id="r", version=1, actors=("Q15031", "Q7747"))]))
    store.follow((stage.name, 0) for stage in stages)
    plans: dict[str, list[str]] = {}

    @event.listens_for(store.engine, "before_cursor_execute")
    def explain(
        _connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        if statement.startswith(("SELECT", "DELETE", "UPDATE")):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters[0] if many else parameters)
            plans.setdefault(statement, []).extend(row[3] for row in cursor.fetchall())

    texts = ("Xi Jinping met Vladimir Putin.", "Xi Jinping praised Vladimir Putin.", "Nothing happened.")
    for number, text in enumerate(texts):
        versions = [
            article(id=name, text=text, updated_at=f"2025-01-2{2 + number}T00:00:00Z") for name in ("a", "b")
        ]
        received = [
            answer(stage, one, 2 * number + at, NOW) for at, one in enumerate(versions) for stage in stages
        ]
        assert store.apply(received, horizon=NOW, now=NOW) > 0
        store.mark_sent([message.seq for message in store.unsent()], NOW)
        store.close_due(horizon=NOW, now=NOW)
    whole = {
        (statement, step)
        for statement, steps in plans.items()
        for step in steps
        if step.startswith("SCAN") and step.split()[1] in GROW and "USING" not in step
    }
    assert len(plans) > 10
    assert not whole
    store.engine.dispose()
