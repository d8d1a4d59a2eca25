"""What the registry is built from: the data folder's extracts, and lists written for Summitry."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

LISTS = Path(__file__).parent
SHARE_ALIKE = "CC-BY-SA"
"""Of rows under such a licence the identifier alone is taken."""

FREE_AS_OF = "2025-10-03"
"""The day of the freely licensed extract of heads of state and government."""


class Lists(NamedTuple):
    """The rows of the lists beside this file, each a row of stripped cells."""

    people: list[list[str]]
    names: dict[str, list[str]]
    offices: list[list[str]]
    countries: list[list[str]]
    organisations: list[list[str]]
    ambiguous: list[list[str]]
    figures: set[str]
    left_out: set[str]
    everyday_words: set[str]
    given_names: set[str]
    no_given_names: set[str]


@dataclass
class Person:
    """What the extracts say of one person: free names and terms; any row gives the identifier."""

    qid: str
    name: str
    aliases: set[str] = field(default_factory=set)
    terms: list[dict[str, Any]] = field(default_factory=list)


def read_lists() -> Lists:
    """The lists written for Summitry."""
    return Lists(
        people=list(_cells("people.psv")),
        names=_names("names.psv", "english_names.psv", "native_names.psv"),
        offices=list(_cells("offices.psv")),
        countries=list(_cells("countries.psv")),
        organisations=list(_cells("organisations.psv")),
        ambiguous=list(_cells("ambiguous.psv")),
        figures={row[0] for file in ("figures.txt", "identified.psv") for row in _cells(file)},
        left_out={row[0] for row in _cells("leaveout.txt")},
        everyday_words=_tokens("everyday.txt"),
        given_names=_tokens("given.txt"),
        no_given_names=_tokens("notgiven.txt"),
    )


def words(cell: str) -> list[str]:
    """The entries of a cell, which commas and a space part."""
    return [word for word in (part.strip() for part in cell.split(", ")) if word]


def read_people(data_folder: Path) -> dict[str, Person]:
    """Everybody of the data folder and of identified.psv, by Wikidata id."""
    people = {qid: Person(qid, name) for name, qid, *_ in _cells("identified.psv")}
    for name in ("leaders", "officeholders_other", "persons_extra"):
        for row in rows(data_folder / "registry" / f"{name}.jsonl"):
            person = people.setdefault(row["qid"], Person(row["qid"], row["name"]))
            if row["licence"].startswith(SHARE_ALIKE) and "CC0" not in row["licence"]:
                continue
            person.aliases.update(row.get("aliases", ()))
            if name == "leaders":
                term = dict(row)
                if SHARE_ALIKE in row["licence"] and term["open_as_of"]:
                    term["open_as_of"] = FREE_AS_OF
                person.terms.append(term)
    return people


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _names(*files: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in files:
        for name, listed, *_ in _cells(file):
            found.setdefault(name, []).extend(words(listed))
    return found


def _cells(name: str) -> Iterator[list[str]]:
    for line in (LISTS / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [cell.strip() for cell in f"{line} | | | | | | ".split("|")]


def _tokens(name: str) -> set[str]:
    return {token for row in _cells(name) for token in row[0].split()}
