"""`summitry actors`."""

from dataclasses import asdict
from typing import Any

import click
import orjson
from rich.table import Table
from rich.text import Text

from streams.cli.console import output, plain
from streams.core.errors import InvalidRegistry
from streams.enrich.registry import Office, Registry, RegistryActor, load_registry
from streams.settings import Settings

MAX_FOUND = 50
"""Rows of a table; --json has no limit."""

_LISTS = {
    "aliases": "also called",
    "short_names": "if supported",
    "metonyms": "stood for by",
    "demonyms": "demonyms",
    "not_names": "isn't",
    "support": "supported by",
    "against": "opposed by",
}


@click.group()
def actors() -> None:
    """Find whom a rule can name: the shipped actors, and those of SUMMITRY_REGISTRY."""


@actors.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="One actor a line, as a registry file states it.")
def find(text: str, *, as_json: bool) -> None:
    """List the actors whose id or one of whose names holds TEXT, in any case; exit code 1 for none.

    \b
    Examples:
      summitry actors find kim
      summitry actors find 普京
      summitry actors find "prime minister" --json
    """
    registry = load_registry(Settings().registry)
    found = registry.search(text)
    if not found:
        raise InvalidRegistry(
            f"no name of an actor holds {text!r}; a file named in SUMMITRY_REGISTRY adds actors"
        )
    if as_json:
        for actor in found:
            click.echo(orjson.dumps(_as_json(actor)))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "name", "kind", "last office known"):
        table.add_column(heading, no_wrap=heading == "id")
    for actor in found[:MAX_FOUND]:
        last = max(actor.offices, key=lambda office: office.start, default=None)
        office = _office(last, registry) if last else ""
        table.add_row(actor.id, Text(plain(actor.name)), actor.kind, Text(office))
    output().print(table)
    if len(found) > MAX_FOUND:
        click.echo(f"{len(found) - MAX_FOUND} more: ask for a longer text, or with --json", err=True)


@actors.command()
@click.argument("actor")
@click.option("--json", "as_json", is_flag=True, help="As a registry file states it, in a line.")
def show(actor: str, *, as_json: bool) -> None:
    """Show one ACTOR, by id or name: its names, what isn't it, and its offices.

    \b
    Examples:
      summitry actors show Q15031
      summitry actors show "Angela Merkel" --json
    """
    registry = load_registry(Settings().registry)
    shown = registry.actors[registry.resolve(actor)]
    if as_json:
        click.echo(orjson.dumps(_as_json(shown)))
        return
    text = Text()
    text.append(plain(shown.name), style="bold").append(f"   {shown.id}, {shown.kind}\n")
    for field, heading in _LISTS.items():
        forms = getattr(shown, field)
        if forms:
            text.append(f"  {heading:<14}{plain(', '.join(forms))}\n")
    for number, office in enumerate(shown.offices):
        text.append(f"  {'offices' if number == 0 else '':<14}{_office(office, registry)}\n")
    output().print(text, end="")


def _office(office: Office, registry: Registry) -> str:
    of = registry.actors.get(office.of)
    role = office.role.replace("_", " ")
    until = f"to {office.end}" if office.end else f"open on {office.as_of}, not known after"
    return f"{role} of {plain(of.name) if of else office.of}, {office.start} {until}"


def _as_json(actor: RegistryActor) -> dict[str, Any]:
    stated = asdict(actor)
    stated["offices"] = [
        {key: value for key, value in asdict(office).items() if value} for office in actor.offices
    ]
    return {key: value for key, value in stated.items() if value or key == "id"}
