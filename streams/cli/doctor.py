"""`summitry doctor`: what is missing or wrong, and how to mend it."""

import os

import click
from rich.text import Text

from streams.cli.console import output, plain, utc_now
from streams.core.message import canonical_json
from streams.doctor.examine import examine
from streams.doctor.findings import Context, Finding
from streams.settings import Settings

STYLE = {"good": "green", "warning": "yellow", "wrong": "bold red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One finding a line: check, mark, says, mend.")
def doctor(*, as_json: bool) -> int:
    """Find what is missing or wrong on this machine, at the broker and in the store, and how to mend it.

    It changes nothing, and takes a few seconds. Each line begins with good, warning or wrong; what to
    do about it stands behind the arrow. Settings are those of the other commands: give them the same way.

    \b
    Exit codes: 0 nothing is wrong (warnings included), 1 something is.

    \b
    Examples:
      summitry doctor
      SUMMITRY_BOOTSTRAP=kafka.example.org:9092 summitry doctor
      summitry doctor --json | jq 'select(.mark != "good")'
    """
    context = Context(settings=Settings(), environ=os.environ, clock=utc_now)
    wrong = warnings = 0
    console = output()
    for finding in examine(context):
        wrong += finding.mark == "wrong"
        warnings += finding.mark == "warning"
        if as_json:
            click.echo(canonical_json(finding._asdict()))
        else:
            console.print(line(finding))
    click.echo(f"{wrong} wrong, {warnings} warnings", err=True)
    return 1 if wrong else 0


def line(finding: Finding) -> Text:
    """A finding as people read it."""
    text = Text(f"{finding.mark:<8}", style=STYLE[finding.mark])
    text.append(f"{finding.check:<17}", style="default")
    text.append(plain(finding.says), style="default")
    if finding.mend:
        text.append(f"  → {plain(finding.mend)}", style="italic default")
    return text
