"""The actor registry: the shipped file, a user's additions, and looking actors up."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from streams.core.errors import InvalidRegistry
from streams.enrich.registry import Registry, load_registry

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "registry.v2.json").read_text(encoding="utf-8"))
SHIPPED = json.loads((ROOT / "streams" / "enrich" / "registry" / "actors.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def registry() -> Registry:
    """The shipped registry."""
    return load_registry()


def user_file(folder: Path, *actors: dict[str, Any]) -> Path:
    """A user's registry file with these actors."""
    file = folder / "mine.json"
    file.write_text(json.dumps({"release": 1, "actors": actors}), encoding="utf-8")
    return file


def test_shipped_file_keeps_its_schema() -> None:
    """The shipped registry, and each example of the schema, is valid by schemas/registry.v2.json."""
    validator = Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    assert [error.message for error in validator.iter_errors(SHIPPED)] == []
    assert [error.message for example in SCHEMA["examples"] for error in validator.iter_errors(example)] == []


def test_shipped_actors(registry: Registry) -> None:
    """400 people, every country and 60 organisations at least, the three of the first rule among them."""
    kinds = Counter(actor.kind for actor in registry.actors.values())
    assert kinds["person"] >= 400
    assert kinds["country"] >= 195
    assert kinds["organisation"] >= 60
    names = {registry.actors[actor].name for actor in ("Q15031", "Q7747", "Q22686")}
    assert {"Xi Jinping", "Vladimir Putin", "Donald Trump"} == names


def test_forms_that_are_not_names_hold_one() -> None:
    """Each phrase that isn't a name holds a form of its actor, or it would have no effect."""
    idle = [
        phrase
        for actor in SHIPPED["actors"]
        for phrase in actor.get("not_names", ())
        if not any(
            form in phrase
            for field in ("aliases", "short_names", "metonyms", "demonyms")
            for form in (actor["name"], *actor.get(field, ()))
        )
    ]
    assert idle == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Q15031", "Q15031"),
        ("q15031", "Q15031"),
        ("Xi Jinping", "Q15031"),
        ("xi", "Q15031"),
        ("UNITED STATES", "Q30"),
        ("Democratic People’s Republic of Korea", "Q423"),
    ],
)
def test_resolve(registry: Registry, asked: str, expected: str) -> None:
    """An actor is found by id, name or alias, in any case and with any apostrophe."""
    assert expected == registry.resolve(asked)


def test_resolve_suggests(registry: Registry) -> None:
    """A name that is almost one of the registry's brings a suggestion."""
    with pytest.raises(
        InvalidRegistry, match=r"no actor is called 'Vladmir Putin'; did you mean Vladimir Putin"
    ):
        registry.resolve("Vladmir Putin")


@pytest.mark.parametrize("asked", ["", "Q999999999", "Kremlin", "Kim"])
def test_resolve_refuses(registry: Registry, asked: str) -> None:
    """What names nobody by itself, such as a metonym or a bare surname, resolves to nobody."""
    with pytest.raises(InvalidRegistry, match="no actor is called"):
        registry.resolve(asked)


def test_version_is_stable(registry: Registry) -> None:
    """The same files give the same version; the release is the shipped file's."""
    assert load_registry().version == registry.version
    assert SHIPPED["release"] == registry.version.release


def test_user_adds_an_actor(registry: Registry, tmp_path: Path) -> None:
    """A new id of a user's file joins the shipped actors and changes the digest alone."""
    file = user_file(tmp_path, {"id": "Q999999901", "name": "Ann Nobody", "kind": "person"})
    merged = load_registry(file)
    assert {"Q999999901"} == merged.actors.keys() - registry.actors.keys()
    assert merged.version.release == registry.version.release
    assert merged.version.digest != registry.version.digest


def test_user_extends_an_actor(registry: Registry, tmp_path: Path) -> None:
    """For a known id the lists grow, and another name becomes an alias."""
    file = user_file(
        tmp_path,
        {"id": "Q15031", "name": "习近平", "kind": "person", "aliases": ["Xi Jin-ping", "Chairman of All"]},
    )
    before, after = registry.actors["Q15031"], load_registry(file).actors["Q15031"]
    assert after.name == "Xi Jinping"
    assert (*before.aliases, "Chairman of All") == after.aliases
    assert before.not_names == after.not_names


def test_order_in_a_file_does_not_matter(tmp_path: Path) -> None:
    """The version depends on what the files say, not on the order of their actors."""
    one = {"id": "Q999999901", "name": "Ann Nobody", "kind": "person"}
    other = {"id": "Q999999902", "name": "Bob Noone", "kind": "person"}
    first = load_registry(user_file(tmp_path, one, other)).version
    assert first == load_registry(user_file(tmp_path, other, one)).version


@pytest.mark.parametrize(
    ("actor", "reason"),
    [
        (
            {"id": "Q999999901", "name": "A", "kind": "person", "aliases": ["Putin"]},
            "'Putin' belongs to two actors",
        ),
        ({"id": "Q7747", "name": "Vladimir Putin", "kind": "country"}, "is a person, not a country"),
        ({"id": "putin", "name": "A", "kind": "person"}, r"actors\.0\.id"),
        ({"id": "Q999999901", "name": "A", "kind": "robot"}, r"actors\.0\.kind"),
        ({"id": "Q999999901", "name": " A", "kind": "person"}, r"actors\.0\.name"),
        ({"id": "Q999999901", "name": "A", "kind": "person", "alias": []}, r"actors\.0\.alias"),
        ({"id": "Q999999901", "kind": "person"}, r"actors\.0\.name"),
    ],
)
def test_bad_user_file(tmp_path: Path, actor: dict[str, Any], reason: str) -> None:
    """A user's file that breaks the schema, or takes another actor's form, is refused by name."""
    with pytest.raises(InvalidRegistry, match=rf"mine\.json: .*{reason}"):
        load_registry(user_file(tmp_path, actor))


def test_same_id_twice(tmp_path: Path) -> None:
    """A file that states an actor twice is refused."""
    actor = {"id": "Q999999901", "name": "A", "kind": "person"}
    with pytest.raises(InvalidRegistry, match="Q999999901 is there twice"):
        load_registry(user_file(tmp_path, actor, actor))


def test_missing_or_broken_file(tmp_path: Path) -> None:
    """A file that isn't there, or isn't JSON, is refused by name."""
    with pytest.raises(InvalidRegistry, match=r"mine\.json: No such file"):
        load_registry(tmp_path / "mine.json")
    (tmp_path / "mine.json").write_text("actors = 1", encoding="utf-8")
    with pytest.raises(InvalidRegistry, match=r"mine\.json: not JSON"):
        load_registry(tmp_path / "mine.json")


def test_user_file_of_version_2(registry: Registry, tmp_path: Path) -> None:
    """A file that says format 2 may give support and offices; those of a known actor join its own."""
    file = tmp_path / "mine.json"
    office = {"role": "head", "of": "Q1065", "start": "2026-01-01", "end": "2026-02-01"}
    actor = {
        "id": "Q15031",
        "name": "Xi Jinping",
        "kind": "person",
        "support": ["pandas"],
        "offices": [office],
    }
    file.write_text(json.dumps({"format": 2, "release": 1, "actors": [actor]}), encoding="utf-8")
    xi = load_registry(file).actors["Q15031"]
    assert xi.support[-1] == "pandas"
    assert [*registry.actors["Q15031"].offices, xi.offices[-1]] == list(xi.offices)
    assert xi.offices[-1].held_on("2026-01-31")
    assert not xi.offices[-1].held_on("2026-02-01")


def test_ambiguity_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A user's short name that others share is no fault, but loading says whom it may mean."""
    load_registry(
        user_file(
            tmp_path, {"id": "Q999999901", "name": "Kim Okpyo", "kind": "person", "short_names": ["Kim"]}
        )
    )
    assert [
        "mine.json: 'Kim' may be " in message and "Kim Jong Un (Q56226)" in message
        for message in caplog.messages
    ] == [True]


def test_search(registry: Registry) -> None:
    """A part of any form finds an actor; who is called just so comes first."""
    assert registry.search("xi jin")[0].name == "Xi Jinping"
    assert registry.search("putin")[0].name == "Vladimir Putin"
    assert registry.search("nobody is called so") == []


def test_offices_do_not_end_before_they_begin(registry: Registry) -> None:
    """Dates of the shipped offices are in order, and an open one says how long it is known."""
    for actor in registry.actors.values():
        for office in actor.offices:
            assert (office.end or office.as_of or "") >= office.start, actor.name
