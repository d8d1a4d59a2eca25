"""Tumbling UTC windows: each instant lies in exactly one window of a given length."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Window(NamedTuple):
    """From `start` (inclusive) to `end` (exclusive), both aware and UTC."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> int:
        """Its length."""
        return (self.end - self.start) // timedelta(hours=1)

    @property
    def before(self) -> "Window":
        """The window that ends where this one starts."""
        return Window(self.start - (self.end - self.start), self.start)

    @property
    def after(self) -> "Window":
        """The window that starts where this one ends."""
        return Window(self.end, self.end + (self.end - self.start))


def window_of(instant: datetime, hours: int) -> Window:
    """The window of `hours` length, counted from the epoch, in which `instant` lies."""
    length = timedelta(hours=hours)
    start = EPOCH + (instant - EPOCH) // length * length
    return Window(start, start + length)
