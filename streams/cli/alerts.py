"""`summitry alerts` and `summitry watch`: reading what was raised, and following it."""

import sys
from datetime import datetime

import click

from streams import watch as watching
from streams.cli.console import InstantOption, output
from streams.cli.show import alerts_table, revision_line
from streams.core.alert import Alert
from streams.enrich.registry import load_registry
from streams.settings import Settings
from streams.store.database import open_existing
from streams.store.reading import read_alerts


@click.command()
@click.option("--rule", help="Only alerts of this rule.")
@click.option("--actor", help="Only alerts about this actor, by name or Wikidata id.")
@click.option("--since", type=InstantOption(), help="Only windows that end after this instant.")
@click.option("--json", "as_json", is_flag=True, help="One alert a line, as on news.alerts.")
def alerts(rule: str | None, actor: str | None, since: datetime | None, *, as_json: bool) -> None:
    """Show the newest revision of each alert, by window, rule and actors.

    \b
    Examples:
      summitry alerts
      summitry alerts --actor "Xi Jinping" --since 2025-01-20
      summitry alerts --rule all-three --json | jq .headline
    """
    settings = Settings()
    engine = open_existing(settings.store.get_secret_value())
    found = read_alerts(engine, rule=rule, actor=_actor_id(actor, settings), since=since)
    if as_json:
        for alert in found:
            click.echo(alert.to_json())
        return
    rows = list(found)
    if rows:
        output().print(alerts_table(rows))
    else:
        click.echo("no alerts", err=True)


@click.command()
@click.option("--rule", help="Only alerts of this rule.")
@click.option("--actor", help="Only alerts about this actor, by name or Wikidata id.")
@click.option("--from-beginning", is_flag=True, help="Begin with everything the stream still holds.")
@click.option("--json", "as_json", is_flag=True, help="One revision a line, as on news.alerts.")
def watch(rule: str | None, actor: str | None, *, from_beginning: bool, as_json: bool) -> None:
    """Follow revisions of alerts, from now on, one a line; end with Ctrl-C.

    A line begins with the revision and what happened: opened, grew, corrected, withdrawn, closed.
    Alerts whose window was over when they opened are marked (backfill). A revision may come twice:
    keep the greatest (generation, revision) of each id.

    \b
    Examples:
      summitry watch
      summitry watch --actor Putin --from-beginning
      summitry watch --json | jq -r .headline
    """
    settings = Settings()
    actor_id = _actor_id(actor, settings)
    try:
        for alert in watching.watch(settings, from_beginning=from_beginning):
            if _wanted(alert, rule, actor_id):
                click.echo(alert.to_json() if as_json else revision_line(alert))
                sys.stdout.flush()
    except KeyboardInterrupt:
        return


def _actor_id(actor: str | None, settings: Settings) -> str | None:
    return None if actor is None else load_registry(settings.registry).resolve(actor)


def _wanted(alert: Alert, rule: str | None, actor_id: str | None) -> bool:
    return (rule is None or alert.rule.id == rule) and (
        actor_id is None or any(actor.id == actor_id for actor in alert.actors)
    )
