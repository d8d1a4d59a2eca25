"""The `summitry` command and what its exit codes mean."""

import sys
from collections.abc import Callable
from typing import Any

import click
from pydantic import ValidationError

from streams import __version__
from streams.cli import alerts, corpus, demo, publish, rules, run
from streams.core.errors import BrokerUnavailable, InvalidCorpus, NotDrained, SummitryError

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_NO_BROKER = 3
EXIT_TIMEOUT = 4


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="summitry")
def summitry() -> None:
    """An alert when the people who run the world appear in the same news.

    \b
    Try it:            summitry demo
    Keep it running:   summitry up
    Publish articles:  summitry publish articles.jsonl
    Read alerts:       summitry alerts        (or follow them: summitry watch)
    Try a rule:        summitry backtest articles.jsonl --rules my-rules.toml

    Settings are environment variables: SUMMITRY_BOOTSTRAP (the broker, 127.0.0.1:19092),
    SUMMITRY_STORE (the sink's tables, sqlite:///summitry.db), SUMMITRY_RULES, SUMMITRY_REGISTRY,
    SUMMITRY_PREFIX, SUMMITRY_PARTITIONS, SUMMITRY_SESSION_SECONDS, SUMMITRY_LOG_LEVEL.

    \b
    Exit codes: 0 good, 1 refused or different, 2 usage, 3 no broker, 4 timeout.
    """


for command in (
    demo.demo,
    run.up,
    publish.publish,
    alerts.alerts,
    alerts.watch,
    corpus.backtest,
    corpus.replay,
    corpus.enrich,
    rules.rules,
    run.streams,
    run.worker,
    run.sink,
):
    summitry.add_command(command)


def main() -> None:
    """Run the command line; every error that a user can act on is a line or two, not a traceback."""
    sys.exit(_run(lambda: summitry.main(standalone_mode=False)))


def _run(command: Callable[[], Any]) -> int:
    try:
        outcome = command()
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ValidationError as error:  # the settings are the only thing validated this far out
        for found in error.errors(include_url=False, include_input=False):
            name = "SUMMITRY_" + ".".join(str(part) for part in found["loc"]).upper()
            click.echo(f"summitry: {name}: {found['msg']}", err=True)
        return EXIT_USAGE
    except SummitryError as error:
        click.echo(f"summitry: {error}", err=True)
        return _exit_code(error)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 0
    return outcome if isinstance(outcome, int) else 0


def _exit_code(error: SummitryError) -> int:
    if isinstance(error, BrokerUnavailable):
        return EXIT_NO_BROKER
    if isinstance(error, NotDrained):
        return EXIT_TIMEOUT
    return EXIT_USAGE if isinstance(error, InvalidCorpus) else EXIT_REFUSED
