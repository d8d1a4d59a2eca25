"""A worker that stands still is ended, and another goes on where it was."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import NOW, Stack
from scenario import finish, wait_until
from test_seeds import seeds

from streams import broker
from streams.core.alert import Alert
from streams.processes import pipeline_child
from streams.publish import publish
from streams.replay import differences, pipeline
from streams.settings import Settings
from streams.worker.watchdog import EXIT_STALLED, STOP_SECONDS

ROOT = Path(__file__).parents[2]
STALLING = ROOT / "tests/stalling_worker.py"

pytestmark = [pytest.mark.broker, pytest.mark.timeout(170)]


def test_a_worker_that_stands_still_ends_itself(stack: Stack, expected: list[Alert]) -> None:
    """It says why, nothing more is acknowledged, and the next worker reads what it left."""
    with pipeline(stack.broker.model_copy(update={"partitions": 1}), store=stack.store) as running:
        running.supervisor.stop(lambda child: child.name == "entities")
        first, second = seeds()[:40], seeds()[40:]
        assert len(list(publish(first, running.settings, clock=lambda: NOW))) == 40
        worker = subprocess.Popen(
            [sys.executable, STALLING],
            env=os.environ | {"PYTHONPATH": str(ROOT)} | running.settings.environment(),
            stderr=subprocess.PIPE,
        )
        # What came with its first fetch it reads; what comes afterwards stays at the broker.
        all_read = {0: len(first)}
        wait_until(
            lambda: broker.acknowledged(running.settings, "entities") == all_read, 60, "the first articles"
        )
        for _ in publish(second, running.settings, clock=lambda: NOW):
            pass
        _, said = worker.communicate(timeout=90)
        assert worker.returncode == EXIT_STALLED
        assert b"the watchdog ends the worker: nothing has happened for" in said
        assert b"streams/worker/app.py" in said  # and where it stood
        running.supervisor.start(pipeline_child("entities", running.settings))
        assert differences(finish(running, seeds()), expected) == []


def test_a_worker_that_is_to_end_does_so_without_the_broker() -> None:
    """Leaving its group takes an answer; it doesn't wait for one that doesn't come."""
    with pipeline(Settings(partitions=1), own_broker=True) as running:
        finish(running, seeds()[:3])
        found = {child.name: child.process for child in running.supervisor.children}
        broker_process, worker = found["embedded broker"], found["topics"]
        assert broker_process is not None
        assert worker is not None
        broker_process.send_signal(signal.SIGSTOP)
        try:
            worker.terminate()
            assert worker.wait(timeout=STOP_SECONDS + 10) == 0
        finally:
            broker_process.send_signal(signal.SIGCONT)
