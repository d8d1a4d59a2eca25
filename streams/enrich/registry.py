"""The actor registry: whom Summitry can name, and every form of words that names them."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from streams.core.errors import InvalidMessage, InvalidRegistry
from streams.core.facets import Kind, RegistryVersion
from streams.core.message import Message, decode_object, digest, read_object

Form = Annotated[str, StringConstraints(pattern=r"^\S([^\r\n\t]{0,98}\S)?$")]
"""Words that name an actor: one line of at most 100 code points, no space at either end."""

_FORMS = ("aliases", "short_names", "metonyms", "demonyms", "not_names")
_OWNED = ("name", "aliases", "metonyms", "demonyms")


class _ActorEntry(Message):
    """An actor as a registry file states it; see schemas/registry.v1.json."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^Q[1-9][0-9]*$")]
    name: Form
    kind: Kind
    aliases: tuple[Form, ...] = ()
    short_names: tuple[Form, ...] = ()
    metonyms: tuple[Form, ...] = ()
    demonyms: tuple[Form, ...] = ()
    not_names: tuple[Form, ...] = ()


class _RegistryFile(Message):
    """A registry file; see schemas/registry.v1.json."""

    model_config = ConfigDict(extra="forbid")

    release: Annotated[int, Field(strict=True, ge=1)]
    actors: tuple[_ActorEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryActor:
    """One actor and its forms, all of them case-sensitive.

    `aliases` name the actor wherever they stand; `short_names` only where the article also gives a
    name or an alias; `metonyms` and `demonyms` stand for it; `not_names` are longer phrases that
    hold one of its forms but are somebody or something else.
    """

    id: str
    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    metonyms: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The actor as a registry file states it, with every list."""
        return {"id": self.id, "name": self.name, "kind": self.kind} | {
            field: list(getattr(self, field)) for field in _FORMS
        }


@dataclass(frozen=True)
class Registry:
    """Actors by id, and which registry this is."""

    version: RegistryVersion
    actors: Mapping[str, RegistryActor]

    @classmethod
    def of(cls, release: int, actors: Iterable[RegistryActor]) -> "Registry":
        """A registry of these actors; raises InvalidRegistry if two share a form that must be one's own."""
        by_id = {actor.id: actor for actor in sorted(actors, key=lambda actor: actor.id)}
        _check_owners(by_id.values())
        content = [actor.as_json() for actor in by_id.values()]
        return cls(version=RegistryVersion(release=release, digest=digest(content)), actors=by_id)

    def resolve(self, name_or_id: str) -> str:
        """The id of the actor with this id, name or alias, in any case.

        Raises InvalidRegistry with names that look alike if there is none.
        """
        wanted = fold(name_or_id)
        if wanted in self._ids:
            return self._ids[wanted]
        close = difflib.get_close_matches(wanted, self._ids, n=3, cutoff=0.6)
        names = list(dict.fromkeys(self.actors[self._ids[form]].name for form in close))
        hint = f"; did you mean {' or '.join(names)}?" if names else ""
        raise InvalidRegistry(f"no actor is called {name_or_id!r}{hint}")

    @cached_property
    def _ids(self) -> dict[str, str]:
        ids: dict[str, str] = {}
        for field in ("id", "name", "aliases"):  # a name goes before another actor's alias
            for actor in self.actors.values():
                for form in _forms(actor, field):
                    ids.setdefault(fold(form), actor.id)
        return ids


def load_registry(extra: Path | None = None) -> Registry:
    """The shipped registry, with the user's file merged into it.

    A new id adds an actor, a known one extends its lists. Raises InvalidRegistry, naming the file,
    for what can't be read, breaks schemas/registry.v1.json, or gives one form to two actors.
    """
    shipped = resources.files("streams.enrich").joinpath("data", "actors.json").read_bytes()
    release, actors = _parse(shipped, "the shipped registry")
    if extra is None:
        return Registry.of(release, actors.values())
    try:
        content = extra.read_bytes()
    except OSError as error:
        raise InvalidRegistry(f"{extra}: {error.strerror or error}") from error
    try:
        for added in _parse(content, str(extra))[1].values():
            known = actors.get(added.id)
            actors[added.id] = added if known is None else _extended(known, added)
        return Registry.of(release, actors.values())
    except InvalidRegistry as error:
        reason = str(error)
        raise InvalidRegistry(reason if reason.startswith(str(extra)) else f"{extra}: {reason}") from error


def fold(form: str) -> str:
    """`form` as it is looked up: without case, with straight apostrophes."""
    return form.replace("’", "'").casefold()


def _parse(content: bytes, origin: str) -> tuple[int, dict[str, RegistryActor]]:
    try:
        file = read_object(_RegistryFile, decode_object(content))
    except InvalidMessage as error:
        raise InvalidRegistry(f"{origin}: {error}") from error
    actors: dict[str, RegistryActor] = {}
    for entry in file.actors:
        if entry.id in actors:
            raise InvalidRegistry(f"{origin}: {entry.id} is there twice")
        actors[entry.id] = RegistryActor(**dict(entry))
    return file.release, actors


def _extended(known: RegistryActor, added: RegistryActor) -> RegistryActor:
    if known.kind != added.kind:
        raise InvalidRegistry(f"{known.id} ({known.name}) is a {known.kind}, not a {added.kind}")
    lists = {field: (*getattr(known, field), *getattr(added, field)) for field in _FORMS}
    if added.name != known.name:
        lists["aliases"] += (added.name,)
    merged: dict[str, Any] = {field: tuple(dict.fromkeys(forms)) for field, forms in lists.items()}
    return replace(known, **merged)


def _forms(actor: RegistryActor, field: str) -> Iterator[str]:
    value: str | tuple[str, ...] = getattr(actor, field)
    yield from (value,) if isinstance(value, str) else value


def _check_owners(actors: Iterable[RegistryActor]) -> None:
    owners: dict[str, RegistryActor] = {}
    for actor in actors:
        for form in (form for field in _OWNED for form in _forms(actor, field)):
            owner = owners.setdefault(form.replace("’", "'"), actor)
            if owner.id != actor.id:
                raise InvalidRegistry(
                    f"{form!r} belongs to two actors: {owner.id} ({owner.name}) and {actor.id} ({actor.name})"
                )
