"""Reading a feed: bytes in, articles and refusals out; RSS 0.9x, 1.0, 2.0 and Atom."""

import io
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from xml.sax import SAXException

import feedparser

from streams.core.article import Article, derive_id
from streams.core.errors import InvalidMessage, Problem
from streams.core.instants import format_instant
from streams.corpus import Refusal, complete
from streams.feeds.plaintext import one_line, plain_text, tidy

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*")
_MAILBOX = re.compile(r"^\S+@\S+ \((.+)\)$")  # as RSS 2.0 writes authors: desk@example.org (Ann Lee)

_PARSER_FAILS_BY = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    SAXException,
    TypeError,
    ValueError,
)
"""feedparser promises no set of errors: these are what it has let through on broken input."""


class Reading(NamedTuple):
    """What a feed holds, in its own order, and how long it asks readers to wait between two looks."""

    entries: tuple[Article | Refusal, ...]
    ttl: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed's bytes: where they came from (None for a file: links must then be absolute), and as what."""

    name: str
    body: bytes
    url: str | None = None
    content_type: str = "application/xml"


def read_feed(document: Document, *, defaults: dict[str, str], now: datetime) -> Reading:
    """Every entry as an article, or why it was refused; raises nothing, whatever the bytes hold.

    `defaults` stand in for fields that an entry doesn't have; `now` bounds how far in the future one may
    lie. An entry's language is the feed's. An ISO 8601 date without a zone, or one with a zone's name that
    RFC 822 doesn't know, counts as UTC. What isn't well-formed is said in a refusal of its own, while what
    can be used of it is used.
    """
    headers = {"content-type": document.content_type, "content-location": document.url or ""}
    try:
        feed = feedparser.parse(
            io.BytesIO(document.body),  # feedparser would take bare bytes for the name of a file
            response_headers=headers,
            resolve_relative_uris=False,  # those within HTML, of which only the text is kept
            sanitize_html=False,
        )
    except _PARSER_FAILS_BY as error:
        return Reading((_refusal(document.name, f"can't be read as RSS or Atom: {error}"),), timedelta())
    if not feed.get("version") and not feed.entries:
        return Reading((_refusal(document.name, "is neither RSS nor Atom"),), timedelta())
    entries = [
        _article(feed, entry, number, document, defaults, now) for number, entry in enumerate(feed.entries, 1)
    ]
    broken = feed.get("bozo_exception")
    if isinstance(broken, SAXException):
        reason = f"is not well-formed ({broken.getMessage()}): what could be read was used"
        entries.append(_refusal(document.name, reason))
    return Reading(tuple(entries), _ttl(feed))


def _article(
    feed: Any, entry: Any, number: int, document: Document, defaults: dict[str, str], now: datetime
) -> Article | Refusal:
    guid = entry.get("id") or None
    link = entry.get("link") or None
    place = f"{document.name} entry {link or guid or number}"
    dates = {}
    problems = []
    for field in ("published", "updated"):
        if text := _own(entry, field):
            if instant := _instant(_own(entry, f"{field}_parsed")):
                dates[field] = instant
            else:
                problems.append(Problem(f"{field}_at", f"not a date: {text[:80]!r}"))
    published = dates.get("published") or dates.get("updated")
    updated = dates.get("updated")
    atom = feed.get("version", "").startswith("atom")
    fields = {
        "title": one_line(_text(entry.get("title_detail"), atom=atom)) or None,
        "text": _body(entry, atom=atom),
        "url": link,
        "published_at": published and format_instant(published),
        "updated_at": format_instant(updated) if published and updated and updated > published else None,
        "authors": _authors(entry, atom=atom),
        "language": _language(feed.feed.get("language")),
    }
    if link is None:
        site = _host(feed.feed.get("link")) or _host(document.url) or defaults.get("source")
        fields["source"] = defaults.get("source") or site
        if guid:  # unique within its feed only
            fields["id"] = derive_id({"source": site, "title": guid})
    try:
        return complete(fields, defaults=defaults, now=now)
    except InvalidMessage as error:
        return Refusal(place, None, (*error.problems, *(() if published else problems)))


def _refusal(name: str, reason: str) -> Refusal:
    return Refusal(name, None, (Problem("", reason),))


def _own(entry: Any, field: str) -> Any:
    """The entry's field; feedparser would give `published` for `updated` where there is none."""
    return entry[field] if field in entry else None  # noqa: SIM401


def _instant(parsed: Any) -> datetime | None:
    """From feedparser's tuple, which is in UTC."""
    with suppress(TypeError, ValueError):  # none, or no day that ever was
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    return None


def _text(detail: Any, *, atom: bool) -> str:
    """Atom says what is HTML; RSS leaves it open."""
    if not detail:
        return ""
    value: str = detail.get("value") or ""
    return tidy(value) if atom and detail.get("type") == "text/plain" else plain_text(value)


def _body(entry: Any, *, atom: bool) -> str:
    """The entry's content, else its summary: whichever says more."""
    details = [*entry.get("content", ()), entry.get("summary_detail")]
    return max((_text(detail, atom=atom) for detail in details), key=len)


def _authors(entry: Any, *, atom: bool) -> list[str]:
    authors = entry.get("authors", ())
    if not atom and len(authors) == 1:  # there feedparser cuts addresses such as desk@daily.example in two
        given = [entry.get("author")]
    else:
        given = [author.get("name") or author.get("email") for author in authors]
    names = [_MAILBOX.sub(r"\1", one_line(name)) for name in given if name]
    return list(dict.fromkeys(names))


def _language(tag: Any) -> str | None:
    """A language tag, if that is what the feed gives; some write "English"."""
    return tag if isinstance(tag, str) and _LANGUAGE.fullmatch(tag) else None


def _host(url: Any) -> str | None:
    with suppress(ValueError):
        return urlsplit(url).hostname if isinstance(url, str) else None
    return None


def _ttl(feed: Any) -> timedelta:
    """The channel's ttl, which RSS counts in minutes; zero where it has none."""
    with suppress(OverflowError, ValueError):
        return timedelta(minutes=max(0, int(feed.feed.get("ttl", 0))))
    return timedelta()
