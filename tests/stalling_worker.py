"""A worker that stands still after five articles, with its heartbeats going on, as Faust is known to do.

Run as `python tests/stalling_worker.py`: the entities worker, whose watchdog looks more often than usual.
"""

import asyncio
from tempfile import TemporaryDirectory
from typing import Any

import faust

from streams import broker
from streams.enrich.stages import load_stage
from streams.settings import Settings
from streams.telemetry.logs import log_as
from streams.topology import ARTICLES
from streams.worker import watchdog
from streams.worker.app import build
from streams.worker.report import Report


def main() -> None:
    """Run it until the watchdog ends it."""
    settings = Settings()
    log_as("entities", settings)
    watchdog.LOOK_SECONDS, watchdog.STALL_SECONDS = 0.5, 3.0
    report = Report("entities")
    articles_id = broker.topic_ids(settings)[ARTICLES.name]
    with TemporaryDirectory() as folder:
        app = build(settings, load_stage("entities"), articles_id=articles_id, folder=folder, report=report)

        @app.task
        async def stand_still() -> None:
            while report.vitals.confirmed < 5:  # noqa: ASYNC110  the worker tells nobody
                await asyncio.sleep(0.05)
            consumer: Any = app.consumer
            consumer.pause_partitions(consumer.assignment())

        worker = faust.Worker(app, override_logging=False, redirect_stdouts=False, quiet=True)
        worker.spinner = None
        worker.execute_from_commandline()


if __name__ == "__main__":
    main()
