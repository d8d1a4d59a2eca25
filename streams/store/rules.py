"""Rule versions as the store holds them: added once, never changed."""

from sqlalchemy import Connection, insert, select

from streams.core.errors import InvalidRules
from streams.core.message import digest
from streams.core.rules import Rule, RuleBook
from streams.store.tables import rule


def read_rules(connection: Connection) -> RuleBook:
    """All rule versions in the store."""
    return RuleBook(Rule.from_json(body.encode()) for body in connection.scalars(select(rule.c.body)))


def add_rules(connection: Connection, offered: RuleBook) -> tuple[RuleBook, set[str]]:
    """Store the versions that are new; all rules then in force, and the ids that got a version.

    Raises InvalidRules where a version that is stored already reads differently now, or where a
    new version contradicts a stored one.
    """
    stored = {(known.id, known.version): known for known in read_rules(connection)}
    new = []
    for one in offered:
        known = stored.get((one.id, one.version))
        if known is None:
            new.append(one)
        elif known != one:
            raise InvalidRules(
                f"rule {one.id!r} version {one.version} was applied before and read differently then:"
                f" a version never changes, so give the new text version = {one.version + 1}"
            )
    book = RuleBook([*stored.values(), *new])
    if new:
        connection.execute(insert(rule), [_row(one) for one in new])
    return book, {one.id for one in new}


def _row(one: Rule) -> dict[str, object]:
    return {
        "rule_id": one.id,
        "version": one.version,
        "effective_from": one.effective_from,
        "body": one.to_json().decode(),
        "digest": digest(one.model_dump()),
    }
