"""Dead letters through the command line, beside a pipeline that runs."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from conftest import Stack
from scenario import read_all, wait_until
from test_seeds import seeds

from streams import broker, deadletters
from streams.core.alert import Alert
from streams.core.deadletter import MAX_REDRIVES
from streams.core.deadletters import short_name
from streams.replay import differences, pipeline, run
from streams.settings import Settings
from streams.store.reading import read_alerts
from streams.topology import ARTICLES, DEAD_LETTERS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

EMBEDDED = pytest.mark.parametrize("stack", ["embedded-sqlite"], indirect=True)
"""What test_poison.py does on Apache Kafka with PostgreSQL too, with more records."""
POISON = b'\x00{"id": \xff\x1b[31m}'
TOO_LARGE = b"x" * 1_200_000
ODD: list[tuple[bytes | None, bytes | None]] = [
    (b"null", None),
    (b"empty", b""),
    (None, b"without a key"),
    (b"large", TOO_LARGE),
]


def dead_letters(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run `summitry dead-letters` with these settings."""
    return summitry(settings, "dead-letters", *arguments)


def summitry(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command with these settings."""
    return subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        capture_output=True,
        check=False,
        env=os.environ | settings.environment(),
    )


def listed(settings: Settings, *arguments: str) -> list[dict[str, Any]]:
    """The letters that `list --json` prints."""
    result = dead_letters(settings, "list", "--json", *arguments)
    assert result.returncode == 0, result.stderr.decode()
    return [orjson.loads(line) for line in result.stdout.splitlines()]


def wait_for_open(settings: Settings, attempts: list[int]) -> None:
    """Wait until the open letters are as many as this, with these attempts."""

    def there() -> bool:
        return attempts == [one.letter.attempts for one in deadletters.read(settings) if one.state == "open"]

    wait_until(there, 30, f"open letters with {attempts} attempts")


def send(settings: Settings, records: list[tuple[bytes | None, bytes | None]], stream: str) -> None:
    """Put keys and values on a stream as they are."""
    producer = broker.producer(settings, max_request_size=2 * 1024 * 1024)
    for key, value in records:
        producer.send(settings.prefix + stream, key=key, value=value).get(timeout=10)
    producer.close()


@EMBEDDED
def test_what_stays_bad_is_refused_after_three_redrives(stack: Stack) -> None:
    """Each redrive puts the same bytes under the same key; each failure is a letter with the attempt."""
    with pipeline(stack.broker, store=stack.store) as running:
        settings = running.settings
        send(settings, [(b"k", POISON)], ARTICLES.name)
        for attempts in range(MAX_REDRIVES + 1):
            wait_for_open(settings, [attempts])
            (letter,) = (one.letter for one in deadletters.read(settings) if one.state == "open")
            result = dead_letters(settings, "redrive", short_name(letter))
            if attempts < MAX_REDRIVES:
                assert (result.returncode, result.stderr) == (0, b"1 redriven, 0 refused\n")
        assert result.returncode == 1
        assert f"refused {letter.identity}: it was redriven 3 times".encode() in result.stderr
        assert b"0 redriven, 1 refused" in result.stderr
        articles = read_all(settings, ARTICLES)
        assert [(record.key, record.value) for record in articles] == [(b"k", POISON)] * (MAX_REDRIVES + 1)
        everything = listed(settings, "--all")
        assert [one["state"] for one in everything] == ["redriven"] * MAX_REDRIVES + ["open"]
        again = dead_letters(settings, "redrive", everything[0]["identity"])
        assert (again.returncode, b"redriven already" in again.stderr) == (1, True)

        table = dead_letters(settings, "list").stdout.decode()
        assert f"entities  {short_name(letter)}" in table
        assert "not JSON" in table
        shown = dead_letters(settings, "show", letter.identity).stdout
        assert b"3 of 3, last from " in shown
        assert b'{"id": \\xff[31m}' in shown
        assert b"\x1b" not in shown


@EMBEDDED
def test_odd_records_are_told_apart_and_come_back_as_they_were(stack: Stack) -> None:
    """Null, empty, without a key, too large for a letter; and what somebody else wrote there."""
    with pipeline(stack.broker, store=stack.store) as running:
        settings = running.settings
        send(settings, [(b"foreign", b"hello")], DEAD_LETTERS.name)
        send(settings, ODD, ARTICLES.name)
        wait_for_open(settings, [0] * len(ODD))
        sizes = {None: None, b"": 0, b"without a key": 13, TOO_LARGE: len(TOO_LARGE)}
        letters = listed(settings, "--values")
        assert {str(one["value_bytes"]) for one in letters} == {str(size) for size in sizes.values()}
        assert [one["value_bytes"] for one in letters if not one["kept"]] == [len(TOO_LARGE)]
        (large,) = (one for one in letters if not one["kept"])
        assert dead_letters(settings, "show", large["identity"], "--raw").stdout == TOO_LARGE

        assert dead_letters(settings, "redrive", "--all", "--dry-run").stdout.count(b"/entities\n") == len(
            ODD
        )
        assert len(read_all(settings, ARTICLES)) == len(ODD)
        result = dead_letters(settings, "redrive", "--all", "--rate", "100")
        assert result.returncode == 0
        assert b"4 redriven, 0 refused" in result.stderr
        assert b"no dead letter: " in result.stderr
        found = sorted(((record.key, record.value) for record in read_all(settings, ARTICLES)), key=repr)
        assert found == sorted(ODD * 2, key=repr)
        wait_for_open(settings, [1] * len(ODD))


def test_what_was_refused_too_early_becomes_alerts_when_it_is_redriven(
    stack: Stack, expected: list[Alert]
) -> None:
    """Articles from the future are dead letters; once their time has come, a redrive is all they need."""
    early = datetime(2024, 1, 1, tzinfo=UTC)
    with pipeline(stack.broker, store=stack.store) as running:
        assert run(running, seeds(), clock=lambda: early, timeout_seconds=60) == []
        letters = listed(running.settings, "--stage", "entities", "--reason", "after the article was sent")
        assert {article.id for article in seeds()} == {letter["article"] for letter in letters}
        result = dead_letters(running.settings, "redrive", "--all")
        assert (result.returncode, f"{len(seeds())} redriven".encode() in result.stderr) == (0, True)
        wait_until(
            lambda: differences(read_alerts(running.engine), expected) == [], 60, "the alerts of the backtest"
        )
        assert listed(running.settings) == []
        status = summitry(running.settings, "status", "--json")
        told = orjson.loads(status.stdout)["streams"]["dead_letters"]
        assert told == {"count": 2 * len(seeds()), "newest": None}  # the letters, and that each was redriven
