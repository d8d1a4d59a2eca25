"""The actor registry: the shipped file, a user's additions, and looking actors up."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from streams.core.errors import InvalidRegistry
from streams.enrich.registry import Registry, load_registry

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "registry.v1.json").read_text(encoding="utf-8"))
SHIPPED = json.loads((ROOT / "streams" / "enrich" / "data" / "actors.json").read_text(encoding="utf-8"))


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
    """The shipped registry, and each example of the schema, is valid by schemas/registry.v1.json."""
    validator = Draft202012Validator(SCHEMA)
    validator.check_schema(SCHEMA)
    assert [error.message for error in validator.iter_errors(SHIPPED)] == []
    assert [error.message for example in SCHEMA["examples"] for error in validator.iter_errors(example)] == []


def test_shipped_actors(registry: Registry) -> None:
    """The registry names 47 actors, the three of the first rule among them."""
    assert len(registry.actors) == 47
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


@pytest.mark.parametrize("asked", ["", "Q999999999", "Kremlin", "Johnson"])
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
    file = user_file(tmp_path, {"id": "Q23530", "name": "Dmitry Medvedev", "kind": "person"})
    merged = load_registry(file)
    assert {"Q23530"} == merged.actors.keys() - registry.actors.keys()
    assert merged.version.release == registry.version.release
    assert merged.version.digest != registry.version.digest


def test_user_extends_an_actor(registry: Registry, tmp_path: Path) -> None:
    """For a known id the lists grow, and another name becomes an alias."""
    file = user_file(
        tmp_path, {"id": "Q15031", "name": "习近平", "kind": "person", "aliases": ["Xi", "Chairman of All"]}
    )
    before, after = registry.actors["Q15031"], load_registry(file).actors["Q15031"]
    assert after.name == "Xi Jinping"
    assert (*before.aliases, "Chairman of All", "习近平") == after.aliases
    assert before.not_names == after.not_names


def test_order_in_a_file_does_not_matter(tmp_path: Path) -> None:
    """The version depends on what the files say, not on the order of their actors."""
    medvedev = {"id": "Q23530", "name": "Dmitry Medvedev", "kind": "person"}
    carney = {"id": "Q192533", "name": "Mark Carney", "kind": "person"}
    first = load_registry(user_file(tmp_path, medvedev, carney)).version
    assert first == load_registry(user_file(tmp_path, carney, medvedev)).version


@pytest.mark.parametrize(
    ("actor", "reason"),
    [
        (
            {"id": "Q23530", "name": "A", "kind": "person", "aliases": ["Putin"]},
            "'Putin' belongs to two actors",
        ),
        ({"id": "Q7747", "name": "Vladimir Putin", "kind": "country"}, "is a person, not a country"),
        ({"id": "putin", "name": "A", "kind": "person"}, r"actors\.0\.id"),
        ({"id": "Q23530", "name": "A", "kind": "robot"}, r"actors\.0\.kind"),
        ({"id": "Q23530", "name": " A", "kind": "person"}, r"actors\.0\.name"),
        ({"id": "Q23530", "name": "A", "kind": "person", "alias": []}, r"actors\.0\.alias"),
        ({"id": "Q23530", "kind": "person"}, r"actors\.0\.name"),
    ],
)
def test_bad_user_file(tmp_path: Path, actor: dict[str, Any], reason: str) -> None:
    """A user's file that breaks the schema, or takes another actor's form, is refused by name."""
    with pytest.raises(InvalidRegistry, match=rf"mine\.json: .*{reason}"):
        load_registry(user_file(tmp_path, actor))


def test_same_id_twice(tmp_path: Path) -> None:
    """A file that states an actor twice is refused."""
    actor = {"id": "Q23530", "name": "A", "kind": "person"}
    with pytest.raises(InvalidRegistry, match="Q23530 is there twice"):
        load_registry(user_file(tmp_path, actor, actor))


def test_missing_or_broken_file(tmp_path: Path) -> None:
    """A file that isn't there, or isn't JSON, is refused by name."""
    with pytest.raises(InvalidRegistry, match=r"mine\.json: No such file"):
        load_registry(tmp_path / "mine.json")
    (tmp_path / "mine.json").write_text("actors = 1", encoding="utf-8")
    with pytest.raises(InvalidRegistry, match=r"mine\.json: not JSON"):
        load_registry(tmp_path / "mine.json")
