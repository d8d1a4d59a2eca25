"""JSON objects that are no articles, by a little, and odd ones that are."""

from datetime import UTC, datetime
from typing import Any

from poison.made import NAMES, PAIR, bad, good, value
from streams.core.instants import milliseconds

TOO_LONG = "string should have at most {} characters"
NO_ID = "id: string should match pattern '^[^\\x00-\\x20\\x7f]{1,256}$'"
NO_INSTANT = "published_at: not an RFC 3339 instant such as 2025-01-21T12:00:00Z"
NOT_REAL = "published_at: not a real instant: {}"
NO_URL = "url: not an absolute http or https URL"
AHEAD = "published_at: more than 24 h after the article was sent"


def _at(published_at: Any, reason: str = NO_INSTANT) -> dict[str, Any]:
    return bad("date", reason, published_at=published_at)


REFUSED: dict[str, dict[str, Any]] = {
    "no id": bad("", "id: field required", id=...),
    "empty id": bad("", NO_ID, id=""),
    "number for an id": bad("", "id: input should be a valid string", id=7),
    "id with a newline": bad("", NO_ID, id="a\nERROR all is lost"),
    "id that ends in a newline": bad("", NO_ID, id="a\n"),
    "id with NUL": bad("", NO_ID, id="a\0b"),
    "id with a space": bad("", NO_ID, id="a b"),
    "id with an escape": bad("", NO_ID, id="\x1b[31mred"),
    "id too long": bad("", NO_ID, id="i" * 257),
    "no title": bad("title", "title: field required", title=...),
    "empty title": bad("title", "title: string should have at least 1 character", title=""),
    "null title": bad("title", "title: input should be a valid string", title=None),
    "boolean for a title": bad("title", "title: input should be a valid string", title=True),
    "title too long": bad("title", "title: " + TOO_LONG.format(2000), title="t" * 2_001),
    "float for a text": bad("text", "text: input should be a valid string", text=1.5),
    "list for a text": bad("text", "text: input should be a valid string", text=[NAMES]),
    "text too long": bad("text", "text: " + TOO_LONG.format(200_000), text="t" * 200_001),
    "a word of 900 KB": bad("text", "text: " + TOO_LONG.format(200_000), text="t" * 900_000),
    "empty source": bad("source", "source: string should have at least 1 character", source=""),
    "source too long": bad("source", "source: " + TOO_LONG.format(256), source="s" * 257),
    "script for a URL": bad("url", NO_URL, url="javascript:alert(1)"),
    "file for a URL": bad("url", NO_URL, url="file:///etc/passwd"),
    "URL without a host": bad("url", NO_URL, url="https:///path"),
    "URL of half an IPv6 address": bad("url", NO_URL, url="https://[::1/"),
    "URL too long": bad("url", "url: " + TOO_LONG.format(4096), url="https://a.example/" + "u" * 4_096),
    "string for withdrawn": bad("w", "withdrawn: input should be a valid boolean", withdrawn="true"),
    "number for withdrawn": bad("w", "withdrawn: input should be a valid boolean", withdrawn=1),
    "language of markup": bad(
        "l", "language: string should match pattern '^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$'", language="en<script>"
    ),
    "string for authors": bad("authors", "authors: input should be a valid tuple", authors="Xi"),
    "author too long": bad("authors", "authors.1: " + TOO_LONG.format(256), authors=["a", "b" * 257]),
    "no date": _at(..., "published_at: field required"),
    "number for a date": _at(
        1_717_243_200, "published_at: an instant is a string such as 2025-01-21T12:00:00Z"
    ),
    "huge exponent for a date": _at(
        1e300, "published_at: an instant is a string such as 2025-01-21T12:00:00Z"
    ),
    "exponent in a date": _at("2024e999-06-01"),
    "date without a zone": _at(
        "2024-06-01T12:00:00",
        "published_at: an instant needs a zone: end it with Z or an offset such as +08:00",
    ),
    "date in words": _at("yesterday"),
    "date in Arabic digits": _at("٢٠٢٤-٠٦-٠١"),
    "date with NUL": _at("2024-06-01\0"),
    "leap second": _at("2016-12-31T23:59:60Z", NOT_REAL.format("second must be in 0..59")),
    "30 February": _at("2024-02-30", NOT_REAL.format("day is out of range for month")),
    "year 0": _at("0000-01-01", NOT_REAL.format("year 0 is out of range")),
    "year 1": _at("0001-01-01T00:00:00+14:00", NOT_REAL.format("date value out of range")),
    "year 999": _at("0999-12-31", "published_at: before the year 1000"),
    "year 9999": _at("9999-12-31T23:59:59-14:00", NOT_REAL.format("date value out of range")),
    "year 9000": _at("9000-01-01", "published_at: after the year 8999"),
    "year 10000": _at("10000-01-01"),
    "far ahead": _at("2990-01-01", AHEAD),
    "a day and a second ahead": bad("day", AHEAD, published_at="2024-03-02T00:00:01Z")
    | {"sent_ms": milliseconds(datetime(2024, 3, 1, tzinfo=UTC)), "heals": True},
    "everything wrong": {
        "value": b'{"id": [], "title": {}, "text": false, "url": 0, "source": null, "published_at": "", "authors": 1}',
        "reason": "id: input should be a valid string; title: input should be a valid string; text: input should be"
        " a valid string; url: input should be a valid string; source: input should be a valid string; "
        f"{NO_INSTANT}; authors: input should be a valid tuple",
    },
}

HARMLESS: dict[str, dict[str, Any]] = {
    "title of white space": good("blank", title=" \t "),
    "empty text": good("no-text", frozenset(), text=""),
    "title just short enough": good("long-title", title="t" * 2_000),
    "text just short enough": good("long-text", text=NAMES + " " + "t" * (200_000 - len(NAMES) - 1)),
    "id just short enough": good("", id="i" * 256),
    "id of 256 emoji": good("", id="\U0001f600" * 256),
    "id that is a path": good("", id="../../../../etc/passwd"),
    "id that is markup": good("", id="<script>alert(1)</script>"),
    "id that is SQL": good("", id="';drop/**/table/**/article;--"),
    "id that writes backwards": good("", id="\u202etxt.exe\u2069"),
    "id with a C1 control": good("", id="\x9b31mred\x85"),
    "id that only looks the same": good("", id="pill\u200b-\u0430"),
    "id that is not the key": good("", id="another"),
    "source with NUL": good("nul-source", source="evil\0.example"),
    "source that grows when folded": good("fold", source="\ufb03" * 256),
    "source with an escape": good("esc-source", source="\x1b]0;owned\x07"),
    "source of dots": good("dots", source="...."),
    "host with NUL": good("nul-host", url="https://a\0.b\0/"),
    "host of 4,000 characters": good("long-host", url="https://" + "a" * 4_000 + ".example/"),
    "host of empty labels": good("labels", url="https://..../"),
    "host that imitates": good("idn", url="https://аррӏе.example/"),
    "URL with escapes": good("esc-url", url="https://a.example/\x1b[31m\u202e\r\nSet-Cookie: a=b"),
    "URL with a password": good("userinfo", url="https://who:secret@a.example:99999/"),
    "the first year": good("y1000", published_at="1000-01-01"),
    "nanoseconds and an odd zone": good("nanos", published_at="2024-06-01t12:00:00.123456789+13:59"),
    "updated in 8999": good("updated", updated_at="8999-12-31T23:59:59Z"),
    "withdrawn": good("withdrawn", withdrawn=True),
    "authors that are markup": good("by", authors=["<img src=x onerror=alert(1)>", "\x1b[2J", "", "\0"]),
    "a hundred thousand authors": good("many", authors=[""] * 100_000),
    "unknown fields": {
        "value": value("unknown", rule="all", admin=True, outcome="ok", actors=["Q22686"]),
        "actors": PAIR,
    },
}
