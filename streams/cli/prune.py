"""`summitry prune`."""

from datetime import datetime

import click

from streams.cli.console import InstantOption, progress, utc_now
from streams.core.instants import format_instant
from streams.settings import Settings
from streams.store.database import connect, open_existing
from streams.store.prune import Pruned, count_prunable
from streams.store.prune import prune as drop


@click.command()
@click.option("--before", type=InstantOption(), required=True, help="Windows that were over by this instant.")
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
@click.option("--yes", is_flag=True, help="Don't ask.")
def prune(before: datetime, *, dry_run: bool, yes: bool) -> None:
    """Drop from the store what only old windows need: facets, articles, evidence, sent messages.

    Alerts stay as they were last told. Windows that were over by then are frozen: an article that comes
    late for one of them, or is corrected or withdrawn, changes no alert any more. The sink may go on
    meanwhile. Nothing is ever dropped but by this command.

    \b
    Examples:
      summitry prune --before 2024-01-01 --dry-run
      summitry prune --before 2024-01-01 --yes
    """
    if before > utc_now():
        raise click.UsageError("--before lies in the future: the windows of today would be frozen.")
    url = Settings().store.get_secret_value()
    open_existing(url).dispose()
    engine = connect(url)
    there = count_prunable(engine, before)
    click.echo(f"before {format_instant(before)}: {_shown(there)}", err=True)
    if dry_run:
        return
    if not yes:
        click.confirm("Drop them for good?", abort=True, err=True)
    dropped = Pruned(0, 0, 0, 0)
    with progress() as bar:
        task = bar.add_task("pruning", total=there.articles)
        for step in drop(engine, before):
            dropped = Pruned(*map(sum, zip(dropped, step, strict=True)))
            bar.update(task, completed=dropped.articles)
    click.echo(f"dropped {_shown(dropped)}", err=True)


def _shown(pruned: Pruned) -> str:
    return (
        f"{pruned.articles:,} articles with {pruned.facets:,} facets, {pruned.evidence:,} pieces of evidence,"
        f" {pruned.messages:,} sent messages"
    )
