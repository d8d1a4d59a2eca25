"""Holds each schema against its published form: `make check` fails where readers would break.

`python schemas/compatibility.py` says what is refused; `--publish` makes today's schemas the published
ones, unless that is refused. The rules are in README.md beside this file. What they don't speak of is
refused too: a rule too many costs a new version, a rule too few costs somebody's consumer.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parent
PUBLISHED = "published"

WORDS = frozenset({"$comment", "description", "examples", "title"})
"""Keywords that are for people: they refuse no message."""
NAMED = frozenset({"$defs", "properties"})
"""Keywords that hold schemas by name."""
SETS = frozenset({"enum", "required"})
"""Keywords whose order means nothing."""


def refusals(before: Any, after: Any, at: str = "") -> Iterator[str]:
    """Why a reader of one schema might not read messages of the other; nothing if both read both.

    `before` and `after` are decoded schemas or parts of them, `at` is where they stand.
    """
    if not (isinstance(before, dict) and isinstance(after, dict)):
        if not _same(before, after):
            yield f"{at or '/'}: {_shown(before)} became {_shown(after)}"
        return
    for keyword in sorted((before.keys() | after.keys()) - WORDS):
        yield from _keyword_refusals(keyword, before, after, at)


def _keyword_refusals(keyword: str, before: dict[str, Any], after: dict[str, Any], at: str) -> Iterator[str]:
    path = f"{at}/{keyword}"
    if keyword not in before or keyword not in after:
        if keyword != "$defs" or keyword in before:  # nothing published names a new definition
            yield f"{path}: {'removed' if keyword in before else 'added'}"
        return
    old, new = before[keyword], after[keyword]
    if keyword in NAMED and isinstance(old, dict) and isinstance(new, dict):
        closed = keyword == "properties" and after.get("additionalProperties", True) is not True
        yield from _named_refusals(old, new, path, closed=closed)
    elif keyword in SETS and isinstance(old, list) and isinstance(new, list):
        yield from (f"{path}: {value} removed" for value in _missing(old, new))
        yield from (f"{path}: {value} added" for value in _missing(new, old))
    elif keyword == "anyOf" and isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from refusals(one, other, f"{path}/{number}")
    elif keyword == "items":
        yield from refusals(old, new, path)
    elif not _same(old, new):
        yield f"{path}: {_shown(old)} became {_shown(new)}"


def _named_refusals(old: dict[str, Any], new: dict[str, Any], path: str, *, closed: bool) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield f"{path}/{name}: removed"
        elif name in old:
            yield from refusals(old[name], new[name], f"{path}/{name}")
        elif closed:
            yield f"{path}/{name}: added where readers refuse what they don't know"


def folder_refusals(folder: Path) -> Iterator[str]:
    """The refusals of every schema in `folder` that has a published form, each with its file's name."""
    for path in sorted((folder / PUBLISHED).glob("*.json")):
        current = folder / path.name
        if not current.is_file():
            yield f"{path.name}: published, and gone"
            continue
        try:
            before, after = orjson.loads(path.read_bytes()), orjson.loads(current.read_bytes())
        except orjson.JSONDecodeError as error:
            yield f"{path.name}: not JSON: {error}"
            continue
        yield from (f"{path.name}{refusal}" for refusal in refusals(before, after))


def publish(folder: Path) -> list[str]:
    """Make the schemas in `folder` the published ones; the names of those that changed."""
    changed = []
    (folder / PUBLISHED).mkdir(exist_ok=True)
    for path in sorted(folder.glob("*.json")):
        published = folder / PUBLISHED / path.name
        if not published.is_file() or published.read_bytes() != path.read_bytes():
            published.write_bytes(path.read_bytes())
            changed.append(path.name)
    return changed


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Check, and publish if asked to; 1 if anything is refused."""
    parser = argparse.ArgumentParser(description="Hold each schema against its published form.")
    parser.add_argument("--publish", action="store_true", help="then make today's schemas the published ones")
    options = parser.parse_args(arguments)
    refused = list(folder_refusals(folder))
    for line in refused:
        print(line)
    if refused:
        print(f"{len(refused)} changes that readers can't follow: give the schema a new version instead")
        return 1
    if options.publish:
        print(f"published: {', '.join(publish(folder)) or 'nothing new'}")
    return 0


def _missing(some: list[Any], others: list[Any]) -> list[str]:
    known = {_shown(value) for value in others}
    return [shown for shown in map(_shown, some) if shown not in known]


def _same(one: Any, other: Any) -> bool:
    # As JSON: to Python, false and 0 are equal.
    return _shown(one) == _shown(other)


def _shown(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
