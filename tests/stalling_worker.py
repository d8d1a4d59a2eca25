"""A worker that stands still after one fetch, with its heartbeats going on, as Faust is known to do.

Run as `python tests/stalling_worker.py`: the entities worker, whose watchdog looks more often than usual.
"""

import asyncio
from typing import Any

from streams.settings import Settings
from streams.telemetry.logs import log_as
from streams.worker import transport, watchdog
from streams.worker.main import run


class StallingConsumer(transport.Consumer):
    """Fetches until it has brought something, and then never again."""

    brought = False

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:  # noqa: ASYNC109 - Faust names it
        if self.brought:
            await asyncio.Event().wait()
        records = await super()._getmany(active_partitions, timeout)
        self.brought = bool(records)
        return records


def main() -> None:
    """Run it until the watchdog ends it."""
    settings = Settings()
    log_as("entities", settings)
    watchdog.LOOK_SECONDS, watchdog.STALL_SECONDS = 0.5, 3.0
    transport.Transport.Consumer = StallingConsumer
    run("entities", settings)


if __name__ == "__main__":
    main()
