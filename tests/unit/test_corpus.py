"""Reading a corpus: the good goes through, the rest is refused with a place and a reason."""

import io
from pathlib import Path

import orjson
import pytest
from conftest import NOW

from streams.core.article import Article
from streams.core.errors import InvalidCorpus
from streams.corpus import Reader, Refusal

GOOD = {"title": "T", "text": "x", "source": "s.example", "published_at": "2025-01-21T12:00:00Z"}


def read(*paths: str, stdin: bytes = b"", **defaults: str) -> list[Article | Refusal]:
    """All entries of the paths."""
    return list(Reader(now=NOW, stdin=io.BytesIO(stdin), defaults=defaults).read(paths))


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b"{", "", "not JSON"),
        (b"null", "", "not a JSON object"),
        (b"\xff\xfe{}", "", "not JSON"),
        (b"[" * 3000 + b"]" * 3000, "", "not JSON"),
        (orjson.dumps(GOOD | {"title": 7}), "title", "string"),
        (orjson.dumps(GOOD | {"withdrawn": "no"}), "withdrawn", "bool"),
        (orjson.dumps(GOOD | {"published_at": None}), "published_at", "required"),
        (orjson.dumps(GOOD | {"published_at": "2025-01-21T12:00:00"}), "published_at", "needs a zone"),
        (orjson.dumps(GOOD | {"published_at": "2099-01-01T00:00:00Z"}), "published_at", "24 h"),
        (orjson.dumps(GOOD | {"text": "x" * 5_000_000}), "text", "200000"),
        (orjson.dumps(GOOD | {"url": "javascript:alert(1)"}), "url", "http"),
        (orjson.dumps(GOOD | {"url": "http://[bad"}), "url", "http"),
        (orjson.dumps(GOOD | {"id": "a b"}), "id", "pattern"),
    ],
)
def test_a_bad_line_is_refused_and_the_next_goes_through(line: bytes, field: str, reason: str) -> None:
    """The refusal names line, field and reason."""
    refusal, good = read("-", stdin=line + b"\n" + orjson.dumps(GOOD))
    assert isinstance(refusal, Refusal)
    assert isinstance(good, Article)
    assert (refusal.file, refusal.line) == ("-", 1)
    assert field in {problem.field for problem in refusal.problems}
    assert reason in str(refusal)


def test_unknown_fields_are_ignored() -> None:
    """A producer may say more than we read."""
    (good,) = read("-", stdin=orjson.dumps(GOOD | {"mood": {"deep": [1]}}))
    assert isinstance(good, Article)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.txt"])
def test_an_empty_file_is_refused(name: str, tmp_path: Path) -> None:
    """It is more likely a mistake than no news."""
    (tmp_path / name).write_bytes(b"")
    (refusal,) = read(str(tmp_path / name))
    assert "empty" in str(refusal)


def test_a_text_takes_its_fields_from_its_sidecar(tmp_path: Path) -> None:
    """The folder holds one article, not two."""
    (tmp_path / "a.txt").write_text("Body.", encoding="utf-8")
    (tmp_path / "a.json").write_bytes(orjson.dumps({k: v for k, v in GOOD.items() if k != "text"}))
    (found,) = read(str(tmp_path))
    assert isinstance(found, Article)
    assert (found.title, found.text) == ("T", "Body.")


def test_a_text_without_a_sidecar_needs_its_source_and_date(tmp_path: Path) -> None:
    """They may come from the command line; the first line is the title."""
    (tmp_path / "a.txt").write_text("Title\nBody.", encoding="utf-8")
    (refusal,) = read(str(tmp_path))
    assert isinstance(refusal, Refusal)
    assert {"source", "published_at", ""} == {problem.field for problem in refusal.problems}
    (found,) = read(str(tmp_path), source="s.example", published_at="2025-01-21")
    assert isinstance(found, Article)
    assert (found.title, found.text) == ("Title", "Body.")


def test_a_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """Guessing an encoding would move every offset."""
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe")
    (refusal,) = read(str(tmp_path))
    assert "not UTF-8" in str(refusal)


def test_a_path_that_is_not_there_stops_before_anything_is_read(tmp_path: Path) -> None:
    """A typing error publishes nothing."""
    (tmp_path / "a.json").write_bytes(orjson.dumps(GOOD))
    with pytest.raises(InvalidCorpus, match="no file or folder"):
        read(str(tmp_path), str(tmp_path / "typo.jsonl"))
