"""`summitry backtest`, `replay` and `enrich`: what a corpus gives."""

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from streams import backtest as oracle
from streams import replay as replaying
from streams.cli.console import InstantOption, output, progress, tracked, utc_now
from streams.cli.publish import keep_accepted, report
from streams.cli.show import alerts_table
from streams.core.alert import Alert
from streams.core.article import Article
from streams.core.facets import FACETS
from streams.core.message import canonical_json
from streams.core.rules import RuleBook
from streams.corpus import Reader, Refusal, count_articles
from streams.enrich.registry import load_registry
from streams.enrich.stage import Enrichment
from streams.enrich.stages import load_stage
from streams.rulebook import load_rules
from streams.settings import Settings
from streams.telemetry.logs import log_as

rules_option = click.option(
    "--rules", "rules_path", type=click.Path(path_type=Path), help="A rules file (default: SUMMITRY_RULES)."
)
now_option = click.option(
    "--now", type=InstantOption(), help="Count the articles as sent at this instant (default: now)."
)
corpus_argument = click.argument("paths", nargs=-1, required=True, metavar="CORPUS…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Articles to read again and again, with what they are read by."""

    articles: list[Article]
    refusals: list[Refusal]
    settings: Settings
    rules: RuleBook
    now: datetime

    def stages(self) -> list[Enrichment]:
        """The three stages, loaded."""
        return [load_stage(name, self.settings.registry) for name in FACETS]


def open_corpus(paths: tuple[str, ...], rules_path: Path | None, now: datetime | None) -> Corpus:
    """Read a corpus, and report on standard error what of it is refused."""
    settings = Settings()
    if rules_path is not None:
        settings = settings.model_copy(update={"rules": rules_path})
    rules = load_rules(settings.rules, load_registry(settings.registry))
    at = now or utc_now()
    refusals: list[Refusal] = []
    entries = Reader(now=at, stdin=sys.stdin.buffer).read(paths)
    articles = list(keep_accepted(tracked(entries, "reading", count_articles(paths)), refusals))
    report(refusals)
    return Corpus(articles=articles, refusals=refusals, settings=settings, rules=rules, now=at)


@click.command()
@corpus_argument
@rules_option
@now_option
@click.option("--json", "as_json", is_flag=True, help="One alert a line: its id and body.")
def backtest(paths: tuple[str, ...], rules_path: Path | None, now: datetime | None, *, as_json: bool) -> int:
    """Compute the alerts that a corpus gives under a set of rules. Needs no broker and keeps nothing.

    What it prints is what the live streams say in the end, whatever the order of arrival.

    \b
    Examples:
      summitry backtest seeds/
      summitry backtest archive.jsonl --rules my-rules.toml --json > alerts.jsonl
    """
    corpus = open_corpus(paths, rules_path, now)
    articles = tracked(corpus.articles, "reading the news", len(corpus.articles))
    found = list(oracle.backtest(articles, corpus.rules, corpus.stages(), now=corpus.now))
    if as_json:
        for alert in found:
            click.echo(canonical_json(alert.body_and_id()))
    else:
        output().print(alerts_table(found))
        click.echo(f"{len(found)} alerts from {len(corpus.articles)} articles", err=True)
    return 1 if corpus.refusals else 0


@click.command()
@corpus_argument
@rules_option
@now_option
@click.option("--timeout", default=600.0, show_default=True, help="Give up after this many seconds.")
def replay(paths: tuple[str, ...], rules_path: Path | None, now: datetime | None, timeout: float) -> int:
    """Run a corpus through streams, workers, a sink and a store of its own, then compare.

    Uses the broker at SUMMITRY_BOOTSTRAP, or starts an embedded one if none answers; everything is
    removed at the end. Exit code 0 only if the alerts equal the backtest's, 1 with the differences,
    4 naming the stage that lags if the time is up.

    \b
    Examples:
      summitry replay seeds/
      summitry replay archive.jsonl --rules my-rules.toml --timeout 3600
    """
    corpus = open_corpus(paths, rules_path, now)
    log_as("replay", corpus.settings)
    live = run_live(corpus, timeout=timeout)
    articles = tracked(corpus.articles, "backtesting", len(corpus.articles))
    expected = list(oracle.backtest(articles, corpus.rules, corpus.stages(), now=corpus.now))
    lines = replaying.differences(live, expected)
    for line in lines:
        click.echo(line)
    verdict = "equal to the backtest" if not lines else f"{len(lines)} differences from the backtest"
    click.echo(f"{len(corpus.articles)} articles, {len(expected)} alerts: {verdict}", err=True)
    return 1 if lines or corpus.refusals else 0


def run_live(corpus: Corpus, *, timeout: float, own_broker: bool = False) -> list[Alert]:
    """The alerts of a pipeline of its own once it is drained, with a progress bar on the way."""
    with progress() as bar:
        task = bar.add_task("starting the processes", total=None)

        def on_progress(done: int, of: int) -> None:
            bar.update(task, description="outcomes of the stages", completed=done, total=of)

        with replaying.pipeline(corpus.settings, own_broker=own_broker) as running:
            return replaying.run(
                running,
                corpus.articles,
                clock=lambda: corpus.now,
                timeout_seconds=timeout,
                on_progress=on_progress,
            )


@click.command()
@corpus_argument
@now_option
def enrich(paths: tuple[str, ...], now: datetime | None) -> int:
    """Print a line an article: {id, entities, sentiment, topics}. Needs no broker.

    \b
    Examples:
      summitry enrich seeds/ | jq '.entities.actors[].name'
    """
    corpus = open_corpus(paths, None, now)
    stages = corpus.stages()
    for article in tracked(corpus.articles, "reading the news", len(corpus.articles)):
        reading = oracle.read(article, stages, corpus.now)
        click.echo(canonical_json({"id": article.id} | reading.as_json()))
    return 1 if corpus.refusals else 0
