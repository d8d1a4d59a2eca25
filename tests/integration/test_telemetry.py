"""What real processes tell of themselves while the seeds pass through them."""

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from brokers.embedded_broker import embedded_broker
from conftest import NOW, Stack, free_ports
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from scenario import send
from test_operations import promtool
from test_pipeline import GARBAGE
from test_seeds import seeds

from streams import broker as brokers
from streams.processes import pipeline_child, start_pipeline, supervised
from streams.publish import publish
from streams.settings import Settings
from streams.supervisor import Supervisor
from streams.telemetry.server import PROCESSES, port_of

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]
DEADLINE_SECONDS = 90

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass(frozen=True)
class Served:
    """A pipeline whose processes serve their metrics and health."""

    supervisor: Supervisor
    settings: Settings

    def page(self, process: str, path: str) -> tuple[int, bytes]:
        """Status and body of a page; (0, b"") as long as nothing answers."""
        connection = http.client.HTTPConnection("127.0.0.1", port_of(process, self.settings), timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def until(self, done: Callable[[], bool], what: str) -> None:
        """Look until `done`, while the processes are kept running."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not done():
            self.supervisor.look()
            assert time.monotonic() < deadline, what
            time.sleep(0.1)

    def ready(self, process: str) -> bool:
        """Whether a process says that it is ready."""
        return self.page(process, "/health/ready")[0] == 200

    def fails(self, process: str) -> set[str]:
        """The checks of a process that don't hold."""
        answer = json.loads(self.page(process, "/health/ready")[1])
        return {check["check"] for check in answer["checks"] if not check["holds"]}

    def series(self, process: str) -> Series:
        """Every sample that a process tells."""
        text = self.page(process, "/metrics")[1].decode()
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


def of(series: Series, name: str, **labels: str) -> float | None:
    """The sample with these labels, if there is one."""
    return series.get((name, frozenset(labels.items())))


@contextmanager
def serving(broker: Settings, store: str, **changes: Any) -> Iterator[Served]:
    """A pipeline of its own on the tests' broker, ready when the block begins."""
    settings = broker.model_copy(
        update={
            "prefix": f"telemetry-{secrets.token_hex(4)}.",
            "store": SecretStr(store),
            "http_port": free_ports(),
        }
        | changes
    )
    brokers.apply_streams(settings)
    try:
        with supervised() as supervisor:
            start_pipeline(supervisor, settings)
            served = Served(supervisor, settings)
            served.until(lambda: all(served.ready(name) for name in PROCESSES), "not all are ready")
            yield served
    finally:
        brokers.delete_streams(settings)


def test_what_is_told_is_what_happened(stack: Stack, capfd: pytest.CaptureFixture[str]) -> None:
    """Each article, dead letter, facet and revision is counted once, and at rest nothing lags.

    Every line logged is JSON, and each of a dead letter names the article by its record's key.
    """
    articles = seeds()
    with serving(stack.broker, stack.store, log_format="json") as served:
        send(served.settings, GARBAGE)
        assert len(list(publish(articles, served.settings, clock=lambda: NOW))) == len(articles)
        records = len(articles) + len(GARBAGE)

        def drained() -> bool:
            sink = served.series("sink")
            applied = [of(sink, "summitry_facets_applied_total", stage=stage) for stage in PROCESSES[1:]]
            lag = [of(sink, "summitry_stage_lag_articles", stage=stage) for stage in PROCESSES[1:]]
            waiting = of(sink, "summitry_outbox_waiting")
            return applied == [records] * 3 and not any(lag) and not waiting

        served.until(drained, "not drained")
        sink = served.series("sink")
        assert of(sink, "summitry_lease_held") == 1
        assert of(sink, "summitry_revisions_total", change="opened")
        for stage in PROCESSES[1:]:
            assert of(sink, "summitry_stage_holes", stage=stage) == 0
            worker = served.series(stage)
            read = {
                outcome: of(worker, "summitry_articles_total", stage=stage, outcome=outcome)
                for outcome in ("ok", "empty", "rejected")
            }
            assert sum(count or 0 for count in read.values()) == records
            assert read["rejected"] == len(GARBAGE)
            assert of(worker, "summitry_article_reading_seconds_count", stage=stage) == records
            letters = len(GARBAGE) if stage == "entities" else 0
            assert of(worker, "summitry_dead_letters_total", stage=stage) == letters
            assert of(worker, "summitry_deliveries_in_flight", stage=stage) == 0
            assert (
                abs((of(worker, "summitry_last_article_timestamp_seconds", stage=stage) or 0) - time.time())
                < 90
            )
        for process in PROCESSES:
            assert of(served.series(process), "process_resident_memory_bytes")
            assert served.page(process, "/health/live")[0] == 200
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert set(PROCESSES) <= {line["process"] for line in lines}
    letters = [line for line in lines if line["message"].startswith("dead letter")]
    assert [line["article"] for line in letters] == ["k"] * len(GARBAGE)


@pytest.fixture(scope="module")
def calm(broker: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A pipeline that is ready and has little to do."""
    store = f"sqlite:///{tmp_path_factory.mktemp('calm') / 'summitry.db'}"
    with serving(broker, store) as served:
        yield served


def test_prometheus_takes_what_each_process_tells(calm: Served) -> None:
    """By its own tool: form, names, help."""
    for process in PROCESSES:
        promtool("check", "metrics", given=calm.page(process, "/metrics")[1])


def test_the_command_asks_the_process_that_runs(calm: Served) -> None:
    """As a health check does: exit code 0, or 3 where nothing answers."""
    for name, settings, code in (
        *((process, calm.settings, 0) for process in PROCESSES),
        ("sink", calm.settings.model_copy(update={"http_port": free_ports()}), 3),
    ):
        asked = subprocess.run(
            [sys.executable, "-m", "streams", "health", name, "--json"],
            env=os.environ | settings.environment(),
            capture_output=True,
            check=False,
        )
        assert asked.returncode == code, asked
        assert code or json.loads(asked.stdout)["ready"] is True


def test_a_second_sink_is_ready_and_says_that_it_stands_by(calm: Served) -> None:
    """It tells nothing that only the one that works can know."""
    with supervised() as beside:
        other = calm.settings.model_copy(update={"http_port": free_ports(), "instance": "the other"})
        second = Served(beside, other)
        beside.start(pipeline_child("sink", other))
        second.until(lambda: second.ready("sink"), "the second sink isn't ready")
        checks = {
            each["check"]: each for each in json.loads(second.page("sink", "/health/ready")[1])["checks"]
        }
        assert checks["lease"]["detail"].startswith("stands by: ")
        series = second.series("sink")
        assert of(series, "summitry_lease_held") == 0
        assert not any(name.startswith(("summitry_stage_", "summitry_outbox_")) for name, _ in series)


def test_a_broker_that_is_away_shows_in_readiness_alone(tmp_path: Path) -> None:
    """Nobody need be restarted for it: sink and worker live on, say what is wrong, and recover."""
    with (
        embedded_broker() as (settings, process),
        serving(settings, f"sqlite:///{tmp_path / 'summitry.db'}") as served,
    ):
        process.send_signal(signal.SIGSTOP)
        try:
            for name in ("sink", "entities"):
                served.until(lambda name=name: served.fails(name) == {"broker"}, f"{name} notices nothing")
                assert served.page(name, "/health/live")[0] == 200
        finally:
            process.send_signal(signal.SIGCONT)
        for name in ("sink", "entities"):
            served.until(lambda name=name: served.ready(name), f"{name} doesn't recover")
