"""Instants: aware UTC datetimes inside, RFC 3339 in messages."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})"  # a date alone means midnight UTC
    r"(?:[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2}))?",
    re.ASCII,
)


EARLIEST_YEAR, LATEST_YEAR = 1000, 8999
"""No news is older or later, and windows around it need room."""


@lru_cache(maxsize=4096)  # one instant stands in many messages and rows
def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant, or a date alone as 00:00Z, into an aware UTC datetime.

    Fractions beyond microseconds are cut. Raises ValueError saying what is missing or wrong.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}[Tt ][\d:.]+", text, re.ASCII):
            raise ValueError("an instant needs a zone: end it with Z or an offset such as +08:00")
        raise ValueError("not an RFC 3339 instant such as 2025-01-21T12:00:00Z")
    day, clock, fraction, zone = match.groups()
    if clock is None:
        clock, zone = "00:00:00", "Z"
    micros = (fraction or "0")[:6].ljust(6, "0")
    try:
        instant = datetime.fromisoformat(f"{day}T{clock}.{micros}{zone.upper()}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"not a real instant: {error}") from error
    if instant.year < EARLIEST_YEAR:
        raise ValueError(f"before the year {EARLIEST_YEAR}")
    if instant.year > LATEST_YEAR:
        raise ValueError(f"after the year {LATEST_YEAR}")
    return instant


def format_instant(instant: datetime) -> str:
    """Write an aware datetime as RFC 3339 in UTC, with a fraction only where there is one."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def sortable(instant: datetime) -> str:
    """A form of one length for any instant, in UTC, that sorts as instants do."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def milliseconds(instant: datetime) -> int:
    """Milliseconds since the epoch, as Kafka time stamps count them."""
    return int(instant.timestamp() * 1000)


def from_milliseconds(millis: int) -> datetime:
    """The aware UTC instant of a Kafka time stamp, which anybody may choose: beyond all years the nearest."""
    try:
        return datetime.fromtimestamp(millis / 1000, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC) if millis > 0 else datetime.min.replace(tzinfo=UTC)


def _validate(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if not isinstance(value, str):
        raise ValueError("an instant is a string such as 2025-01-21T12:00:00Z")
    return parse_instant(value)


Instant = Annotated[datetime, BeforeValidator(_validate), PlainSerializer(format_instant)]
"""A message field that holds an instant."""
