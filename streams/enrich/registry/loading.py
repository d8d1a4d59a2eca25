"""Reading registry files: the shipped one, and a user's that is merged into it."""

import logging
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from streams.core.errors import InvalidMessage, InvalidRegistry
from streams.core.message import Message, decode_object, read_object
from streams.enrich.registry.actor import FORMS, RegistryActor
from streams.enrich.registry.registry import Registry

logger = logging.getLogger(__name__)


class _RegistryFile(Message):
    """A registry file of either version; one of version 1 doesn't say its format."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1, 2] = 1
    release: Annotated[int, Field(strict=True, ge=1)]
    actors: tuple[RegistryActor, ...]


def load_registry(extra: Path | None = None) -> Registry:
    """The shipped registry, with the user's file merged into it.

    A new id adds an actor, a known one extends its lists. Raises InvalidRegistry, naming the file,
    for what can't be read, breaks its schema, or gives one form to two actors. What is only
    ambiguous is logged.
    """
    shipped = resources.files("streams.enrich.registry").joinpath("actors.json").read_bytes()
    release, actors = _parse(shipped, "the shipped registry")
    if extra is None:
        return Registry.of(release, actors.values())
    try:
        content = extra.read_bytes()
    except OSError as error:
        raise InvalidRegistry(f"{extra}: {error.strerror or error}") from error
    try:
        added = _parse(content, str(extra))[1]
        for actor in added.values():
            known = actors.get(actor.id)
            actors[actor.id] = actor if known is None else _extended(known, actor)
        registry = Registry.of(release, actors.values())
    except InvalidRegistry as error:
        reason = str(error)
        raise InvalidRegistry(reason if reason.startswith(str(extra)) else f"{extra}: {reason}") from error
    for ambiguity in registry.ambiguities(added):
        logger.warning("%s: %s", extra, ambiguity)
    return registry


def _parse(content: bytes, origin: str) -> tuple[int, dict[str, RegistryActor]]:
    try:
        file = read_object(_RegistryFile, decode_object(content))
    except InvalidMessage as error:
        raise InvalidRegistry(f"{origin}: {error}") from error
    actors: dict[str, RegistryActor] = {}
    for entry in file.actors:
        if entry.id in actors:
            raise InvalidRegistry(f"{origin}: {entry.id} is there twice")
        actors[entry.id] = entry
    return file.release, actors


def _extended(known: RegistryActor, added: RegistryActor) -> RegistryActor:
    if known.kind != added.kind:
        raise InvalidRegistry(f"{known.id} ({known.name}) is a {known.kind}, not a {added.kind}")
    lists = {field: (*getattr(known, field), *getattr(added, field)) for field in (*FORMS, "offices")}
    if added.name != known.name:
        lists["aliases"] += (added.name,)
    merged: dict[str, Any] = {field: tuple(dict.fromkeys(forms)) for field, forms in lists.items()}
    return replace(known, **merged, led_by=added.led_by or known.led_by)
