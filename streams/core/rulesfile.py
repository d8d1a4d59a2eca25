"""Rules as people write them: a TOML file of [[rule]] tables, with errors that name the line."""

import re
import tomllib
from collections.abc import Callable
from typing import Any

from streams.core.errors import InvalidMessage, InvalidRegistry, InvalidRules, Problem
from streams.core.instants import format_instant
from streams.core.message import read_object
from streams.core.rules import Rule, RuleBook

_TABLE = re.compile(r"\s*\[\[\s*rule\s*\]\]")


def parse_rules(text: str, resolve: Callable[[str], str], name: str = "rules") -> RuleBook:
    """Read a rules file.

    `resolve` turns what a rule calls an actor (an id or a name) into the actor's id, and raises
    InvalidRegistry for one it doesn't know. Raises InvalidRules, each problem on a line of its
    own that begins `name:line:`.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidRules(f"{name}: {error}") from error
    problems = [f"{name}:{_line_of(text, key)}: unknown key {key!r}" for key in document if key != "rule"]
    tables = document.get("rule", [])
    if not isinstance(tables, list) or not tables:
        raise InvalidRules("\n".join([*problems, f"{name}: no [[rule]] table in it"]))
    rules = []
    for index, table in enumerate(tables):
        start = _table_line(text, index)
        try:
            rules.append(_rule(table, resolve))
        except InvalidMessage as error:
            problems += [f"{name}:{_line_of(text, p.field, start)}: {p}" for p in error.problems]
    if problems:
        raise InvalidRules("\n".join(problems))
    for count in range(1, len(rules) + 1):
        try:
            book = RuleBook(rules[:count])
        except InvalidRules as error:
            raise InvalidRules(f"{name}:{_table_line(text, count - 1)}: {error}") from error
    return book


def _rule(table: Any, resolve: Callable[[str], str]) -> Rule:
    if not isinstance(table, dict):
        raise InvalidMessage(Problem("", "a rule is a [[rule]] table"))
    if isinstance(table.get("actors"), list):
        table = table | {"actors": [_resolved(actor, i, resolve) for i, actor in enumerate(table["actors"])]}
    if hasattr(table.get("effective_from"), "isoformat"):  # TOML has instants of its own
        instant = table["effective_from"]
        aware = getattr(instant, "tzinfo", None) is not None
        table = table | {"effective_from": format_instant(instant) if aware else instant.isoformat()}
    return read_object(Rule, table)


def _resolved(actor: Any, index: int, resolve: Callable[[str], str]) -> Any:
    if not isinstance(actor, str):
        return actor  # validation says what is wrong with it
    try:
        return resolve(actor)
    except InvalidRegistry as error:
        raise InvalidMessage(Problem(f"actors.{index}", str(error))) from error


def _table_line(text: str, index: int) -> int:
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _TABLE.match(line)]
    return lines[index] if index < len(lines) else 1


def _line_of(text: str, field: str, start: int = 1) -> int:
    """The first line from `start` on that sets the field's key; else `start` itself."""
    key = re.compile(rf"\s*[\[\"']*\s*{re.escape(field.split('.', maxsplit=1)[0])}\b")
    for number, line in enumerate(text.splitlines()[start - 1 :], start):
        if number > start and _TABLE.match(line):
            break
        if field and key.match(line):
            return number
    return start
