"""Schemas, examples and the code's types agree."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from streams.core.alert import Alert
from streams.core.article import Article
from streams.core.errors import InvalidMessage
from streams.core.facets import Entities, Sentiment, Topics
from streams.core.message import Message, canonical_json
from streams.topology import STREAMS

FOLDER = Path(__file__).parents[2] / "schemas"
TYPES: dict[str, type[Message]] = {
    "article.v1": Article,
    "entities.v1": Entities,
    "sentiment.v1": Sentiment,
    "topics.v1": Topics,
    "alert.v1": Alert,
}
VALID = sorted(FOLDER.glob("examples/*/*.json"))
INVALID = sorted(FOLDER.glob("examples/*/invalid/*.json"))


def schema(name: str) -> dict[str, Any]:
    """The schema of this name and version."""
    loaded: dict[str, Any] = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    return loaded


def test_each_stream_names_a_schema_and_each_schema_is_used() -> None:
    """No schema is missing and none lies about unused."""
    named = {stream.schema for stream in STREAMS if stream.schema}
    assert named == set(TYPES)
    assert named | {"registry.v1", "registry.v2"} == {path.stem for path in FOLDER.glob("*.json")}


@pytest.mark.parametrize("name", [*TYPES, "registry.v1", "registry.v2"])
def test_each_schema_is_one(name: str) -> None:
    """It is valid under its dialect and named as its file is."""
    Draft202012Validator.check_schema(schema(name))
    assert f"{name}.json" == schema(name)["$id"]


@pytest.mark.parametrize("path", VALID, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_each_valid_example_is_read_and_written_again(path: Path) -> None:
    """By the schema and by the code's type; what the code writes is valid too, and canonical."""
    validator = Draft202012Validator(schema(path.parent.name))
    validator.validate(orjson.loads(path.read_bytes()))
    message = TYPES[path.parent.name].from_json(path.read_bytes())
    validator.validate(orjson.loads(message.to_json()))
    assert message.to_json() == canonical_json(message.model_dump())


@pytest.mark.parametrize("path", INVALID, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_each_invalid_example_is_refused_by_both(path: Path) -> None:
    """One fault is enough, for the schema as for the code."""
    name = path.parent.parent.name
    assert not Draft202012Validator(schema(name)).is_valid(orjson.loads(path.read_bytes()))
    with pytest.raises(InvalidMessage):
        TYPES[name].from_json(path.read_bytes())


def test_each_schema_has_examples() -> None:
    """Two that are valid and three that aren't, at least."""
    for name in TYPES:
        assert len([path for path in VALID if path.parent.name == name]) >= 2
        assert len([path for path in INVALID if path.parent.parent.name == name]) >= 3


@pytest.mark.parametrize("name", TYPES)
def test_the_type_has_the_fields_of_the_schema(name: str) -> None:
    """Names and required fields agree, in every nested object too."""
    written, computed = schema(name), TYPES[name].model_json_schema()
    pairs = [(written, computed)]
    pairs += [(written["$defs"][key], computed["$defs"][key]) for key in computed.get("$defs", {})]
    assert computed.get("$defs", {}).keys() == written.get("$defs", {}).keys()
    for ours, types in pairs:
        assert set(types.get("properties", {})) == set(ours.get("properties", {}))
        assert set(types.get("required", [])) == set(ours.get("required", []))
