"""Articles from files: JSON, JSON Lines, plain text with a sidecar, folders of these, and streams."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlsplit

from streams.core.article import Article, check_published, derive_id
from streams.core.errors import InvalidCorpus, InvalidMessage, Problem
from streams.core.message import MAX_BYTES, decode_object, read_object

SUFFIXES = (".json", ".jsonl", ".ndjson", ".txt")
STDIN = "-"


class Refusal(NamedTuple):
    """What was refused: the file, its line (None for a whole file), and each problem."""

    file: str
    line: int | None
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return "\n".join(f"{place}: {problem}" for problem in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads articles; `now` bounds how far in the future one may lie.

    `defaults` stand in for fields that an article doesn't have, such as its source.
    """

    now: datetime
    stdin: BinaryIO
    defaults: dict[str, str] = field(default_factory=dict)

    def read(self, paths: Iterable[str]) -> Iterator[Article | Refusal]:
        """Every article in the paths, or why it was refused, in the order of files and lines.

        A folder is read with its subfolders, by name. Raises InvalidCorpus for a path that isn't
        there, before anything is read.
        """
        files = list(find_files(paths))
        for file in files:
            if file == STDIN:
                yield from self._lines(STDIN, self.stdin)
            elif Path(file).suffix == ".txt":
                yield self._text(Path(file))
            elif Path(file).suffix == ".json":
                yield from self._json(Path(file))
            else:
                with Path(file).open("rb") as lines:
                    yield from self._lines(file, lines)

    def _lines(self, name: str, lines: Iterable[bytes]) -> Iterator[Article | Refusal]:
        number = 0
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield self._object(name, number, line)
        if number == 0:
            yield Refusal(name, None, (Problem("", "the file is empty"),))

    def _json(self, path: Path) -> Iterator[Article | Refusal]:
        data = path.read_bytes()
        if not data.strip():
            yield Refusal(str(path), None, (Problem("", "the file is empty"),))
        else:
            yield self._object(str(path), None, data)

    def _object(self, name: str, line: int | None, data: bytes) -> Article | Refusal:
        try:
            return self._article(decode_object(data))
        except InvalidMessage as error:
            return Refusal(name, line, error.problems)

    def _text(self, path: Path) -> Article | Refusal:
        """Plain text: its sidecar, if there is one, holds the other fields."""
        sidecar = path.with_suffix(".json")
        try:
            fields = decode_object(sidecar.read_bytes()) if sidecar.is_file() else {}
        except InvalidMessage as error:
            return Refusal(str(sidecar), None, error.problems)
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError as error:
            return Refusal(str(path), None, (Problem("text", f"not UTF-8: {error.reason}"),))
        if not text.strip():
            return Refusal(str(path), None, (Problem("text", "the file is empty"),))
        if "title" not in fields:  # then the first line is the headline
            title, _, text = text.strip().partition("\n")
            fields["title"] = title.strip()
        try:
            return self._article(fields | {"text": text})
        except InvalidMessage as error:
            without = () if sidecar.is_file() else (Problem("", f"there is no sidecar {sidecar.name}"),)
            return Refusal(str(path), None, (*error.problems, *without))

    def _article(self, fields: dict[str, Any]) -> Article:
        return complete(fields, defaults=self.defaults, now=self.now)


def complete(fields: dict[str, Any], *, defaults: dict[str, str], now: datetime) -> Article:
    """An article of these fields, the defaults, and what follows from both: source and id.

    Raises InvalidMessage, also for an article that is too large or from after `now` by too much.
    """
    fields = defaults | {name: value for name, value in fields.items() if value is not None}
    url = fields.get("url")
    if "source" not in fields and isinstance(url, str) and (host := _host(url)):
        fields["source"] = host
    if "id" not in fields:
        fields["id"] = derive_id(fields)
    article = read_object(Article, fields)
    check_published(article, now)
    if len(article.to_json()) > MAX_BYTES:
        raise InvalidMessage(Problem("text", f"more than {MAX_BYTES} bytes as a message"))
    return article


def find_files(paths: Iterable[str]) -> Iterator[str]:
    """The files to read, in order; a sidecar belongs to its text and isn't one of them."""
    for name in paths:
        path = Path(name)
        if name == STDIN:
            yield STDIN
        elif path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file())
            files = [str(p) for p in found if not _is_sidecar(p) and not _hidden(p, path)]
            if not files:
                raise InvalidCorpus(f"{name} holds no article: put {', '.join(SUFFIXES)} files there")
            yield from files
        elif not path.is_file():
            raise InvalidCorpus(f"there is no file or folder {name}")
        elif path.suffix not in SUFFIXES:
            raise InvalidCorpus(f"{name} ends in none of {', '.join(SUFFIXES)}")
        else:
            yield name


def count_articles(paths: Iterable[str]) -> int | None:
    """About how many articles there are, for a progress bar; None if a stream is among the paths."""
    total = 0
    for file in find_files(paths):
        if file == STDIN:
            return None
        if Path(file).suffix in (".jsonl", ".ndjson"):
            with Path(file).open("rb") as lines:
                total += sum(1 for _ in lines)
        else:
            total += 1
    return total


def _is_sidecar(path: Path) -> bool:
    return path.suffix == ".json" and path.with_suffix(".txt").is_file()


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
