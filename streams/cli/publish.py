"""`summitry publish`."""

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime

import click

from streams.cli.console import InstantOption, errors, tracked, utc_now
from streams.core.article import Article
from streams.corpus import Reader, Refusal, count_articles
from streams.publish import publish as send
from streams.settings import Settings


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…|-")
@click.option("--source", help="The source of articles that don't name theirs.")
@click.option("--published-at", type=InstantOption(), help="When articles without a date were published.")
@click.option("--language", help="The language of articles that don't name theirs, such as en.")
@click.option("--dry-run", is_flag=True, help="Check everything, send nothing; needs no broker.")
@click.option(
    "--now", type=InstantOption(), help="Count the articles as sent at this instant (default: now)."
)
def publish(
    paths: tuple[str, ...],
    source: str | None,
    published_at: datetime | None,
    language: str | None,
    *,
    dry_run: bool,
    now: datetime | None,
) -> int:
    """Publish articles: JSON and JSON Lines files, folders, plain text, or - for standard input.

    An article has a title, a text, a source (or a url) and published_at with a zone; an id is
    derived where there is none. Plain text NAME.txt takes these from NAME.json beside it, or from
    --published-at and --source, and then its first line is the title. What is refused is listed on
    standard error with its file, line, field and reason, while the rest goes through (exit code 1).

    \b
    Examples:
      summitry publish seeds/
      summitry publish articles.jsonl report.json
      summitry publish note.txt --source example.org --published-at 2025-01-21T12:00:00Z
      curl -s https://example.org/articles.jsonl | summitry publish -
      summitry publish archive/ --dry-run
    """
    defaults = {
        "source": source,
        "published_at": published_at.isoformat() if published_at else None,
        "language": language,
    }
    reader = Reader(
        now=now or utc_now(),
        stdin=sys.stdin.buffer,
        defaults={name: value for name, value in defaults.items() if value is not None},
    )
    total = count_articles(paths)
    refusals: list[Refusal] = []
    accepted = keep_accepted(reader.read(paths), refusals)
    clock = (lambda: now) if now else utc_now
    done: Iterable[object] = accepted if dry_run else send(accepted, Settings(), clock=clock)
    published = sum(1 for _ in tracked(done, "publishing", total))
    report(refusals)
    click.echo(f"{published} {'would be ' if dry_run else ''}published, {len(refusals)} refused", err=True)
    return 1 if refusals else 0


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
        console.print(f"refused {refusal}", style="red", markup=False)
