"""`summitry publish`."""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import click

from streams.cli.console import InstantOption, errors, plain, stop_on_signals, tracked, utc_now
from streams.core.article import Article
from streams.corpus import Reader, Refusal, count_articles
from streams.publish import publish as send
from streams.settings import Settings
from streams.telemetry.logs import log_as
from streams.telemetry.tracing import tracing
from streams.topology import ARTICLES


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH…|-]")
@click.option(
    "--feed", "feeds", multiple=True, metavar="URL|FILE", help="An RSS or Atom feed; may be repeated."
)
@click.option("--follow", is_flag=True, help="Go on asking the feeds for news, until Ctrl-C or SIGTERM.")
@click.option(
    "--interval",
    type=click.FloatRange(min=1),
    default=15,
    show_default=True,
    metavar="MINUTES",
    help="How long --follow waits before it asks a feed again.",
)
@click.option(
    "--allow-private", is_flag=True, help="Fetch feeds from addresses outside the open internet too."
)
@click.option("--source", help="The source of articles that don't name theirs.")
@click.option("--published-at", type=InstantOption(), help="When articles without a date were published.")
@click.option("--language", help="The language of articles that don't name theirs, such as en.")
@click.option("--dry-run", is_flag=True, help="Check everything, send nothing; needs no broker.")
@click.option(
    "--now", type=InstantOption(), help="Count the articles as sent at this instant (default: now)."
)
def publish(
    paths: tuple[str, ...],
    feeds: tuple[str, ...],
    interval: float,
    source: str | None,
    published_at: datetime | None,
    language: str | None,
    *,
    follow: bool,
    allow_private: bool,
    dry_run: bool,
    now: datetime | None,
) -> int:
    """Publish articles: JSON and JSON Lines files, folders, plain text, feeds, or - for standard input.

    An article has a title, a text, a source (or a url) and published_at with a zone; an id is
    derived where there is none. Plain text NAME.txt takes these from NAME.json beside it, or from
    --published-at and --source, and then its first line is the title. What is refused is listed on
    standard error with its file, line, field and reason, while the rest goes through (exit code 1).

    An entry of a feed becomes an article by its link: title, summary or content as plain text (the
    full text behind the link isn't fetched), the link's host as source, date, authors, language.
    With --follow each feed is asked again after --interval, later if its ttl, its Retry-After or a
    failure says so, a day at most, and only new or changed entries are published. What was sent is
    remembered while the command runs; after a restart a feed is published again, which changes
    nothing. Feeds are fetched directly: proxies of the environment are not used.

    \b
    Examples:
      summitry publish seeds/
      summitry publish articles.jsonl report.json
      summitry publish note.txt --source example.org --published-at 2025-01-21T12:00:00Z
      curl -s https://example.org/articles.jsonl | summitry publish -
      summitry publish archive/ --dry-run
      summitry publish --feed https://example.org/rss.xml
      summitry publish --feed https://example.org/rss.xml --feed https://example.com/atom.xml --follow
      summitry publish --feed saved.xml --dry-run
      summitry publish --feed http://localhost:8000/feed --allow-private --follow --interval 5
    """
    if not paths and not feeds:
        raise click.UsageError("Missing argument: give PATHs, --feed, or both.")
    if follow and not feeds:
        raise click.UsageError("--follow follows feeds: name one with --feed.")
    if now is not None and not dry_run:
        _check_kept(now)
    given = {
        "source": source,
        "published_at": published_at.isoformat() if published_at else None,
        "language": language,
    }
    defaults = {name: value for name, value in given.items() if value is not None}
    settings = Settings()
    reader = Reader(now=now or utc_now(), stdin=sys.stdin.buffer, defaults=defaults)
    total = count_articles(paths)
    traces = tracing("publish", os.environ)

    def publish_all(articles: Iterable[Article]) -> Iterable[object]:
        return send(articles, settings, clock=lambda: now or utc_now(), tracing=traces)

    deliver = Delivery(send=iter if dry_run else publish_all)
    if not feeds:
        deliver(reader.read(paths), total)
    else:
        from streams.cli import feeds as following  # noqa: PLC0415  httpx takes long to import

        if follow:
            log_as("publish", settings)
        stop = stop_on_signals() if follow else threading.Event()
        poller = following.make_poller(
            feeds,
            defaults=defaults,
            interval=timedelta(minutes=interval),
            allow_private=allow_private,
            now=now,
            stopped=stop.is_set,
        )
        deliver(chain(reader.read(paths), poller.poll()))
        if follow:
            following.follow(poller, deliver, wait=stop.wait)
    would = "would be " if dry_run else ""
    click.echo(f"{deliver.published} {would}published, {deliver.refused} refused", err=True)
    return 1 if deliver.refused else 0


@dataclass(slots=True)
class Delivery:
    """Sends what is accepted, says what is refused, and counts both."""

    send: Callable[[Iterable[Article]], Iterable[object]]
    published: int = 0
    refused: int = 0

    def __call__(self, entries: Iterable[Article | Refusal], total: int | None = None) -> None:
        """Deliver the entries; about `total` of them, for a progress bar."""
        refusals: list[Refusal] = []
        sent = self.send(keep_accepted(entries, refusals))
        self.published += sum(1 for _ in tracked(sent, "publishing", total))
        report(refusals)
        self.refused += len(refusals)


def _check_kept(sent_at: datetime) -> None:
    kept = timedelta(days=ARTICLES.retention_days or 0)
    if sent_at < utc_now() - kept:
        raise click.UsageError(
            f"--now lies more than {kept.days} days ago: the broker keeps articles for so long from then, and"
            " would remove them at once. Articles may be as old as you like (published_at); leave --now out,"
            " or try history with `summitry replay`."
        )


def keep_accepted(entries: Iterable[Article | Refusal], refusals: list[Refusal]) -> Iterator[Article]:
    """The articles among the entries; the refusals are added to the list."""
    for entry in entries:
        if isinstance(entry, Refusal):
            refusals.append(entry)
        else:
            yield entry


def report(refusals: Iterable[Refusal]) -> None:
    """Say what was refused and why, on standard error."""
    console = errors()
    for refusal in refusals:
        for line in str(refusal).splitlines():
            console.print(f"refused {plain(line)}", style="red", markup=False)
