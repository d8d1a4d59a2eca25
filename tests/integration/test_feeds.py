"""Feeds on a real broker, with the command as a real process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import orjson
import pytest
from feedserver import feed_server
from scenario import read_all
from test_feed_reading import item, rss

from streams import broker as brokers
from streams.settings import Settings
from streams.topology import ARTICLES

pytestmark = [pytest.mark.broker, pytest.mark.timeout(90)]

IMPATIENT = """
import sys, threading
from datetime import timedelta
from streams.cli import feeds, publish
from streams.cli.console import stop_on_signals, utc_now
from streams.publish import publish as send
from streams.settings import Settings
from streams.telemetry.logs import log_as
settings, stop = Settings(), stop_on_signals()
log_as("publish", settings)
deliver = publish.Delivery(send=lambda articles: send(articles, settings, clock=utc_now))
poller = feeds.make_poller(
    sys.argv[1:], defaults={}, interval=timedelta(), allow_private=True, now=None, stopped=stop.is_set
)
feeds.follow(poller, deliver, wait=lambda seconds: stop.wait(0.1))
print(deliver.published, deliver.refused)
"""
"""`publish --follow` as it is, but for the wait between two polls, which is handed in."""


@pytest.fixture
def settings(broker: Settings) -> Settings:
    """Streams of this test's own."""
    own = broker.model_copy(update={"prefix": f"{uuid4().hex[:8]}-"})
    brokers.apply_streams(own)
    return own


def start(settings: Settings, *arguments: str) -> subprocess.Popen[bytes]:
    """Start Python as a process of its own."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=os.environ | settings.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def titles(settings: Settings) -> list[str]:
    """What is on news.articles."""
    return sorted(orjson.loads(record.value)["title"] for record in read_all(settings, ARTICLES))


def wait_until(condition: Callable[[], bool]) -> None:
    """Look until it holds; fail after a while."""
    deadline = monotonic() + 30
    while not condition():
        assert monotonic() < deadline, "it didn't happen"
        sleep(0.05)


def test_a_feed_in_a_file_is_published(settings: Settings, tmp_path: Path) -> None:
    """Together with a path; what is refused is said, and the rest is on news.articles."""
    feed = tmp_path / "feed.xml"
    feed.write_text(rss(item(title="From a feed"), item(pubDate="", link="https://daily.example/2")))
    note = tmp_path / "note.txt"
    note.write_text("From a file\nText.")
    process = start(
        settings, "-m", "streams", "publish", str(note), "--feed", str(feed),
        "--source", "daily.example", "--published-at", "2025-01-21", "--dry-run",
    )  # fmt: skip
    _, stderr = process.communicate()
    assert (0, b"3 would be published, 0 refused\n", []) == (process.returncode, stderr, titles(settings))
    process = start(settings, "-m", "streams", "publish", "--feed", str(feed))
    _, stderr = process.communicate()
    assert process.returncode == 1
    assert b"entry https://daily.example/2: published_at: field required" in stderr
    assert b"1 published, 1 refused" in stderr
    (record,) = read_all(settings, ARTICLES)
    sent = orjson.loads(record.value)
    assert ("From a feed", sent["id"].encode()) == (sent["title"], record.key)


def test_following_publishes_what_is_added_and_ends_on_sigterm(settings: Settings) -> None:
    """Two polls and an entry between: each is published once; a feed that fails is said once."""
    with feed_server() as server:
        url = server.serve("/feed", rss(item(title="First")).encode())
        broken = server.serve("/broken", status=503)
        process = start(settings, "-c", IMPATIENT, url, broken)
        try:
            wait_until(lambda: titles(settings) == ["First"])
            later = item(title="Second", link="https://daily.example/2")
            server.serve("/feed", rss(later, item(title="First")).encode())
            wait_until(lambda: titles(settings) == ["First", "Second"])
            polls = len(server.requests)
            wait_until(lambda: len(server.requests) > polls + 3)
        finally:
            process.send_signal(signal.SIGTERM)
            stdout, stderr = process.communicate(timeout=20)
    assert (0, b"2 1\n") == (process.returncode, stdout)
    assert stderr.count(b"answers 503") == 1
    assert titles(settings) == ["First", "Second"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_that_follows_ends_with_its_counts(settings: Settings, number: int) -> None:
    """On Ctrl-C and SIGTERM, in the middle of its wait."""
    with feed_server() as server:
        url = server.serve("/feed", rss(item()).encode())
        process = start(settings, "-m", "streams", "publish", "--feed", url, "--allow-private", "--follow")
        try:
            wait_until(lambda: titles(settings) == ["News"])
        finally:
            process.send_signal(number)
            _, stderr = process.communicate(timeout=20)
    assert (0, b"1 published, 0 refused\n") == (process.returncode, stderr)
