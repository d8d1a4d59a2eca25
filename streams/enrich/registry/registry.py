"""A registry: its actors, its version, and looking an actor up."""

import difflib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from streams.core.errors import InvalidRegistry
from streams.core.facets import RegistryVersion
from streams.core.message import digest
from streams.enrich.registry.actor import RegistryActor

_OWNED = ("name", "aliases", "metonyms", "demonyms")


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
        version = RegistryVersion(release=release, digest=digest(list(by_id.values())))
        return cls(version=version, actors=by_id)

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

    def search(self, text: str) -> list[RegistryActor]:
        """The actors one of whose forms holds `text`, in any case; who is called just so comes first."""
        wanted = fold(text)
        found = []
        for actor in self.actors.values():
            forms = [
                fold(form)
                for field in ("id", *_OWNED, "short_names")
                for form in _forms(actor, field)
                if wanted in fold(form)
            ]
            if forms:
                found.append((wanted not in forms, int(actor.id[1:]), actor))
        return [actor for _, _, actor in sorted(found, key=lambda row: row[:2])]

    def ambiguities(self, ids: Container[str]) -> list[str]:
        """What isn't wrong but may surprise: forms that an actor of `ids` shares with another."""
        users: dict[str, dict[str, RegistryActor]] = {}
        for actor in self.actors.values():
            for field in (*_OWNED, "short_names"):
                for form in _forms(actor, field):
                    users.setdefault(form, {})[actor.id] = actor
        found = []
        for form, actors in users.items():
            if len(actors) > 1 and any(actor in ids for actor in actors):
                names = " and ".join(f"{actor.name} ({actor.id})" for actor in actors.values())
                found.append(f"{form!r} may be {names}: an article must support which")
        return found

    @cached_property
    def _ids(self) -> dict[str, str]:
        ids: dict[str, str] = {}
        for field in ("id", "name", "aliases"):  # a name goes before another actor's alias
            for actor in self.actors.values():
                for form in _forms(actor, field):
                    ids.setdefault(fold(form), actor.id)
        # "Xi" names nobody by itself, but nobody else either.
        short: dict[str, set[str]] = {}
        for actor in self.actors.values():
            for form in actor.short_names if actor.support else ():
                short.setdefault(fold(form), set()).add(actor.id)
        for form, owners in short.items():
            if len(owners) == 1:
                ids.setdefault(form, *owners)
        return ids


def fold(form: str) -> str:
    """`form` as it is looked up: without case, with straight apostrophes."""
    return form.replace("’", "'").casefold()


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
