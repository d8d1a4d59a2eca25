"""The `summitry` command and what its exit codes mean."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click
from pydantic import ValidationError

from streams import __version__
from streams.core.errors import (
    EXIT_NOTHING_ANSWERS,
    BrokerUnavailable,
    InvalidCorpus,
    NotDrained,
    NothingAnswers,
    SummitryError,
)

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_TIMEOUT = 4


COMMANDS = {
    "demo": ("demo", "See it work: the seed articles through a broker of their own."),
    "up": ("run", "Run everything on this machine until Ctrl-C."),
    "publish": ("publish", "Publish articles from files, folders, feeds or standard input."),
    "status": ("status", "Show how the running pipeline stands."),
    "doctor": ("doctor", "Find what is missing or wrong, and how to mend it."),
    "alerts": ("alerts", "Show the alerts in the store."),
    "watch": ("alerts", "Follow alerts as they are told."),
    "backtest": ("corpus", "Compute a corpus's alerts, with no broker."),
    "replay": ("corpus", "Run a corpus through real streams and compare with the backtest."),
    "enrich": ("corpus", "Print what the three stages say of each article."),
    "dead-letters": ("deadletters", "List, show and redrive the records that couldn't be read."),
    "actors": ("actors", "Find the actors that can be named, and show one."),
    "rules": ("rules", "Check rules, and show those that ship."),
    "streams": ("run", "Create or check the streams."),
    "worker": ("run", "Run one stage's worker."),
    "sink": ("run", "Run the sink."),
    "prune": ("prune", "Drop from the store what only old windows need."),
    "health": ("health", "Ask a process on this machine whether it is ready."),
}
"""The module under streams.cli that holds each command, and what it does, in a line."""


class Commands(click.Group):
    """Loads only the command that is asked for: help, and each start, needs to load no more."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"streams.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List them without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    SUMMITRY_PREFIX, SUMMITRY_PARTITIONS, SUMMITRY_SESSION_SECONDS, SUMMITRY_INSTANCE, SUMMITRY_LOG_LEVEL,
    SUMMITRY_LOG_FORMAT (console or json), SUMMITRY_HTTP_HOST and SUMMITRY_HTTP_PORT (metrics and health);
    for a broker with TLS or logins SUMMITRY_SECURITY (SSL, SASL_PLAINTEXT or SASL_SSL), SUMMITRY_CA,
    SUMMITRY_SASL_MECHANISM, SUMMITRY_USERNAME, SUMMITRY_PASSWORD.

    \b
    Exit codes: 0 good, 1 refused or different, 2 usage, 3 no broker or nothing answers, 4 timeout.
    """


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
            name = "".join(f"SUMMITRY_{part}: ".upper() for part in found["loc"])
            click.echo(f"summitry: {name}{found['msg']}", err=True)
        return EXIT_USAGE
    except SummitryError as error:
        _tell(error)
        return _exit_code(error)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 0
    return outcome if isinstance(outcome, int) else 0


def _tell(error: SummitryError) -> None:
    # ruff: noqa: PLC0415  most commands need neither
    from streams.cli.console import plain
    from streams.telemetry.logs import log, logs_json

    if logs_json():
        log.critical("%s", error)
    else:
        lines = f"summitry: {error}".split("\n")  # some of it may be anybody's
        click.echo("\n".join(map(plain, lines)), err=True)


def _exit_code(error: SummitryError) -> int:
    if isinstance(error, BrokerUnavailable | NothingAnswers):
        return EXIT_NOTHING_ANSWERS
    if isinstance(error, NotDrained):
        return EXIT_TIMEOUT
    return EXIT_USAGE if isinstance(error, InvalidCorpus) else EXIT_REFUSED
