"""The command line as a user meets it: real processes, their exit codes and what they say."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from conftest import SEEDS

from streams.embedded import free_port


def summitry(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command with no broker anywhere near."""
    settings = {"SUMMITRY_BOOTSTRAP": f"127.0.0.1:{free_port()}"} | environment
    return subprocess.run(
        [sys.executable, "-m", "streams", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        env=os.environ | settings,
    )


@pytest.mark.parametrize(
    "command", [["publish", str(SEEDS)], ["watch"], ["sink"], ["streams", "check"], ["dead-letters", "list"]]
)
def test_without_a_broker_a_command_says_what_to_run(command: list[str], tmp_path: Path) -> None:
    """Exit code 3, one line, no traceback."""
    result = summitry(*command, SUMMITRY_STORE=f"sqlite:///{tmp_path / 's.db'}")
    assert result.returncode == 3
    assert b"run: summitry up" in result.stderr
    assert b"Traceback" not in result.stderr


def test_a_dry_run_needs_no_broker_and_lists_what_is_refused() -> None:
    """Exit code 1 where anything is refused, and the line is named."""
    lines = (
        b'{"title": "T", "text": "x", "source": "s.example", "published_at": "2025-01-21"}\n{"title": 1}\n'
    )
    result = summitry("publish", "-", "--dry-run", stdin=lines)
    assert result.returncode == 1
    assert b"refused -:2: title" in result.stderr
    assert b"1 would be published, 1 refused" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "says"),
    [
        (["publish", "missing.jsonl"], {}, 2, b"no file or folder missing.jsonl"),
        (["publish"], {}, 2, b"Missing argument"),
        (["publish", str(SEEDS), "--now", "2025-01-21"], {}, 2, b"more than 90 days ago"),
        (["alerts", "--since", "yesterday"], {}, 2, b"RFC 3339"),
        (["alerts"], {"SUMMITRY_STORE": "sqlite:///missing.db"}, 1, b"summitry up"),
        (["prune", "--before", "2999-01-01"], {}, 2, b"future"),
        (["prune", "--before", "2024-01-01"], {"SUMMITRY_STORE": "sqlite:///missing.db"}, 1, b"summitry up"),
        (["alerts"], {"SUMMITRY_STORE": "nonsense"}, 1, b"SUMMITRY_STORE"),
        (["streams", "check"], {"SUMMITRY_PARTITIONS": "many"}, 2, b"SUMMITRY_PARTITIONS"),
        (["rules", "check", "missing.toml"], {}, 1, b"missing.toml"),
        (["dead-letters", "redrive"], {}, 2, b"say --all"),
        (["dead-letters", "redrive", "1:2", "--all"], {}, 2, b"say --all"),
        (["dead-letters", "list", "--values"], {}, 2, b"goes with --json"),
        (["up"], {"SUMMITRY_BOOTSTRAP": "kafka.invalid:9092"}, 3, b"unset SUMMITRY_BOOTSTRAP"),
    ],
)
def test_a_mistake_gets_a_line_and_an_exit_code(
    arguments: list[str], environment: dict[str, str], code: int, says: bytes
) -> None:
    """What a user can get wrong never shows a traceback."""
    result = summitry(*arguments, **environment)
    assert (code, True, False) == (result.returncode, says in result.stderr, b"Traceback" in result.stderr)


def test_a_backtest_prints_an_alert_a_line() -> None:
    """Id and body, sorted by window, rule and actors."""
    result = summitry("backtest", str(SEEDS), "--now", "2025-02-01", "--json")
    alerts = [orjson.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0
    keys = [(a["window"]["start"], a["rule"]["id"], [x["id"] for x in a["actors"]]) for a in alerts]
    assert sorted(keys) == keys
    assert {"id", "rule", "actors", "window", "severity", "headline", "summary", "counts"} <= set(alerts[0])
    assert not {"generation", "revision", "closed", "backfill", "state"} & set(alerts[0])
