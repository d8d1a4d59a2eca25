"""Many rows named by their keys in one statement."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, tuple_

CHUNK = 500
"""How many keys one statement names: databases bound the number of parameters."""

Item = TypeVar("Item")


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The items in lists that fit one statement."""
    remaining = iter(items)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def among(
    columns: Sequence[ColumnElement[Any]], keys: Sequence[tuple[Any, ...]], *, leading: int
) -> ColumnElement[bool]:
    """That a row's `columns` are one of `keys`; an index must begin with the `leading` first of them.

    SQLite uses no index for rows of values alone: it would read the whole table.
    """
    narrowed = [
        column.in_(sorted({key[number] for key in keys})) for number, column in enumerate(columns[:leading])
    ]
    return and_(*narrowed, tuple_(*columns).in_([tuple(key) for key in keys]))
