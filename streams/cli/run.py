"""`summitry up`, and the processes that it runs: `worker`, `sink`; and `streams`."""

import logging

import click

from streams import broker, embedded, processes
from streams.cli.console import stop_on_signals, utc_now
from streams.core.errors import BrokerUnavailable
from streams.core.facets import FACETS, Stage
from streams.enrich.registry import load_registry
from streams.rulebook import load_rules
from streams.settings import Settings
from streams.sink import standby
from streams.store.store import Store
from streams.telemetry.logs import log_as

log = logging.getLogger("streams.up")


@click.command()
def up() -> None:
    """Run the workers and the sink, and the embedded broker unless one answers already.

    The streams are created where they are missing. A process that dies is started again; if that
    doesn't help, everything ends with exit code 1. The embedded broker listens at SUMMITRY_BOOTSTRAP
    and keeps its streams in memory: the alerts stay in SUMMITRY_STORE, the streams end with it.

    \b
    Examples:
      summitry up
      SUMMITRY_RULES=my-rules.toml summitry up
      SUMMITRY_BOOTSTRAP=kafka.example.org:9092 summitry up
    """
    settings = Settings()
    log_as("up", settings)
    stop = stop_on_signals()
    load_rules(settings.rules, load_registry(settings.registry))  # said here, not by a child
    with processes.supervised() as supervisor:
        if broker.answers(settings):
            log.info("using the broker at %s", settings.bootstrap)
        elif not settings.is_local:
            raise BrokerUnavailable(
                f"no broker answers at {settings.bootstrap}, and an embedded one is only started on this"
                " machine: start that broker, or unset SUMMITRY_BOOTSTRAP"
            )
        else:
            settings = settings.model_copy(update={"session_seconds": embedded.SESSION_SECONDS})
            processes.start_broker(supervisor, settings)
            log.info("embedded broker at %s, in memory", settings.bootstrap)
        created = broker.apply_streams(settings)
        if created:
            log.info("created %s", ", ".join(created))
        processes.start_pipeline(supervisor, settings)
        log.info("alerts go to %s; end with Ctrl-C", settings.shown_store)
        while not stop.wait(0.2):
            supervisor.look()
        log.info("ending")


@click.command()
@click.argument("stage", type=click.Choice(list(FACETS)))
def worker(stage: Stage) -> None:
    """Run the worker of one stage until SIGTERM: it reads news.articles and writes the stage's facets.

    Start as many as you like of each, up to the number of partitions.

    \b
    Examples:
      summitry worker entities
    """
    settings = Settings()
    log_as(stage, settings)
    from streams.worker import main as worker_main  # noqa: PLC0415  Faust takes long to import

    worker_main.run(stage, settings)


@click.command()
def sink() -> None:
    """Run the sink until SIGTERM: it joins the facets, keeps the tables and tells of alerts.

    The rules in SUMMITRY_RULES (or the shipped ones) are applied at the start. Several sinks may share
    a store: one works, the others stand by and take over when it ends, dies or hangs.

    \b
    Examples:
      SUMMITRY_STORE=sqlite:////var/lib/summitry/summitry.db summitry sink
    """
    settings = Settings()
    log_as("sink", settings)
    stop = stop_on_signals()
    rules = load_rules(settings.rules, load_registry(settings.registry))
    store = Store.open(settings.store.get_secret_value(), settings.instance or processes.instance_name())
    standby.run(settings, store, rules, stop, clock=utc_now)


@click.group()
def streams() -> None:
    """Create or check the streams (Kafka topics) on the broker."""


@streams.command()
def apply() -> None:
    """Create the streams that are missing, with SUMMITRY_PARTITIONS partitions each.

    \b
    Examples:
      SUMMITRY_PARTITIONS=24 summitry streams apply
    """
    created = broker.apply_streams(Settings())
    for name in created:
        click.echo(f"created {name}")
    click.echo(f"{len(created)} created", err=True)


@streams.command()
def check() -> int:
    """Say which streams are missing or don't fit; exit code 1 if any."""
    problems = broker.check_streams(Settings())
    for problem in problems:
        click.echo(problem)
    click.echo("good" if not problems else f"{len(problems)} problems", err=True)
    return 1 if problems else 0
