"""What commands share: the clock, signals, consoles, option types, and text made safe to show."""

import re
import signal
import sys
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from streams.core.instants import parse_instant

Item = TypeVar("Item")

WIDTH_OF_FILES = 120
"""How wide tables are where there is no terminal to ask."""


class InstantOption(click.ParamType):
    """An RFC 3339 instant, or a date alone."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """From text."""
        if isinstance(value, datetime):
            return value
        try:
            return parse_instant(value)
        except ValueError as error:
            self.fail(f"{value!r}: {error}", param, ctx)


def utc_now() -> datetime:
    """The clock, read here and handed inwards."""
    return datetime.now(UTC)


def stop_on_signals() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def output() -> Console:
    """Standard output for people."""
    width = None if sys.stdout.isatty() else WIDTH_OF_FILES
    return Console(highlight=False, soft_wrap=True, width=width)


def errors() -> Console:
    """Standard error for people."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def progress() -> Progress:
    """A progress bar on standard error; silent where that is no terminal."""
    console = errors()
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def tracked(items: Iterable[Item], description: str, total: int | None) -> Iterator[Item]:
    """The items, counted on a progress bar as they pass."""
    with progress() as bar:
        task = bar.add_task(description, total=total)
        for item in items:
            yield item
            bar.advance(task)


_SHOWN_CONTROLS = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")


def plain(text: str) -> str:
    """Text from outside on one line, without control and format characters that steer a terminal."""
    spaced = _SHOWN_CONTROLS.sub(" ", text)
    return "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
