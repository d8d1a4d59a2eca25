"""Alerts and their outbox: each touched alert is computed once a transaction from its evidence."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, delete, insert, not_, select, update

from streams.core.alert import Alert, AlertBody, alert_id
from streams.core.evidence import AlertKey
from streams.core.headers import Headers, alert_headers
from streams.core.revision import Standing, revise
from streams.core.rules import RuleBook
from streams.core.stories import stories
from streams.core.summary import best, holds, summarise
from streams.core.tracecontext import Context
from streams.core.windows import Window
from streams.store.evidence import read_evidence
from streams.store.facets import entities_of
from streams.store.keys import among, chunks
from streams.store.prune import read_pruned_before
from streams.store.tables import alert, evidence, outbox
from streams.topology import ALERTS

ContextOf = Callable[[Collection[AlertKey]], Context]
"""The trace context of what follows from changes to the evidence under these keys."""


class Revised(NamedTuple):
    """An alert as it now stands, and the message that tells so."""

    key: AlertKey
    window: Window
    closes_at: datetime
    standing: Standing
    message: Alert
    context: Context = ()


def revise_alerts(
    connection: Connection,
    keys: Collection[AlertKey],
    rules: RuleBook,
    *,
    generation: int,
    horizon: datetime,
    now: datetime,
    context_of: ContextOf,
) -> int:
    """Compute each alert, and write those that changed with the messages that tell of it.

    Keys name the windows whose evidence changed: the windows after them are looked at too, since
    thresholds carry over. Answers how many revisions were written.
    """
    standings = _standings(connection, keys)
    windows = {key: window for key in keys if (window := _window(key, rules, standings.get(key)))}
    for key, window in list(windows.items()):
        after = window.after
        following = rules.at(key.rule_id, after)
        if following is not None and following.carries_over:
            windows[key._replace(window_start=after.start)] = after
    if frozen := read_pruned_before(connection):
        windows = {key: window for key, window in windows.items() if window.end > frozen}
    before = {key: key._replace(window_start=window.before.start) for key, window in windows.items()}
    found = read_evidence(connection, {*windows, *before.values()})
    standings |= _standings(connection, windows.keys() - standings.keys())
    ruled = {key: rules.at(key.rule_id, window) for key, window in windows.items()}
    leaders = {
        key: stories(found[key])
        for key, rule in ruled.items()
        if rule is not None and holds(rule, found[key], found[before[key]])
    }
    shown = {(e.article_id, e.version) for key in leaders for e in best(found[key], leaders[key])}
    entities = entities_of(connection, shown)
    revised: list[Revised] = []
    for key in sorted(windows):
        window, rule = windows[key], ruled[key]
        body = None
        if rule is not None and key in leaders:
            body = summarise(rule, window, found[key], leaders[key], entities)
        identity = alert_id(key, window.hours)
        grace = timedelta(hours=rule.grace_hours) if rule else timedelta()
        outcome = revise(
            standings.get(key),
            body,
            alert_id=identity,
            generation=generation,
            closed=window.end + grace <= horizon,
        )
        if outcome is not None:
            standing, change = outcome
            told, context = standing.told(change), context_of((key, before[key]))
            revised.append(Revised(key, window, window.end + grace, standing, told, context))
    _write(connection, revised, now)
    return len(revised)


def close_due(connection: Connection, horizon: datetime, now: datetime) -> int:
    """Close every alert whose window and grace lie behind the horizon; how many there were."""
    due = connection.execute(
        select(alert)
        .where(and_(not_(alert.c.closed), alert.c.closes_at <= horizon))
        .order_by(alert.c.alert_id)
    ).all()
    revised = []
    for row in due:
        standing = _standing(row)
        outcome = revise(
            standing,
            standing.body if standing.state == "active" else None,
            alert_id=standing.alert_id,
            generation=standing.generation,
            closed=True,
        )
        if outcome is not None:
            key = AlertKey(row.rule_id, row.actors, row.window_start)
            window = Window(row.window_start, row.window_end)
            revised.append(Revised(key, window, row.closes_at, outcome[0], outcome[0].told(outcome[1])))
    _write(connection, revised, now)
    return len(revised)


def keys_of_rules(connection: Connection, rule_ids: Collection[str]) -> set[AlertKey]:
    """The keys of all alerts and all evidence under the given rules."""
    keys = set()
    for table in (alert, evidence):
        columns = select(table.c.rule_id, table.c.actors, table.c.window_start).distinct()
        keys |= {AlertKey(*row) for row in connection.execute(columns.where(table.c.rule_id.in_(rule_ids)))}
    return keys


def told(row: Row[Any]) -> Alert:
    """The newest revision of a row of the alert table, as its message."""
    return _standing(row).told(tuple(row.change))


def _window(key: AlertKey, rules: RuleBook, standing: Standing | None) -> Window | None:
    """The key's window; None for a rule that isn't known, and of which nothing was told either."""
    hours = rules.lengths.get(key.rule_id)
    if hours is not None:
        return Window(key.window_start, key.window_start + timedelta(hours=hours))
    return Window(standing.body.window.start, standing.body.window.end) if standing else None


def _standings(connection: Connection, keys: Iterable[AlertKey]) -> dict[AlertKey, Standing]:
    columns = (alert.c.window_start, alert.c.rule_id, alert.c.actors)
    return {
        AlertKey(row.rule_id, row.actors, row.window_start): _standing(row)
        for chunk in chunks(sorted(keys))
        for row in connection.execute(select(alert).where(among(columns, _by_window(chunk), leading=1)))
    }


def _by_window(keys: Iterable[AlertKey]) -> list[tuple[datetime, str, tuple[str, ...]]]:
    return [(key.window_start, key.rule_id, key.actors) for key in keys]


def _standing(row: Row[Any]) -> Standing:
    return Standing(
        alert_id=row.alert_id,
        generation=row.generation,
        revision=row.revision,
        state=row.state,
        closed=row.closed,
        backfill=row.backfill,
        body=AlertBody.from_json(row.body),
    )


def _write(connection: Connection, revised: list[Revised], now: datetime) -> None:
    if revised:
        write_alerts(connection, revised)
        connection.execute(insert(outbox), [outbox_row(r.message, now, r.context) for r in revised])


def write_alerts(connection: Connection, revised: Collection[Revised]) -> None:
    """Make these how their alerts stand."""
    for chunk in chunks(revised):
        ids = [r.standing.alert_id for r in chunk]
        connection.execute(delete(alert).where(alert.c.alert_id.in_(ids)))
        connection.execute(insert(alert), [_alert_row(r) for r in chunk])


def _alert_row(r: Revised) -> dict[str, object]:
    return {
        **r.key._asdict(),
        "window_end": r.window.end,
        "closes_at": r.closes_at,
        "alert_id": r.standing.alert_id,
        "generation": r.standing.generation,
        "revision": r.standing.revision,
        "digest": r.standing.body.digest,
        "state": r.standing.state,
        "closed": r.standing.closed,
        "backfill": r.standing.backfill,
        "change": list(r.message.change),
        "body": r.standing.body.to_json(),
    }


def outbox_row(message: Alert, now: datetime, context: Context = ()) -> dict[str, object]:
    """The row that waits until `message` is sent."""
    return {
        "stream": ALERTS.name,
        "key": message.id.encode(),
        "headers": [[name, value.decode()] for name, value in (*alert_headers(message, now), *context)],
        "value": message.to_json(),
        "alert_id": message.id,
        "generation": message.generation,
        "revision": message.revision,
        "sent_at": None,
    }


class Outgoing(NamedTuple):
    """A message that waits to be sent."""

    seq: int
    stream: str
    key: bytes
    value: bytes
    headers: Headers


def unsent(connection: Connection, limit: int = 1_000) -> list[Outgoing]:
    """The first messages that aren't marked as sent, in the order of writing."""
    rows = connection.execute(
        select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.seq).limit(limit)
    )
    return [
        Outgoing(
            row.seq, row.stream, row.key, row.value, [(name, value.encode()) for name, value in row.headers]
        )
        for row in rows
    ]


def mark_sent(connection: Connection, sequence: Collection[int], now: datetime) -> None:
    """Mark messages that the broker has confirmed."""
    for chunk in chunks(sorted(sequence)):
        connection.execute(update(outbox).where(outbox.c.seq.in_(chunk)).values(sent_at=now))
