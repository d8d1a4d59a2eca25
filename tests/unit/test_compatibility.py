"""The rules for published schemas: what readers can't follow is refused, all else passes."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import compatibility
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from test_schemas import FOLDER, TYPES, VALID, schema

NAMES = [*TYPES, "registry.v1"]
Schema = dict[str, Any]
Mutation = tuple[str, Callable[[Schema], Any]]

LIMITS = ("minimum", "maximum", "minLength", "maxLength")


def parts(of: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Schema]]:
    """Every schema within a schema, and the way to it."""
    yield path, of
    for keyword in ("properties", "$defs"):
        for name, part in of.get(keyword, {}).items():
            yield from parts(part, (*path, keyword, name))
    for number, part in enumerate(of.get("anyOf", [])):
        yield from parts(part, (*path, "anyOf", number))
    if "items" in of:
        yield from parts(of["items"], (*path, "items"))


def at(root: Schema, path: tuple[str | int, ...]) -> Schema:
    """The part of a schema that lies there."""
    part: Any = root
    for step in path:
        part = part[step]
    return part


def incompatible(part: Schema) -> Iterator[Mutation]:
    """Every way to break the readers of this part, with what it is called."""
    for name in part.get("properties", {}):
        yield f"removes {name}", lambda p, name=name: p["properties"].pop(name)
        yield (
            f"renames {name}",
            lambda p, name=name: p["properties"].update(anew=p["properties"].pop(name)),
        )
        required = name in part.get("required", [])
        change = list.remove if required else list.append
        yield (
            f"{'frees' if required else 'requires'} {name}",
            lambda p, name=name, change=change: change(p.setdefault("required", []), name),
        )
    if "properties" in part:
        yield (
            "adds a required property",
            lambda p: (p["properties"].update(anew={}), p.setdefault("required", []).append("anew")),
        )
        opened = not part.get("additionalProperties", True)
        yield "opens or closes", lambda p: p.update(additionalProperties=opened)
        yield "adds a rule for names", lambda p: p.update(patternProperties={"^x": {"type": "string"}})
        if opened:
            yield "adds to what is closed", lambda p: p["properties"].update(anew={"type": "string"})
    for name in part.get("$defs", {}):
        yield f"undefines {name}", lambda p, name=name: p["$defs"].pop(name)
    if "type" in part:
        other = "boolean" if part["type"] == "string" else "string"
        yield "changes the type", lambda p: p.update(type=other)
        yield "allows null", lambda p: p.update(type=[p["type"], "null"])
    for limit in LIMITS:
        if limit in part:
            yield f"raises {limit}", lambda p, limit=limit: p.update({limit: p[limit] + 1})
            yield f"lowers {limit}", lambda p, limit=limit: p.update({limit: p[limit] - 1})
            yield f"drops {limit}", lambda p, limit=limit: p.pop(limit)
        else:
            yield f"adds {limit}", lambda p, limit=limit: p.update({limit: 1})
    if "enum" in part:
        yield "narrows the enum", lambda p: p["enum"].pop()
        yield "widens the enum", lambda p: p["enum"].append("anew")
    if "pattern" in part:
        yield "changes the pattern", lambda p: p.update(pattern="^.*$")
    if "anyOf" in part:
        yield "drops a choice", lambda p: p["anyOf"].pop()
        yield "adds a choice", lambda p: p["anyOf"].append({"type": "boolean"})
    if "items" in part:
        yield "frees the items", lambda p: p.pop("items")
        yield "bounds the items", lambda p: p.update(maxItems=3)
    if "$ref" in part:
        yield "points elsewhere", lambda p: p.update({"$ref": "#/$defs/Elsewhere"})
    if "default" in part:
        yield "changes the default", lambda p: p.update(default=0 if p["default"] is False else "anew")
    yield "adds what no rule speaks of", lambda p: p.update(unevaluatedProperties=True)


def compatible(part: Schema) -> Iterator[Mutation]:
    """Every way to change this part that readers don't notice."""
    yield "says it better", lambda p: p.update(description="In better words.", title="Better")
    yield "gives examples", lambda p: p.update(examples=[1])
    yield "says nothing", lambda p: [p.pop(word, None) for word in ("title", "description", "examples")]
    if "properties" in part and part.get("additionalProperties", True):
        yield "adds a property", lambda p: p["properties"].update(anew={"type": "string", "maxLength": 3})
    if "required" in part:
        yield "sorts what is required", lambda p: p["required"].reverse()
    if "enum" in part:
        yield "sorts the enum", lambda p: p["enum"].reverse()


def mutated(
    name: str, mutations: Callable[[Schema], Iterator[Mutation]]
) -> Iterator[tuple[str, Schema, Schema]]:
    """What was done, the schema before, and the schema after, for every part of the schema."""
    before = schema(name)
    for path, part in parts(before):
        for what, mutate in mutations(part):
            after = copy.deepcopy(before)
            mutate(at(after, path))
            yield f"{what} at {'/'.join(map(str, path))}", before, after


@pytest.mark.parametrize("name", NAMES)
def test_each_incompatible_change_is_refused(name: str) -> None:
    """In every part of every schema."""
    passed = [
        what
        for what, before, after in mutated(name, incompatible)
        if not list(compatibility.refusals(before, after))
    ]
    assert passed == []


@pytest.mark.parametrize("name", NAMES)
def test_each_compatible_change_passes(name: str) -> None:
    """In every part of every schema."""
    refused = [
        (what, list(compatibility.refusals(before, after)))
        for what, before, after in mutated(name, compatible)
        if list(compatibility.refusals(before, after))
    ]
    assert refused == []


def extended(value: Any, name: str, added: Any) -> Any:
    """A message of a later schema: every object in it has one more property."""
    if isinstance(value, dict):
        return {key: extended(part, name, added) for key, part in value.items()} | {name: added}
    if isinstance(value, list):
        return [extended(part, name, added) for part in value]
    return value


@given(
    path=st.sampled_from(VALID),
    name=st.text(min_size=1).map(lambda text: f"x-{text}"),
    added=st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
)
def test_readers_of_before_and_after_read_both(path: Path, name: str, added: Any) -> None:
    """A reader of before reads a message with new properties as if they weren't there, and vice versa."""
    kind = path.parent.name
    before, old = schema(kind), orjson.loads(path.read_bytes())
    after = copy.deepcopy(before)
    for _, part in parts(after):
        if "properties" in part:
            part["properties"][name] = {"const": added}
    new = extended(old, name, added)
    assert list(compatibility.refusals(before, after)) == []
    for validator in (Draft202012Validator(before), Draft202012Validator(after)):
        validator.validate(old)
        validator.validate(new)
    assert TYPES[kind].from_json(orjson.dumps(old)) == TYPES[kind].from_json(orjson.dumps(new))


def test_the_schemas_here_are_as_published() -> None:
    """What `make check` asks: every schema has a published form that it still fits."""
    assert list(compatibility.folder_refusals(FOLDER)) == []
    assert {path.name for path in FOLDER.glob("published/*.json")} >= {f"{name}.json" for name in NAMES}


def test_publishing_refuses_what_readers_cant_follow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new version passes, an optional property is published, a removed one or a lost file is not."""
    kept = tmp_path / "a.v1.json"
    kept.write_text('{"properties": {"a": {}}}')
    assert compatibility.main(["--publish"], tmp_path) == 0
    kept.write_text('{"properties": {"a": {}, "b": {}}}')
    (tmp_path / "a.v2.json").write_text('{"properties": {"c": {}}}')
    assert compatibility.main(["--publish"], tmp_path) == 0
    assert "a.v1.json, a.v2.json" in capsys.readouterr().out
    kept.write_text('{"properties": {"a": {}}}')
    assert compatibility.main(["--publish"], tmp_path) == 1
    assert "a.v1.json/properties/b: removed" in capsys.readouterr().out
    kept.write_text("{")
    assert compatibility.main([], tmp_path) == 1
    kept.unlink()
    assert compatibility.main([], tmp_path) == 1
    assert "a.v1.json: published, and gone" in capsys.readouterr().out
