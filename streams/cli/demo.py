"""`summitry demo`: the main job, shown on the seeds."""

import os
import shutil
import sys
from pathlib import Path

import click

from streams import backtest as oracle
from streams import replay as replaying
from streams.cli.console import output
from streams.cli.corpus import open_corpus, run_live
from streams.cli.show import alert_in_full, revision_line
from streams.core.alert import Alert
from streams.telemetry.logs import log_as

SEED = "seed-000_0aa9f8a3567b394e"
TIMEOUT_SECONDS = 300.0

NEXT = """\
Next:
  {summitry} up                       keep it running on this machine
  {summitry} publish {seeds}          publish articles to it, from another terminal
  {summitry} watch --from-beginning   follow the alerts as they are told
"""


@click.command()
def demo() -> int:
    """Start an embedded broker, three workers and a sink; publish the seeds; show the alerts.

    It takes a free port and a temporary store, and leaves nothing behind.

    \b
    Examples:
      summitry demo
    """
    corpus = open_corpus((str(seeds()),), None, None)
    log_as("demo", corpus.settings)
    click.echo(
        f"{len(corpus.articles)} articles go to an embedded broker, through three workers and a sink …",
        err=True,
    )
    live = [
        alert
        for alert in run_live(corpus, timeout=TIMEOUT_SECONDS, own_broker=True)
        if alert.state == "active"
    ]
    console = output()
    for alert in live:
        if is_from_the_seed(alert):
            console.print(alert_in_full(alert))
    console.print("All alerts of the seeds, a line each:\n", style="bold")
    for alert in live:
        console.print(revision_line(alert), markup=False)
    expected = list(oracle.backtest(corpus.articles, corpus.rules, corpus.stages(), now=corpus.now))
    lines = replaying.differences(live, expected)
    for line in lines:
        console.print(line, markup=False)
    console.print(
        f"\n{len(live)} alerts, {'different from' if lines else 'equal to'} what the backtest computes"
        " without a broker.\n"
    )
    # Right after `make demo` the command isn't on the path yet.
    command = "summitry" if shutil.which("summitry") else os.path.relpath(sys.argv[0])
    console.print(NEXT.format(summitry=command, seeds=os.path.relpath(seeds())), markup=False)
    return 1 if lines or not any(is_from_the_seed(alert) for alert in live) else 0


def is_from_the_seed(alert: Alert) -> bool:
    """Whether this is the alert about all three that the seed article is evidence of."""
    return alert.rule.id == "all-three" and any(article.article == SEED for article in alert.evidence)


def seeds() -> Path:
    """The seeds: in the checkout, or inside the installed package."""
    package = Path(__file__).resolve().parents[1]
    return next(path for path in (package / "seeds", package.parent / "seeds") if path.is_dir())
