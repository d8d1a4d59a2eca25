"""`summitry health`: what a process on this machine says of itself."""

import json
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from streams.cli.console import output, plain
from streams.core.errors import NothingAnswers
from streams.settings import Settings
from streams.telemetry.client import fetch, host_of
from streams.telemetry.server import PROCESSES, port_of

PATIENCE_SECONDS = 5.0


@click.command()
@click.argument("name", type=click.Choice(PROCESSES))
@click.option("--json", "as_json", is_flag=True, help="The answer of /health/ready, on one line.")
def health(name: str, *, as_json: bool) -> int:
    """Ask the sink or a worker on this machine whether it is ready, and print each of its checks.

    It asks where the process serves: SUMMITRY_HTTP_HOST, and SUMMITRY_HTTP_PORT for the sink, with one
    to three added for entities, sentiment and topics. A sink that stands by for another is ready.

    \b
    Exit codes: 0 ready, 1 not ready, 3 nothing answers.

    \b
    Examples:
      summitry health sink
      summitry health entities --json | jq '.checks[] | select(.holds | not)'
    """
    answer = _ask(name, Settings())
    if as_json:
        click.echo(json.dumps(answer))
    else:
        output().print(_table(answer))
        click.echo("ready" if answer["ready"] else "not ready", err=True)
    return 0 if answer["ready"] else 1


def _ask(name: str, settings: Settings) -> dict[str, Any]:
    try:
        answer = json.loads(fetch(name, settings, "/health/ready", patience_seconds=PATIENCE_SECONDS))
    except ValueError:  # somebody else, who speaks of other things
        answer = None
    if not isinstance(answer, dict) or answer.get("process") != name:
        place = f"{host_of(settings)} port {port_of(name, settings)}"
        raise NothingAnswers(f"what answers at {place} isn't Summitry's {name}")
    return answer


def _table(answer: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("check", no_wrap=True)
    table.add_column("holds", no_wrap=True)
    table.add_column("detail")
    for check in answer["checks"]:
        holds = Text("yes", style="green") if check["holds"] else Text("no", style="bold red")
        table.add_row(plain(check["check"]), holds, plain(check["detail"]))
    return table
