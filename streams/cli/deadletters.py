"""`summitry dead-letters`: what couldn't be read, and putting it on the article stream again."""

import sys
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from streams import deadletters as letters
from streams.cli.console import InstantOption, errors, output, plain, tracked, utc_now
from streams.core.deadletter import MAX_REDRIVES, Fingerprint, Original
from streams.core.deadletters import Listed, named, short_name
from streams.core.errors import OriginalGone
from streams.core.facets import FACETS
from streams.core.instants import format_instant
from streams.core.message import canonical_json
from streams.settings import Settings

LONGEST_REASON = 200

FILTERS = (
    click.option("--stage", type=click.Choice(list(FACETS)), help="Only letters of this stage."),
    click.option("--reason", help="Only letters whose reason holds this text, in either case."),
    click.option("--article", help="Only letters about the article of this id."),
    click.option("--since", type=InstantOption(), help="Only letters written at this instant or later."),
)


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that choose letters, as four keyword arguments."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


@click.group("dead-letters")
def dead_letters() -> None:
    """List, show and redrive the records that couldn't be read."""


@dead_letters.command("list")
@filtered
@click.option("--all", "everything", is_flag=True, help="Those redriven, and repeated ones, too.")
@click.option("--json", "as_json", is_flag=True, help="One letter a line.")
@click.option("--values", is_flag=True, help="With --json: keys and values too, in base64.")
def list_letters(*, everything: bool, as_json: bool, values: bool, **filters: Any) -> None:
    """List the open dead letters, newest last.

    A letter is open until it is redriven. `source` is the PARTITION:OFFSET of its record on
    news.articles, by which `show` and `redrive` know it too; `attempts` counts how often it had
    been redriven when it failed.

    \b
    Examples:
      summitry dead-letters list
      summitry dead-letters list --stage entities --reason published_at --since 2025-01-20
      summitry dead-letters list --all --json | jq -r .reason | sort | uniq -c
    """
    if values and not as_json:
        raise click.UsageError("--values goes with --json")
    found = [
        listed
        for listed in _chosen(letters.read(Settings(), with_bytes=values), **filters)
        if everything or listed.state == "open"
    ]
    if as_json:
        for listed in found:
            click.echo(canonical_json(_as_json(listed, values=values)))
    elif found:
        output().print(letters_table(found, states=everything))
    else:
        click.echo("no dead letters", err=True)


@dead_letters.command()
@click.argument("identity")
@click.option("--raw", is_flag=True, help="Only the value, byte for byte.")
def show(identity: str, *, raw: bool) -> None:
    """Show everything about one dead letter, its value made safe for a terminal.

    IDENTITY is the letter's, or the PARTITION:OFFSET of its record. A value that was too large to
    keep is read from news.articles if it is still there.

    \b
    Examples:
      summitry dead-letters show 1:42
      summitry dead-letters show 1:42 --raw > article.json
    """
    settings = Settings()
    listed = named(letters.read(settings), identity)
    ((_, original),) = letters.originals(settings, [listed])
    if not raw:
        output().print(letter_in_full(listed, original))
    elif isinstance(original, OriginalGone):
        raise original
    else:
        sys.stdout.buffer.write(original.value or b"")


@dead_letters.command()
@click.argument("identities", nargs=-1, metavar="[IDENTITY]…")
@click.option("--all", "everything", is_flag=True, help="All open letters that the filters leave.")
@filtered
@click.option("--dry-run", is_flag=True, help="Say what would be redriven, send nothing.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="At most so many letters a second.")
def redrive(
    identities: tuple[str, ...], *, everything: bool, dry_run: bool, rate: float | None, **filters: Any
) -> int:
    """Put dead letters on news.articles again: the same bytes under the same key.

    Redrive when the cause is gone: a stage was mended, or a date no longer lies in the future. A
    record that fails again makes a new letter, which counts the attempts; after three it is
    refused. Exit code 1 if any was refused. If this command is killed, a letter may be redriven
    twice, which changes nothing: an article counts once, however often it comes.

    \b
    Examples:
      summitry dead-letters redrive 1:42
      summitry dead-letters redrive --all --stage sentiment --dry-run
      summitry dead-letters redrive --all --rate 50
    """
    if bool(identities) == everything:
        raise click.UsageError("name the dead letters to redrive, or say --all")
    settings = Settings()
    found = letters.read(settings)
    if identities:
        listed = list({(one := named(found, name)).written.place: one for name in identities}.values())
    else:
        listed = [one for one in found if one.state == "open"]
    chosen = list(_chosen(listed, **filters))
    outcomes: Iterable[Any] = (
        letters.ready(settings, chosen)
        if dry_run
        else letters.redrive(settings, chosen, clock=utc_now, per_second=rate)
    )
    done, refused = 0, 0
    try:
        for outcome in tracked(outcomes, "redriving", len(chosen)):
            if isinstance(outcome, letters.Refused):
                refused += 1
                line = f"refused {outcome.listed.letter.identity}: {outcome.reason}"
                errors().print(plain(line), style="red", markup=False)
            else:
                done += 1
                if dry_run:
                    click.echo(plain(outcome.listed.letter.identity))
    finally:  # what was done is said even if the broker goes away
        click.echo(f"{done} {'would be ' if dry_run else ''}redriven, {refused} refused", err=True)
    return 1 if refused else 0


def _chosen(
    found: Iterable[Listed],
    *,
    stage: str | None,
    reason: str | None,
    article: str | None,
    since: datetime | None,
) -> Iterator[Listed]:
    for listed in found:
        letter = listed.letter
        if (
            stage in (None, letter.stage)
            and (reason is None or reason.casefold() in letter.reason.casefold())
            and article in (None, letter.article)
            and (since is None or listed.written.at >= since)
        ):
            yield listed


def letters_table(found: Iterable[Listed], *, states: bool) -> Table:
    """A row a letter, with its state if that is asked for."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("time (UTC)", "stage", "source"):
        table.add_column(heading, no_wrap=True)
    table.add_column("article", overflow="fold")
    table.add_column("attempts", justify="right", no_wrap=True)
    if states:
        table.add_column("state", no_wrap=True)
    table.add_column("reason", min_width=20)
    for listed in found:
        letter = listed.letter
        reason = plain(letter.reason)
        table.add_row(
            f"{listed.written.at:%Y-%m-%d %H:%M:%S}",
            letter.stage,
            short_name(letter),
            Text(plain(letter.article or "")),
            str(letter.attempts),
            *([listed.state] if states else []),
            Text(reason if len(reason) <= LONGEST_REASON else reason[:LONGEST_REASON] + "…"),
        )
    return table


def letter_in_full(listed: Listed, original: Original | OriginalGone) -> Text:
    """Everything that is known of a letter, and its value without what steers a terminal."""
    letter = listed.letter
    redriven_from = f", last from {letter.redrive.identity}" if letter.redrive else ""
    lines = {
        "dead letter": letter.identity,
        "stage": letter.stage,
        "reason": letter.reason,
        "error": letter.error,
        "source": f"{letter.stream} partition {letter.source.partition} offset {letter.source.offset}",
        "article": letter.article or "not known",
        "attempts": f"{letter.attempts} of {MAX_REDRIVES}{redriven_from}",
        "state": listed.state,
        "written": format_instant(listed.written.at),
        "value": _size(letter.fingerprint),
    }
    if isinstance(original, Original):
        lines["key"] = "null" if original.key is None else _readable(original.key)
    text = Text()
    for name, said in lines.items():
        text.append(f"{name:<12}", style="bold").append(f"{plain(said)}\n")
    if isinstance(original, OriginalGone):
        return text.append(f"\nThe value is lost: {original}", style="red")
    shown = "\n".join(plain(line) for line in _readable(original.value or b"").splitlines())
    return text.append(f"\n{shown}" if shown else "")


def _as_json(listed: Listed, *, values: bool) -> dict[str, Any]:
    letter, original = listed.letter, listed.letter.original
    shown = {
        "identity": letter.identity,
        "state": listed.state,
        "time": format_instant(listed.written.at),
        "stage": letter.stage,
        "stream": letter.stream,
        "topic_id": letter.source.topic_id,
        "partition": letter.source.partition,
        "offset": letter.source.offset,
        "article": letter.article,
        "attempts": letter.attempts,
        "redrive_of": letter.redrive.identity if letter.redrive else None,
        "reason": letter.reason,
        "error": letter.error,
        "value_bytes": letter.fingerprint.value_bytes if letter.fingerprint.value_bytes >= 0 else None,
        "value_sha256": letter.fingerprint.value_sha256,
    }
    if values:
        shown["kept"] = original is not None
        shown["key"] = _base64(original.key if original else None)
        shown["value"] = _base64(original.value if original else None)
    return shown


def _base64(data: bytes | None) -> str | None:
    return None if data is None else b64encode(data).decode()


def _readable(data: bytes) -> str:
    return data.decode(errors="backslashreplace")


def _size(fingerprint: Fingerprint) -> str:
    if fingerprint.value_bytes < 0:
        return "null"
    return f"{fingerprint.value_bytes:,} bytes, SHA-256 {fingerprint.value_sha256}"
