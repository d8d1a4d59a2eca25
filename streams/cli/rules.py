"""`summitry rules`."""

from pathlib import Path

import click

from streams.enrich.registry import load_registry
from streams.rulebook import SHIPPED, load_rules
from streams.settings import Settings


@click.group()
def rules() -> None:
    """Check a rules file before the sink takes it, and show the shipped one."""


@rules.command()
@click.argument("path", type=click.Path(path_type=Path))
def check(path: Path) -> None:
    """Say what is wrong with a rules file, by line; exit code 1 if anything is.

    \b
    Examples:
      summitry rules check my-rules.toml
    """
    registry = load_registry(Settings().registry)
    for rule in load_rules(path, registry):
        names = ", ".join(registry.actors[actor].name for actor in rule.actors)
        click.echo(f"{rule.id} version {rule.version}: {rule.min_actors} of {names}")


@rules.command()
def show() -> None:
    """Print the shipped rules file, to begin one of your own.

    \b
    Examples:
      summitry rules show > my-rules.toml
    """
    click.echo(SHIPPED.read_text(encoding="utf-8"), nl=False)
