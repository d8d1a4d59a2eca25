"""The pills, by family. Each is a record as somebody may write it, and what must come of it.

A pill with a reason becomes a dead letter with just that reason. One without is an article: it must
name just those actors, and change nothing else.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conftest import NOW

from poison import articles, documents, records, texts
from streams.core.instants import milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Pill:
    """One record, as bytes; `sent_ms` is its time stamp.

    `attempts` is how often its letter says it was redriven. One that `heals` is read when it is.
    """

    family: str
    name: str
    value: bytes | None
    key: bytes | None = b"k"
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    sent_ms: int = milliseconds(NOW)
    attempts: int = 0
    heals: bool = False
    reason: str | None = None
    actors: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.family}: {self.name}"


FAMILIES: dict[str, dict[str, dict[str, Any]]] = {
    "not JSON": documents.NOT_JSON,
    "other JSON": documents.OTHER_JSON,
    "no article": articles.REFUSED,
    "odd article": articles.HARMLESS,
    "hostile text": texts.TEXTS,
    "hostile record": records.RECORDS,
}


def pills() -> Iterator[Pill]:
    """All of them."""
    for family, of in FAMILIES.items():
        for name, given in of.items():
            yield Pill(family=family, name=name, **given)


def steering(text: str) -> str:
    """What of a text steers a terminal, or doesn't show: all controls, but for the ends of lines."""
    return "".join(c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp"))
