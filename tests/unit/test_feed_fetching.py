"""Fetching feeds from a real server: politely, and from nowhere that isn't meant."""

import gzip
import ipaddress
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from absent import NotHere, needed
from conftest import NOW
from feedserver import Answer, FeedServer, feed_server

from streams import __version__
from streams.core.errors import FeedUnavailable, InvalidCorpus
from streams.feeds.addresses import Address, is_public
from streams.feeds.fetching import Fetched, Fetcher, retry_after
from streams.feeds.location import check_location, shown

BODY = b"<rss version='2.0'><channel></channel></rss>"
LOCAL = ipaddress.ip_address("127.0.0.1")


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A server of this test's own."""
    with feed_server() as running:
        yield running


def fetch(url: str, validators: Mapping[str, str] | None = None, **options: Any) -> Fetched:
    """Fetch with no addresses barred unless the options do."""
    given = {"now": lambda: NOW, "permit": lambda _: True} | options
    return Fetcher(**given).fetch(url, validators or {})


def body(fetched: Fetched) -> bytes:
    """What came."""
    assert fetched.document is not None
    return fetched.document.body


def test_a_feed_is_asked_for_by_name_and_fetched_once(server: FeedServer) -> None:
    """The second request is conditional, and 304 means that there is nothing to read."""

    def answer(headers: Mapping[str, str]) -> Answer:
        changed = headers.get("If-None-Match") != '"1"' or "If-Modified-Since" not in headers
        validators = {"ETag": '"1"', "Last-Modified": "Tue, 21 Jan 2025 12:00:00 GMT"}
        return Answer(BODY, 200, validators) if changed else Answer(b"", 304)

    server.answers["/feed"] = answer
    first = fetch(server.url("/feed"))
    assert body(first) == BODY
    again = fetch(server.url("/feed"), first.validators)
    assert (None, first.validators) == (again.document, again.validators)
    assert {f"Summitry/{__version__} (feed reader)"} == {h["User-Agent"] for _, h in server.requests}


def test_an_etag_that_cannot_be_sent_back_is_forgotten(server: FeedServer) -> None:
    """The feed is then fetched whole each time."""
    server.serve("/feed", BODY, ETag='"é"')
    assert fetch(server.url("/feed")).validators == {}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1"])
def test_a_private_address_is_refused_however_it_is_written(server: FeedServer, host: str) -> None:
    """No request is made."""
    server.serve("/feed", BODY)
    with pytest.raises(FeedUnavailable, match="isn't on the open internet"):
        fetch(server.url("/feed", host), permit=is_public)
    assert server.requests == []


def test_a_redirect_to_a_private_address_is_refused(server: FeedServer) -> None:
    """Each hop is checked anew: here only 127.0.0.1 is allowed."""
    server.serve("/feed", status=302, Location=server.url("/secret", "127.0.0.2"))
    with pytest.raises(FeedUnavailable, match=r"127\.0\.0\.2 isn't on the open internet"):
        fetch(server.url("/feed"), permit=lambda address: address == LOCAL)


def test_a_host_with_one_private_address_is_refused(server: FeedServer) -> None:
    """Every address is checked, not only the one that would be used."""
    server.serve("/feed", BODY)

    async def both(_: str) -> list[Address]:
        return [LOCAL, ipaddress.ip_address("10.0.0.1")]

    with pytest.raises(FeedUnavailable, match=r"feeds\.example \(10\.0\.0\.1\)"):
        fetch(server.url("/feed", "feeds.example"), resolve=both, permit=lambda address: address == LOCAL)
    assert server.requests == []


def test_the_connection_goes_to_an_address_that_was_checked(server: FeedServer) -> None:
    """A name is resolved once, so that it can't be pointed elsewhere after the check (DNS rebinding)."""
    server.serve("/feed", BODY)
    checked = []
    addresses = iter([[LOCAL], [ipaddress.ip_address("127.0.0.2")]])

    async def rebound(_: str) -> list[Address]:
        return next(addresses)

    def permit(address: Address) -> bool:
        checked.append(address)
        return True

    assert body(fetch(server.url("/feed", "feeds.example"), resolve=rebound, permit=permit)) == BODY
    ((_, headers),) = server.requests
    assert (f"feeds.example:{server.server_port}", [LOCAL]) == (headers["Host"], checked)
    assert len(list(addresses)) == 1


def test_the_next_address_is_tried_where_one_is_down(server: FeedServer) -> None:
    """As a host with two addresses deserves."""
    server.serve("/feed", BODY)

    async def two(_: str) -> list[Address]:
        return [ipaddress.ip_address("127.0.0.9"), LOCAL]

    assert body(fetch(server.url("/feed", "feeds.example"), resolve=two)) == BODY


def test_a_certificate_is_held_against_the_name_not_the_address(server: FeedServer, tmp_path: Path) -> None:
    """Though the connection goes to an address; a name that isn't in the certificate is refused."""
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    with needed():
        if which("openssl") is None:
            raise NotHere("openssl isn't installed")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
         "-subj", "/CN=test", "-addext", "subjectAltName=DNS:feeds.example", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve("/feed", BODY)
    trust = ssl.create_default_context(cafile=certificate)

    async def here(_: str) -> list[Address]:
        return [LOCAL]

    for host, good in (("feeds.example", True), ("other.example", False), ("127.0.0.1", False)):
        url = server.url("/feed", host).replace("http:", "https:")
        if good:
            assert body(fetch(url, resolve=here, tls=trust)) == BODY
        else:
            with pytest.raises(FeedUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
                fetch(url, resolve=here, tls=trust)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("192.168.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),
    ],
)
def test_special_addresses_are_known(address: str, public: bool) -> None:
    """Private, loopback, link-local, shared, multicast; and those that carry such a one."""
    assert is_public(ipaddress.ip_address(address)) == public


@pytest.mark.parametrize(
    "target", ["ftp://127.0.0.1/feed", "file:///etc/hostname", "http://xn--/", "http://[bad"]
)
def test_a_redirect_to_elsewhere_is_an_error_of_the_feed(server: FeedServer, target: str) -> None:
    """Only http and https are followed, and only to a host."""
    server.serve("/feed", status=302, Location=target)
    with pytest.raises(FeedUnavailable, match=r"leads to|can't be fetched|has no address"):
        fetch(server.url("/feed"))


def test_redirects_are_followed_five_times(server: FeedServer) -> None:
    """The document's own URL, which relative links follow, is the last one."""
    for hop in range(6):
        server.serve(f"/{hop}", status=301, Location=f"/{hop + 1}")
    server.serve("/6", BODY)
    fetched = fetch(server.url("/1"))
    assert fetched.document is not None
    assert (BODY, server.url("/6")) == (fetched.document.body, fetched.document.url)
    with pytest.raises(FeedUnavailable, match="more than 5 times"):
        fetch(server.url("/0"))


def test_a_feed_that_is_too_large_is_given_up(server: FeedServer) -> None:
    """However it is sent: this one has no end."""

    def endless() -> Iterator[bytes]:
        while not server.stopping.is_set():
            yield b" " * 65_536

    server.answers["/feed"] = lambda _: Answer(endless())
    with pytest.raises(FeedUnavailable, match="larger than 1,000,000 bytes"):
        fetch(server.url("/feed"), max_bytes=1_000_000)


def test_gzip_is_read_and_a_gzip_bomb_is_given_up(server: FeedServer) -> None:
    """The limit counts what comes out."""
    server.serve("/feed", gzip.compress(BODY), Content_Encoding="gzip")
    assert body(fetch(server.url("/feed"))) == BODY
    server.serve("/bomb", gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")
    with pytest.raises(FeedUnavailable, match="larger than 8,388,608 bytes"):
        fetch(server.url("/bomb"))


@pytest.mark.parametrize(
    ("encoding", "sent", "says"),
    [
        ("zstd", BODY, "comes as zstd"),
        ("gzip, gzip", BODY, "comes as gzip, gzip"),
        ("gzip", BODY, "broken gzip"),
        ("gzip", gzip.compress(BODY)[:-9], "ends too early"),
    ],
)
def test_what_cannot_be_inflated_is_said(server: FeedServer, encoding: str, sent: bytes, says: str) -> None:
    """Nested and unasked-for encodings are not even tried."""
    server.serve("/feed", sent, Content_Encoding=encoding)
    with pytest.raises(FeedUnavailable, match=says):
        fetch(server.url("/feed"))


def test_a_feed_that_drips_is_given_up_in_time(server: FeedServer) -> None:
    """The time limit is for the whole, since a byte now and then would never time out."""

    def drip() -> Iterator[bytes]:
        while not server.stopping.wait(0.02):
            yield b" "

    server.answers["/feed"] = lambda _: Answer(drip())
    began = time.monotonic()
    with pytest.raises(FeedUnavailable, match=r"more than 0\.3 s"):
        fetch(server.url("/feed"), total_seconds=0.3)
    assert time.monotonic() - began < 5


def test_a_fetch_ends_when_it_is_to_stop(server: FeedServer) -> None:
    """Ctrl-C doesn't wait for a server that says nothing."""

    def silence() -> Iterator[bytes]:
        server.stopping.wait()
        yield from ()

    server.answers["/feed"] = lambda _: Answer(silence())
    with pytest.raises(FeedUnavailable, match="given up"):
        fetch(server.url("/feed"), stopped=lambda: bool(server.requests))


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_says_when_to_come_back(server: FeedServer, status: int) -> None:
    """Retry-After is handed on."""
    server.serve("/feed", status=status, Retry_After="120")
    with pytest.raises(FeedUnavailable, match=f"answers {status}") as caught:
        fetch(server.url("/feed"))
    assert caught.value.retry_after == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("90", 90),
        ("-5", 0),
        ("soon", 0),
        ("9" * 30, 0),
        ("Thu, 01 Jan 2026 00:10:00 GMT", 600),
        ("Thu, 01 Jan 2026 00:10:00 -0000", 600),
        ("Tue, 21 Jan 2025 12:00:00 GMT", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: int) -> None:
    """What is neither, or past, asks for nothing."""
    assert retry_after(header, datetime(2026, 1, 1, tzinfo=UTC)) == timedelta(seconds=seconds)


def test_no_proxy_of_the_environment_is_used(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through one no address could be checked."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "SUMMITRY_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.serve("/feed", BODY)
    assert body(fetch(server.url("/feed"))) == BODY


def test_credentials_are_sent_and_never_shown(server: FeedServer) -> None:
    """Neither in the document's name and URL nor in what is said of a failure."""
    secret = server.url("/feed?key=s3cret", "ann:s3cret@127.0.0.1")
    server.serve("/feed?key=s3cret", BODY)
    document = fetch(secret).document
    assert document is not None
    assert "Authorization" in server.requests[0][1]
    assert document.name == f"http://127.0.0.1:{server.server_port}/feed?…"
    server.serve("/feed?key=s3cret", status=500)
    with pytest.raises(FeedUnavailable) as caught:
        fetch(secret)
    assert "s3cret" not in str(caught.value) + shown(secret)


def test_a_file_is_read_under_the_same_limit(tmp_path: Path) -> None:
    """It needs no network."""
    path = tmp_path / "feed.xml"
    path.write_bytes(BODY)
    assert body(fetch(str(path))) == BODY
    with pytest.raises(FeedUnavailable, match="larger than 10 bytes"):
        fetch(str(path), max_bytes=10)
    with pytest.raises(FeedUnavailable, match="can't be read"):
        fetch(str(tmp_path / "missing.xml"))


@pytest.mark.parametrize(
    "location", ["missing.xml", "ftp://a.example/", "http://", "http://xn--/", "http://a:b/"]
)
def test_what_cannot_be_a_feed_is_said_before_anything_is_fetched(location: str) -> None:
    """A typing error publishes nothing."""
    with pytest.raises(InvalidCorpus):
        check_location(location)
