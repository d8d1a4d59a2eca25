"""`summitry status`: how the running pipeline stands."""

import sys
import time
from collections.abc import Iterator
from datetime import datetime

import click
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from streams.cli.console import output, plain, utc_now
from streams.core.message import canonical_json
from streams.settings import Settings
from streams.status.look import look
from streams.status.report import StageLag, Status

WATCH_SECONDS = 2.0
EXIT_CONCERNS, EXIT_NO_BROKER = 1, 3
UNKNOWN = "unknown"


@click.command()
@click.option("--watch", is_flag=True, help="Look again every 2 s until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One object a look, on a line.")
def status(*, watch: bool, as_json: bool) -> int:
    """Show how the running pipeline stands: lag, holes, alerts, dead letters, the sink, memory.

    It reads the broker and the store and changes nothing; where only one of them answers it shows
    what that one knows. Memory is asked of the processes at SUMMITRY_HTTP_HOST and SUMMITRY_HTTP_PORT.

    \b
    Exit codes: 0 all is well (articles that are yet to be answered included)
                1 something needs looking at, and the last lines say what: articles passed over,
                  alerts that wait to be sent, no sink at work, no store
                3 no broker

    \b
    Examples:
      summitry status
      summitry status --watch
      summitry status --json | jq '.stages[].unanswered'
    """
    settings = Settings()
    if not watch:
        now = look(settings, clock=utc_now)
        if as_json:
            click.echo(canonical_json(now.as_json()))
        else:
            output().print(shown(now))
        return exit_code(now)
    try:
        if as_json:
            for now in _looks(settings):
                click.echo(canonical_json(now.as_json()))
                sys.stdout.flush()
        else:
            with Live(console=output(), auto_refresh=False) as live:
                for now in _looks(settings):
                    live.update(shown(now), refresh=True)
    except KeyboardInterrupt:
        pass
    return 0


def _looks(settings: Settings) -> Iterator[Status]:
    while True:
        began = time.monotonic()
        yield look(settings, clock=utc_now)
        time.sleep(max(0.0, began + WATCH_SECONDS - time.monotonic()))


def exit_code(now: Status) -> int:
    """What the command ends with."""
    if now.broker_problem is not None:
        return EXIT_NO_BROKER
    return EXIT_CONCERNS if now.concerns else 0


def shown(now: Status) -> Group:
    """A look as tables, and below them what needs looking at."""
    return Group(_stages(now), "", _facts(now), "", _concerns(now))


def _stages(now: Status) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("process", no_wrap=True)
    for heading in ("unanswered", "passed over", "sink yet to read", "memory"):
        table.add_column(heading, justify="right", no_wrap=True)
    lags: dict[str, StageLag] = {lag.stage: lag for lag in now.stages or ()}
    for name, memory in now.memory.items():
        lag = lags.get(name)
        nothing = "" if name == "sink" else UNKNOWN
        table.add_row(
            name,
            nothing if lag is None else _count(sum(lag.unanswered.values()), "yellow"),
            nothing if lag is None else _count(lag.missing, "bold red"),
            nothing if lag is None else _count(lag.unread, "yellow"),
            UNKNOWN if memory is None else f"{memory / 1e6:.0f} MB",
        )
    return table


def _facts(now: Status) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, fact in _fact_rows(now):
        table.add_row(name, Text(plain(fact)))
    return table


def _fact_rows(now: Status) -> Iterator[tuple[str, str]]:
    last, traffic, store = now.last_article, now.traffic, now.store
    if last is not None:
        yield "last article", f"published {_at(last.published_at)}, received {_at(last.received_at)}"
    if traffic is not None:
        yield (
            "on the streams",
            f"{traffic.articles} articles, {traffic.dead_letters} dead letters and redrives",
        )
    if traffic is not None and (newest := traffic.last_dead_letter) is not None:
        yield "dead letter", f"{_at(newest.at)} {newest.stage or UNKNOWN}: {newest.reason or UNKNOWN}"
    if store is None:
        return
    yield "in the store", f"{store.articles} articles, {store.size_bytes / 1e6:.1f} MB"
    yield "alerts", f"{store.active} active, {store.closed} closed, {store.cancelled} cancelled"
    waiting = f"{store.unsent} waiting" + (f" since {_at(store.unsent_since)}" if store.unsent_since else "")
    yield "outbox", waiting
    sign = "works" if now.beat_moves else "shows no sign of life"
    yield "sink", f"{store.lease.holder} {sign}" if store.lease.holder else "none holds the lease"


def _concerns(now: Status) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for concern in now.concerns:
        for line in concern.splitlines():
            table.add_row(Text("!", style="bold red"), Text(plain(line)))
    if not now.concerns:
        table.add_row(Text("all is well", style="green"))
    return table


def _count(number: int, style: str) -> Text:
    return Text(str(number), style=style if number else "default")


def _at(instant: datetime | None) -> str:
    return UNKNOWN if instant is None else f"{instant:%Y-%m-%d %H:%M:%S} UTC"
