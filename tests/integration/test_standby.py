"""Two sinks on one store: one works, the other waits to take over, and nothing is told twice."""

import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import orjson
import pytest
from conftest import NOW, Stack
from scenario import finish, read_all, wait_until
from test_seeds import seeds

from streams.core.alert import Alert
from streams.replay import Running, differences, pipeline, run
from streams.settings import Settings
from streams.sink.standby import PATIENCE_SECONDS
from streams.store.lease import read_lease
from streams.topology import ALERTS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(170)]

TAKES_SECONDS = PATIENCE_SECONDS + 20
"""How long a stand-by may take to find that the other one is gone, on a busy machine."""


class SinkProcess:
    """A sink of its own, beside those that a supervisor keeps."""

    def __init__(self, name: str, settings: Settings, folder: Path) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        environment = settings.model_copy(update={"instance": name}).environment()
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams", "sink"], env=os.environ | environment, stderr=log
            )

    def said(self, words: str) -> int:
        """How many of its log lines hold these words."""
        return sum(words in line for line in self._log.read_text(encoding="utf-8").splitlines())

    def end(self) -> None:
        """End it, frozen or not."""
        self.process.kill()
        self.process.wait()


@contextmanager
def two_sinks(running: Running, folder: Path) -> Iterator[tuple[SinkProcess, SinkProcess]]:
    """The first works and the second stands by."""
    running.supervisor.stop(lambda child: child.name == "sink")
    sinks: list[SinkProcess] = []
    try:
        for name, says in (("first", "holds the lease"), ("second", "standing by: first")):
            sink = SinkProcess(name, running.settings, folder)
            sinks.append(sink)
            wait_until(partial(sink.said, says), 30, f"{name} says {says!r}")
        yield sinks[0], sinks[1]
    finally:
        for sink in sinks:
            sink.end()


def holder(running: Running) -> str:
    """Who may write."""
    with running.engine.connect() as connection:
        return read_lease(connection).holder


def test_a_stand_by_takes_over_from_one_that_is_frozen_or_killed(
    stack: Stack, expected: list[Alert], tmp_path: Path
) -> None:
    """The one that wakes too late writes nothing and stands by itself, and takes over in its turn."""
    articles = seeds()
    third = len(articles) // 3
    with pipeline(stack.broker, store=stack.store) as running, two_sinks(running, tmp_path) as (one, two):
        run(running, articles[:third], clock=lambda: NOW, timeout_seconds=60)
        assert holder(running) == "first"

        one.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: holder(running) == "second", TAKES_SECONDS, "second takes the lease")
        run(running, articles[third : 2 * third], clock=lambda: NOW, timeout_seconds=60)

        one.process.send_signal(signal.SIGCONT)
        wait_until(lambda: one.said("standing by: second") == 1, 30, "first finds that it has lost the lease")
        assert one.said("first no longer holds the store's lease") == 1
        assert holder(running) == "second"

        two.end()
        live = finish(running, articles[2 * third :])
        assert holder(running) == "first"
        told = defaultdict(set)
        for record in read_all(running.settings, ALERTS):
            alert = orjson.loads(record.value)
            told[alert["id"], alert["generation"], alert["revision"]].add(record.value)
    assert differences(live, expected) == []
    assert {len(contents) for contents in told.values()} == {1}
    assert {generation for _, generation, _ in told} == {live[0].generation}
