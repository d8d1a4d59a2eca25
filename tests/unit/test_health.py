"""What a process's vitals say of its health, and the server that tells it."""

import http.client
import json
import socket
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import free_ports

from streams.cli.main import _exit_code, summitry
from streams.core.errors import NothingAnswers
from streams.core.frontier import Frontier
from streams.settings import Settings
from streams.sink.progress import HoleWatch, lag
from streams.sink.report import Report
from streams.telemetry.health import (
    HOLE_SECONDS,
    LONG_RUN,
    OUTBOX_SECONDS,
    SILENT_SECONDS,
    STUCK_SECONDS,
    Check,
    Hole,
    SinkVitals,
    WorkerVitals,
    liveness,
    sink_checks,
    worker_checks,
)

NOW = 1_000.0


def worker(**noted: Any) -> WorkerVitals:
    """A worker that does well, but for what is given."""
    return WorkerVitals(**({"turned_at": NOW, "partitions": 3, "answered_at": NOW} | noted))


def sink(**noted: Any) -> SinkVitals:
    """A sink that holds the lease and does well, but for what is given."""
    return SinkVitals(**({"turned_at": NOW, "holds_lease": True} | noted))


def failing(checks: list[Check]) -> dict[str, str]:
    """The checks that don't hold, and why."""
    return {check.name: check.detail for check in checks if not check.holds}


@pytest.mark.parametrize(
    ("noted", "fails"),
    [
        ({}, set()),
        ({"partitions": 0}, set()),
        ({"turned_at": None}, {"loop"}),
        ({"turned_at": NOW - STUCK_SECONDS}, {"loop"}),
        ({"partitions": None}, {"group"}),
        ({"answered_at": None}, {"broker"}),
        ({"answered_at": NOW - SILENT_SECONDS}, {"broker"}),
        ({"answered_at": NOW - SILENT_SECONDS + 1}, set()),
        ({"dead_letter_run": LONG_RUN - 1}, set()),
        ({"dead_letter_run": LONG_RUN}, {"dead letters"}),
        ({"failure": "ends"}, {"app"}),
    ],
)
def test_a_worker_is_ready_when_all_is_well(noted: dict[str, Any], fails: set[str]) -> None:
    """It has joined, with partitions or waiting for some; the broker answers; articles can be read."""
    assert set(failing(worker_checks(worker(**noted), NOW))) == fails


@pytest.mark.parametrize(
    ("noted", "fails"),
    [
        ({}, set()),
        ({"turned_at": None}, {"loop"}),
        ({"turned_at": NOW - STUCK_SECONDS}, {"loop"}),
        ({"holds_lease": False}, {"lease"}),
        ({"holds_lease": False, "holder": "another"}, set()),
        ({"store_problem": "disk full"}, {"store"}),
        ({"broker_problem": "away"}, {"broker"}),
        ({"waiting": 4, "waits_since": NOW - 1}, set()),
        ({"waiting": 4, "waits_since": NOW - OUTBOX_SECONDS}, {"outbox"}),
        ({"holes": {"topics": Hole(2, HOLE_SECONDS - 1)}}, set()),
        ({"holes": {"topics": Hole(2, HOLE_SECONDS)}}, {"holes"}),
    ],
)
def test_a_sink_is_ready_when_it_works_or_stands_by(noted: dict[str, Any], fails: set[str]) -> None:
    """Store and broker answer, the outbox moves, no hole stays."""
    assert set(failing(sink_checks(sink(**noted), NOW))) == fails


def test_a_check_that_fails_says_why() -> None:
    """With the figures that somebody needs who looks into it."""
    vitals = sink(holes={"topics": Hole(2, 61.4)}, store_problem="disk full", waiting=7, waits_since=NOW - 40)
    assert failing(sink_checks(vitals, NOW)) == {
        "store": "disk full",
        "outbox": "7 wait, the first for 40 s",
        "holes": "topics has left out 2 articles for 61 s",
    }
    vitals = SinkVitals(turned_at=NOW, holder="b")
    assert Check("lease", holds=True, detail="stands by: b holds it") in sink_checks(vitals, NOW)


def test_what_has_not_begun_to_turn_lives() -> None:
    """Loading models, or reading all that is stored by new rules, may take long."""
    assert not failing(liveness(None, NOW))
    assert not failing(liveness(NOW - STUCK_SECONDS + 1, NOW))
    assert failing(liveness(NOW - STUCK_SECONDS, NOW))


def test_lag_counts_what_is_not_answered_without_a_hole() -> None:
    """Also of a stage that has answered nothing, and beyond an end that the broker knows too early."""
    frontiers = {
        ("entities", 0): Frontier(10),
        ("entities", 1): Frontier(3, ((5, 8),)),
        ("topics", 0): Frontier(4),
    }
    assert lag(frontiers, {0: 10, 1: 6}) == {"entities": 5, "sentiment": 18, "topics": 14}


def test_a_hole_ages_until_it_closes() -> None:
    """It is the same one as long as its stage's frontier stands where it stood."""
    watch = HoleWatch()
    place = ("topics", 1)
    assert watch.look({place: Frontier(3, ((5, 6), (9, 10)))}, 50.0)["topics"] == Hole(5, 0.0)
    assert watch.look({place: Frontier(3, ((5, 6), (8, 10)))}, 57.0)["topics"] == Hole(4, 7.0)
    assert watch.look({place: Frontier(6, ((8, 10),))}, 60.0)["topics"] == Hole(2, 0.0)
    assert watch.look({place: Frontier(10)}, 61.0)["topics"] == Hole()


def test_an_outbox_that_moves_is_not_stuck() -> None:
    """What counts is how long the same message has been the first."""
    report = Report()
    report.waits(1, 3)
    since = report.vitals.waits_since
    report.waits(1, 5)
    assert report.vitals.waits_since == since
    report.waits(4, 2)
    assert report.vitals.waits_since != since
    report.waits(None, 0)
    assert (report.vitals.waits_since, report.vitals.waiting) == (None, 0)


@pytest.fixture
def served() -> tuple[Report, Settings]:
    """A sink's report, served on a port of its own."""
    settings = Settings(http_port=free_ports())
    return Report.served(settings), settings


def get(settings: Settings, path: str) -> tuple[int, bytes]:
    """Status and body of a page."""
    connection = http.client.HTTPConnection(settings.http_host, settings.http_port, timeout=5)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


def test_health_is_an_answer_with_a_status(served: tuple[Report, Settings]) -> None:
    """200 or 503, and each check in JSON; anything else is 404."""
    report, settings = served
    status, body = get(settings, "/health/ready")
    assert (status, json.loads(body)["ready"]) == (503, False)
    assert get(settings, "/health/live")[0] == 200
    report.stands_by("another")
    status, body = get(settings, "/health/ready")
    assert (status, json.loads(body)["process"]) == (200, "sink")
    assert {"check": "lease", "holds": True, "detail": "stands by: another holds it"} in json.loads(body)[
        "checks"
    ]
    assert get(settings, "/health/")[0] == get(settings, "/")[0] == 404


def test_a_port_that_is_taken_is_one_warning(
    served: tuple[Report, Settings], caplog: pytest.LogCaptureFixture
) -> None:
    """Naming the port and the setting; the process goes on without."""
    _, settings = served
    Report.served(settings)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert str(settings.http_port) in record.getMessage()
    assert "SUMMITRY_HTTP_PORT" in record.getMessage()


def test_the_command_tells_what_the_process_tells(
    served: tuple[Report, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table or JSON, and an exit code: 0 ready, 1 not."""
    report, settings = served
    monkeypatch.setenv("SUMMITRY_HTTP_PORT", str(settings.http_port))
    monkeypatch.setenv("SUMMITRY_HTTP_HOST", "0.0.0.0")
    result = CliRunner().invoke(summitry, ["health", "sink", "--json"], standalone_mode=False)
    assert result.return_value == 1
    assert json.loads(result.output)["ready"] is False
    report.stands_by("another")
    result = CliRunner().invoke(summitry, ["health", "sink"], standalone_mode=False)
    assert result.return_value == 0
    assert "stands by: another holds it" in result.output


def test_the_command_says_that_nothing_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3: nobody listens, somebody else does, or nothing is served at all."""
    port = free_ports()
    with socket.create_server(("127.0.0.1", port + 1)) as mute:
        monkeypatch.setattr("streams.cli.health.PATIENCE_SECONDS", 0.2)
        for name, base in (("sink", port), ("entities", port), ("sink", 0)):
            monkeypatch.setenv("SUMMITRY_HTTP_PORT", str(base))
            result = CliRunner().invoke(summitry, ["health", name], standalone_mode=False)
            assert isinstance(result.exception, NothingAnswers)
            assert _exit_code(result.exception) == 3
        assert mute.fileno() > 0
