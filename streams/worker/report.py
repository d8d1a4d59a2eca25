"""What a worker tells of itself: noted by the way, served beside the work."""

import asyncio
import logging
import os
import time
from typing import Any, Self

import faust

from streams.core.facets import Facet, Stage
from streams.settings import Settings
from streams.telemetry.health import LONG_RUN, WorkerVitals, liveness, worker_checks
from streams.telemetry.metrics import WorkerMetrics
from streams.telemetry.server import serve
from streams.telemetry.tracing import PASSED_ON, tracing

TURN_SECONDS = 1.0
ASK_SECONDS = 5.0
"""How often the broker is asked whether it is there, whatever else is asked of it."""

log = logging.getLogger(__name__)


class Report:
    """The vitals and metrics of one worker."""

    def __init__(self, stage: Stage) -> None:
        self.tracing = PASSED_ON
        self.vitals = WorkerVitals()
        self.metrics = WorkerMetrics(stage, self.vitals)

    @classmethod
    def served(cls, stage: Stage, settings: Settings) -> Self:
        """A report that is served where the settings say."""
        report = cls(stage)
        serve(
            stage,
            settings,
            report.metrics.registry,
            live=lambda: liveness(report.vitals.turned_at, time.monotonic()),
            ready=lambda: worker_checks(report.vitals, time.monotonic()),
        )
        report.tracing = tracing(stage, os.environ)
        return report

    def read(self, facet: Facet, seconds: float, *, dead_letter: bool) -> None:
        """An article has been read, or could not be, in so many seconds."""
        self.metrics.articles[facet.outcome].inc()
        self.metrics.reading.observe(seconds)
        self.vitals.read_at = time.time()
        if dead_letter:
            self.metrics.dead_letters.inc()
            self.vitals.dead_letter_run += 1
            if self.vitals.dead_letter_run == LONG_RUN:
                log.error(
                    "raises the alarm: %d dead letters in a row, so no accident:"
                    " run: summitry dead-letters list",
                    LONG_RUN,
                )
        elif facet.outcome != "rejected":
            # What another stage has dead-lettered says nothing of this one.
            if self.vitals.dead_letter_run >= LONG_RUN:
                log.info(
                    "ends the alarm: a record went well after %d that didn't", self.vitals.dead_letter_run
                )
            self.vitals.dead_letter_run = 0

    def follow(self, app: faust.App) -> None:
        """Note how the app does, as long as it runs."""

        async def assigned(_app: Any, /, *sent: Any, signal: Any, **_: Any) -> None:  # noqa: ARG001
            (partitions,) = sent
            self.vitals.partitions = len(partitions)

        async def revoked(_app: Any, /, *_sent: Any, signal: Any, **_: Any) -> None:  # noqa: ARG001
            self.vitals.partitions = None
            self.vitals.taken.clear()

        async def turn() -> None:
            while True:
                self.vitals.turned_at = time.monotonic()
                self.vitals.failure = f"ends: {app.crash_reason!r}" if app.crashed else None
                await asyncio.sleep(TURN_SECONDS)

        async def ask() -> None:
            producer = await app.maybe_start_producer()
            while True:
                client = producer._producer.client  # noqa: SLF001  Faust asks brokers nothing by itself
                if await client.force_metadata_update():
                    self.vitals.answered_at = time.monotonic()
                await asyncio.sleep(ASK_SECONDS)

        app.on_partitions_assigned.connect(assigned)
        app.on_partitions_revoked.connect(revoked)
        app.task(turn)
        app.task(ask)
