"""Articles, the versions that order them, and the identity of one that came without an id."""

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, FailFast, StrictBool, StringConstraints
from w3lib.url import canonicalize_url

from streams.core.errors import InvalidMessage, Problem
from streams.core.instants import Instant, parse_instant, sortable
from streams.core.message import Message, canonical_json

FUTURE_TOLERANCE = timedelta(hours=24)
"""How far `published_at` may lie ahead of the time at which the article was sent."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]{1,256}$")]


def _http_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("not an absolute http or https URL")
    return url


Url = Annotated[str, StringConstraints(max_length=4096), AfterValidator(_http_url)]


class Article(Message):
    """One article as published; see schemas/article.v1.json."""

    id: Identifier
    title: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    text: Annotated[str, StringConstraints(max_length=200_000)]
    url: Url | None = None
    source: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    published_at: Instant
    updated_at: Instant | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$")] | None = None
    authors: Annotated[tuple[Annotated[str, StringConstraints(max_length=256)], ...], FailFast()] = ()
    withdrawn: StrictBool = False

    @property
    def document(self) -> str:
        """Title, a blank line, text: what every offset counts into, in Unicode code points."""
        return f"{self.title}\n\n{self.text}"


class Version(Message):
    """Which of an article's versions this is; the greatest wins, whatever came first."""

    time: Instant
    withdrawn: StrictBool
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

    @property
    def key(self) -> str:
        """A string that sorts as the version does."""
        return f"{sortable(self.time)}/{self.withdrawn:d}/{self.digest}"

    @classmethod
    def of(cls, article: Article) -> Self:
        """The version of `article`: its time, whether withdrawn, a digest of its known fields."""
        return cls(
            time=article.updated_at or article.published_at,
            withdrawn=article.withdrawn,
            digest=hashlib.sha256(article.to_json()).hexdigest(),
        )


def check_published(article: Article, sent_at: datetime) -> None:
    """Raise InvalidMessage if `article` claims to be from more than 24 h after `sent_at`."""
    if article.published_at - FUTURE_TOLERANCE > sent_at:
        raise InvalidMessage(Problem("published_at", "more than 24 h after the article was sent"))


def derive_id(fields: dict[str, Any]) -> str:
    """An id for an article that has none: from its canonical URL, else source, title and date.

    Without a URL an edited title makes a new article. Missing fields count as null here, so that
    validation, and not this function, reports them.
    """
    url = fields.get("url")
    if isinstance(url, str) and url:
        seed: list[Any] = [url]
        with suppress(ValueError):  # validation reports it
            seed = [canonicalize_url(url)]
    else:
        published = fields.get("published_at")
        if isinstance(published, str):
            with suppress(ValueError):  # validation reports it, with the field's name
                published = parse_instant(published).isoformat()
        seed = [fields.get("source"), fields.get("title"), published]
    return "a-" + hashlib.sha256(canonical_json(seed)).hexdigest()[:32]
