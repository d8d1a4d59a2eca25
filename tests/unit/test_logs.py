"""What log lines look like, to people and to programs."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import free_ports

from streams.settings import Settings
from streams.telemetry.logs import _Console, _Json, about


def record(**fields: object) -> logging.LogRecord:
    """A line of the worker's, with these fields."""
    made = logging.makeLogRecord({"name": "streams.worker.app", "levelno": 30, "levelname": "WARNING"})
    made.__dict__.update(
        {"msg": "dead letter: %s", "args": ("no title",), "created": 1_764_000_000.25} | fields
    )
    return made


def test_a_json_line_is_one_object_with_the_article_as_a_field() -> None:
    """Time in RFC 3339 and UTC; nothing else unless there is more to say."""
    line = _Json("entities").format(record(**about("a-7")))
    assert json.loads(line) == {
        "time": "2025-11-24T16:00:00.250Z",
        "level": "WARNING",
        "logger": "streams.worker.app",
        "message": "dead letter: no title",
        "process": "entities",
        "article": "a-7",
    }


def test_a_failure_stays_one_line() -> None:
    """The traceback is a field."""
    try:
        int("no\nmore")
    except ValueError as error:
        line = _Json("sink").format(record(exc_info=(type(error), error, error.__traceback__)))
    assert "\n" not in line
    assert json.loads(line)["exception"].endswith(
        r"""ValueError: invalid literal for int() with base 10: 'no\nmore'"""
    )


def test_people_see_the_article_too() -> None:
    """At the end of the line; what it holds can't steer a terminal."""
    assert (
        _Console("entities").format(record(**about("a-7"))).endswith(" dead letter: no title [article a-7]")
    )
    assert _Console("entities").format(record(**about(None, b"\x1b[2J"))).endswith("[article \ufffd[2J]")
    assert _Console("entities").format(record(**about(None))).endswith("no title")


def test_nothing_that_is_logged_steers_a_terminal_or_forges_a_line() -> None:
    """A message may quote anybody, and so may an error; only a traceback and a library take several lines."""
    hostile = record(args=("\x1b]0;x\x07\u202e\r\n12:00:00 sink CRITICAL lost",))
    line = _Console("entities").format(hostile)
    assert line.endswith("dead letter: \ufffd]0;x\ufffd\ufffd\ufffd\ufffd12:00:00 sink CRITICAL lost")
    error = ValueError("\x9b31m\u2066")
    failed = _Console("entities").format(record(exc_info=(ValueError, error, None)))
    assert failed.splitlines()[1:] == ["ValueError: \ufffd31m\ufffd"]
    assert "\n  a" in _Console("entities").format(record(name="faust", args=("table:\n  a",)))


@pytest.mark.parametrize(
    ("article", "key", "field"),
    [("a", b"k", "a"), (None, b"k", "k"), (None, b"\xff", "\ufffd"), (None, None, None)],
)
def test_an_article_is_named_by_its_id_or_its_records_key(
    article: str | None, key: bytes | None, field: str | None
) -> None:
    """A record that can't be read has only its key."""
    assert about(article, key).get("article") == field


def test_how_a_process_ends_is_a_json_line_too(tmp_path: Path) -> None:
    """Whoever collects the lines can read the reason; the exit code stays what it is."""
    settings = Settings(
        bootstrap=f"127.0.0.1:{free_ports()}",
        log_format="json",
        http_port=0,
        store=f"sqlite:///{tmp_path / 's.db'}",
    )
    ended = subprocess.run(
        [sys.executable, "-m", "streams", "sink"],
        env=os.environ | settings.environment(),
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 3
    last = [json.loads(line) for line in ended.stderr.splitlines()][-1]
    assert (last["level"], last["process"]) == ("CRITICAL", "sink")
    assert settings.bootstrap in last["message"]
