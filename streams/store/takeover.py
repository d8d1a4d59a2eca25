"""Taking over what was told: a new or restored store goes on from news.alerts, without a flood.

What the log says of an alert counts, since its readers have it: the row of a store that knows less, or
that says otherwise under the same revision, is replaced by it. Such an alert waits in `pending` until
the facets have been read too; then it is compared once (docs/decisions/0009).
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, insert, select

from streams.core.alert import Alert, alert_id
from streams.core.evidence import AlertKey
from streams.core.revision import Standing
from streams.core.rules import RuleBook
from streams.core.windows import Window
from streams.store.alerts import Revised, outbox_row, told, write_alerts
from streams.store.keys import among, chunks
from streams.store.tables import alert, meta, outbox, pending


def take_over_alerts(connection: Connection, messages: Iterable[Alert], rules: RuleBook) -> list[Alert]:
    """Believe the newest message of each alert where the store knows less; those that were believed."""
    newest: dict[str, Alert] = {}
    for one in messages:
        if one.id not in newest or one.order >= newest[one.id].order:
            newest[one.id] = one
    believed: list[Alert] = []
    for chunk in chunks(newest.values()):
        ids = [one.id for one in chunk]
        known, waiting = _known(connection, ids), _waiting(connection, ids)
        news = {
            one.id: one
            for one in chunk
            if _says_more(one, known.get(one.id), waiting.get(one.id, {}).get(one.order))
        }
        write_alerts(connection, [_revised(one, rules) for one in news.values()])
        add_pending(connection, [_key(one) for one in news.values()])
        # What is on the log already needs no telling; what this store would have told instead, and all
        # that would have followed, contradicts it.
        dropped = [
            (one.id, *order)
            for one in chunk
            for order in waiting.get(one.id, ())
            if order <= one.order or one.id in news
        ]
        _drop(connection, dropped)
        believed += news.values()
    return believed


def _known(connection: Connection, ids: Collection[str]) -> dict[str, tuple[tuple[int, int], str, str, bool]]:
    columns = (alert.c.alert_id, alert.c.generation, alert.c.revision, alert.c.digest, alert.c.state)
    rows = connection.execute(select(*columns, alert.c.closed).where(alert.c.alert_id.in_(ids)))
    return {row.alert_id: ((row.generation, row.revision), row.digest, row.state, row.closed) for row in rows}


def _waiting(connection: Connection, ids: Collection[str]) -> dict[str, dict[tuple[int, int], bytes]]:
    """What the store has yet to tell of these alerts."""
    columns = (outbox.c.alert_id, outbox.c.generation, outbox.c.revision, outbox.c.value)
    waits = and_(outbox.c.alert_id.in_(ids), outbox.c.sent_at.is_(None))
    found: dict[str, dict[tuple[int, int], bytes]] = {}
    for of, generation, revision, value in connection.execute(select(*columns).where(waits)):
        found.setdefault(of, {})[generation, revision] = value
    return found


def _drop(connection: Connection, messages: Collection[tuple[str, int, int]]) -> None:
    columns = (outbox.c.alert_id, outbox.c.generation, outbox.c.revision)
    for chunk in chunks(messages):
        connection.execute(delete(outbox).where(among(columns, chunk, leading=1)))


def _says_more(
    told: Alert, known: tuple[tuple[int, int], str, str, bool] | None, meant: bytes | None
) -> bool:
    """Whether the log knows a later revision, or other words for one that the store has `meant` to tell."""
    if known is None or told.order > known[0]:
        return True
    if meant is not None:
        return told.to_json() != meant
    return told.order == known[0] and (told.digest, told.state, told.closed) != known[1:]


def _key(told: Alert) -> AlertKey:
    """The key that gives the alert its id: its actors', or under group_by "rule" the empty one."""
    key = AlertKey(told.rule.id, tuple(actor.id for actor in told.actors), told.window.start)
    hours = Window(told.window.start, told.window.end).hours
    return key if alert_id(key, hours) == told.id else key._replace(actors=())


def _revised(told: Alert, rules: RuleBook) -> Revised:
    window = Window(told.window.start, told.window.end)
    rule = rules.at(told.rule.id, window)
    grace = timedelta(hours=rule.grace_hours) if rule else timedelta()
    return Revised(_key(told), window, window.end + grace, Standing.of(told), told)


def add_pending(connection: Connection, keys: Collection[AlertKey]) -> None:
    """Remember that these alerts are to be compared."""
    columns = (pending.c.rule_id, pending.c.actors, pending.c.window_start)
    for chunk in chunks(sorted(set(keys))):
        connection.execute(delete(pending).where(among(columns, chunk, leading=3)))
        connection.execute(insert(pending), [key._asdict() for key in chunk])


def take_pending(connection: Connection, limit: int) -> set[AlertKey]:
    """Up to `limit` alerts that wait to be compared, which then wait no more."""
    order = (pending.c.window_start, pending.c.rule_id, pending.c.actors)
    columns = (pending.c.rule_id, pending.c.actors, pending.c.window_start)
    keys = {AlertKey(*row) for row in connection.execute(select(*columns).order_by(*order).limit(limit))}
    if keys:
        connection.execute(delete(pending).where(among(columns, sorted(keys), leading=3)))
    return keys


def tell_anew(connection: Connection, known: Collection[str], now: datetime) -> int:
    """Send the newest revision of each alert again, but for the `known` ones: the log is a new one.

    The message is the one that was told before. Answers how many there are.
    """
    ids = [one for one in connection.scalars(select(alert.c.alert_id)) if one not in known]
    for chunk in chunks(sorted(ids)):
        rows = connection.execute(select(alert).where(alert.c.alert_id.in_(chunk)).order_by(alert.c.alert_id))
        messages = [told(row) for row in rows]
        _drop(connection, [(one.id, *one.order) for one in messages])
        connection.execute(insert(outbox), [outbox_row(one, now) for one in messages])
    return len(ids)


def read_generation(connection: Connection) -> int:
    """The generation of the store; 0 if it isn't settled."""
    return int(connection.scalar(select(meta.c.value).where(meta.c.key == "generation")) or 0)


def write_generation(connection: Connection, generation: int) -> None:
    """Settle the generation of the store."""
    connection.execute(delete(meta).where(meta.c.key == "generation"))
    connection.execute(insert(meta).values(key="generation", value=str(generation)))
