"""The records of a folder of evaluation sets, and articles made of them."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streams.core.article import Article
from streams.core.errors import SummitryError

Record = dict[str, Any]

SEED = 20_250_121
CORPORA = ("articles_open.jsonl", "articles_allsides.jsonl")


class UnusableData(SummitryError):
    """A folder that holds no set, or a set that isn't what its name says."""


class Folder:
    """A folder of sets; of each at most `subset` records, the same ones each time."""

    def __init__(self, path: Path, *, subset: int | None = None) -> None:
        self.path = path
        self._subset = subset

    def has(self, name: str) -> bool:
        """Whether the set is there."""
        return (self.path / name).is_file()

    def all(self, name: str) -> list[Record]:
        """Every record of a set; raises UnusableData, with the line, for what isn't an object of JSON."""
        file = self.path / name
        records = []
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise UnusableData(f"{file}:{number}: not JSON: {error.msg}") from error
            if not isinstance(record, dict):
                raise UnusableData(f"{file}:{number}: not an object")
            records.append(record)
        return records

    def some(self, name: str) -> list[Record]:
        """The records to measure, in the order of the file."""
        records = self.all(name)
        if self._subset is None or self._subset >= len(records):
            return records
        chosen = sorted(random.Random(SEED).sample(range(len(records)), self._subset))
        return [records[index] for index in chosen]

    def articles(self) -> dict[str, Record]:
        """The records of both corpora by id, as far as they are there."""
        return {record["id"]: record for name in CORPORA if self.has(name) for record in self.all(name)}


def to_article(record: Record, *, published: str = "2012-08-15") -> Article:
    """An article of a set's record; what has no date counts as `published` then.

    A record without a title has its first line for one, and texts are cut at what an article may hold.
    """
    title, text = record.get("title"), record.get("text") or ""
    if not title:
        title, _, text = text.partition("\n")
    at = str(record.get("published_at") or published)
    return Article.from_json(
        json.dumps(
            {
                "id": record["id"].replace(" ", "_")[:256],
                "title": title[:2_000],
                "text": text[:200_000],
                "source": record.get("source") or "example.org",
                "published_at": at if "T" in at else f"{at}T12:00:00Z",
            }
        ).encode()
    )


def lines_of(folder: Folder, names: tuple[str, ...]) -> Iterator[tuple[str, Record]]:
    """The records to measure of several sets, each with its set's name."""
    for name in names:
        if folder.has(name):
            for record in folder.some(name):
                yield name, record
