"""Fetching a feed: conditional requests, and limits on size, time and redirects."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

import httpx

from streams import __version__
from streams.core.errors import FeedUnavailable
from streams.feeds.addresses import CheckedTransport, Permit, Resolve, is_public, resolve
from streams.feeds.location import is_url, shown
from streams.feeds.reading import Document

MAX_BYTES = 8 * 1024 * 1024
"""The largest feed that is read, after decompression."""

MAX_REDIRECTS = 5
SILENCE_SECONDS = 10
TOTAL_SECONDS = 30
STOP_LOOK_SECONDS = 0.1

HEADERS = {
    "User-Agent": f"Summitry/{__version__} (feed reader)",
    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1",
    "Accept-Encoding": "gzip",
}


class Fetched(NamedTuple):
    """A feed's document, None if it hasn't changed; and the headers that ask whether it has since."""

    document: Document | None
    validators: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Fetches feeds by URL or from files.

    Addresses outside the open internet are refused unless `permit` says otherwise. Proxies and .netrc of
    the environment are not used: through a proxy no address could be checked. SSL_CERT_FILE is, for
    certificates. `now` dates a Retry-After; `stopped` ends a fetch that is under way.
    """

    now: Callable[[], datetime]
    permit: Permit = is_public
    resolve: Resolve = resolve
    stopped: Callable[[], bool] = lambda: False
    max_bytes: int = MAX_BYTES
    total_seconds: float = TOTAL_SECONDS
    tls: ssl.SSLContext = field(default_factory=httpx.create_ssl_context)

    def fetch(self, location: str, validators: Mapping[str, str]) -> Fetched:
        """The feed at a URL or in a file; raises FeedUnavailable, whose text holds no credentials."""
        if not is_url(location):
            return Fetched(self._read(Path(location)), {})
        return asyncio.run(self._within_limits(location, validators))

    def _read(self, path: Path) -> Document:
        try:
            with path.open("rb") as file:
                body = file.read(self.max_bytes + 1)
        except OSError as error:
            raise FeedUnavailable(f"can't be read: {error.strerror}") from error
        if len(body) > self.max_bytes:
            raise self._too_large()
        return Document(name=str(path), body=body)

    async def _within_limits(self, url: str, validators: Mapping[str, str]) -> Fetched:
        fetching = asyncio.create_task(self._fetch(url, validators))
        stopping = asyncio.create_task(self._until_stopped())
        try:
            await asyncio.wait(
                (fetching, stopping), timeout=self.total_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if fetching.done():
                return fetching.result()
            if stopping.done():
                raise FeedUnavailable("was given up, to end")
            raise FeedUnavailable(f"took more than {self.total_seconds:g} s")
        finally:
            fetching.cancel()
            stopping.cancel()

    async def _until_stopped(self) -> None:
        while not self.stopped():  # noqa: ASYNC110  it is set by a signal, outside this loop
            await asyncio.sleep(STOP_LOOK_SECONDS)

    async def _fetch(self, url: str, validators: Mapping[str, str]) -> Fetched:
        # A connection that is kept would serve any host of the same address, whatever its certificate.
        inner = httpx.AsyncHTTPTransport(
            verify=self.tls, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )
        client = httpx.AsyncClient(
            transport=CheckedTransport(inner, self.permit, self.resolve),
            headers=HEADERS,
            timeout=SILENCE_SECONDS,
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            trust_env=False,
        )
        try:
            async with client, client.stream("GET", url, headers=dict(validators)) as response:
                return await self._answer(url, response, validators)
        except httpx.TooManyRedirects as error:
            raise FeedUnavailable(f"redirects more than {MAX_REDIRECTS} times") from error
        except httpx.TimeoutException as error:
            raise FeedUnavailable(f"nothing came for {SILENCE_SECONDS} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:  # the last: a host that is no name
            raise FeedUnavailable(f"can't be fetched: {error or type(error).__name__}") from error

    async def _answer(self, url: str, response: httpx.Response, validators: Mapping[str, str]) -> Fetched:
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return Fetched(None, validators)
        if response.status_code != httpx.codes.OK:
            reason = f"answers {response.status_code} {response.reason_phrase}".strip()
            raise FeedUnavailable(reason, retry_after(response.headers.get("Retry-After"), self.now()))
        asked = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))
        return Fetched(
            Document(
                name=shown(url),
                body=await self._body(response),
                url=str(response.url.copy_with(userinfo=b"")),
                content_type=response.headers.get("Content-Type", "application/xml"),
            ),
            {
                request: response.headers[answer]
                for answer, request in asked
                if answer in response.headers
                and response.headers[answer].isascii()  # httpx couldn't send others back
            },
        )

    async def _body(self, response: httpx.Response) -> bytes:
        """The body; never more than a chunk beyond the limit is in memory, as httpx's own decoders allow."""
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise FeedUnavailable(f"comes as {encoding}, which wasn't asked for")
        chunks = response.aiter_raw(64 * 1024)
        body = bytearray()
        async for chunk in chunks if encoding == "identity" else self._inflated(chunks):
            body += chunk
            if len(body) > self.max_bytes:
                raise self._too_large()
        return bytes(body)

    async def _inflated(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        inflater = zlib.decompressobj(wbits=31)  # gzip
        try:
            async for chunk in chunks:
                yield inflater.decompress(chunk, self.max_bytes + 1)
        except zlib.error as error:
            raise FeedUnavailable(f"is broken gzip: {error}") from error
        if not inflater.eof:
            raise FeedUnavailable("is broken gzip: it ends too early")

    def _too_large(self) -> FeedUnavailable:
        return FeedUnavailable(f"is larger than {self.max_bytes:,} bytes")


def retry_after(header: str | None, now: datetime) -> timedelta:
    """How long Retry-After asks to wait, given as seconds or as a date; zero if it doesn't say."""
    if header is None:
        return timedelta()
    try:
        wait = timedelta(seconds=int(header))
    except (OverflowError, ValueError):
        try:
            at = parsedate_to_datetime(header)
        except ValueError:
            return timedelta()
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return max(wait, timedelta())
