"""`summitry health`: what a process on this machine says of itself."""

import http.client
import json
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from streams.cli.console import output, plain
from streams.core.errors import NothingAnswers
from streams.settings import Settings
from streams.telemetry.server import PROCESSES, port_of

PATIENCE_SECONDS = 5.0
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  asked where it listens everywhere


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
    port = port_of(name, settings)
    if not port:
        raise NothingAnswers("SUMMITRY_HTTP_PORT is 0: no process serves its health")
    host = LOOPBACK.get(settings.http_host, settings.http_host)
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NothingAnswers(
            f"nothing that speaks of health answers at {host} port {port} ({error}): does the {name} run,"
            " with the same SUMMITRY_HTTP_HOST and SUMMITRY_HTTP_PORT?"
        ) from error
    finally:
        connection.close()
    if not isinstance(answer, dict) or answer.get("process") != name:
        raise NothingAnswers(f"what answers at {host} port {port} isn't Summitry's {name}")
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
