"""The watchdog ends a worker that has work before it and does none: started again, it goes on.

Faust is known to stand still now and then after a rebalance, with its heartbeats going on, so that nobody
else gets the partitions. What counts as work is told apart by where it waits: at the broker, in Faust's
buffer, or for the broker's confirmation; a record that isn't there (a transaction's marker) never counts.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import faust
from aiokafka.errors import IllegalStateError

from streams.telemetry.health import SILENT_SECONDS, WorkerVitals

STALL_SECONDS = 60.0
"""How long nothing may happen while something waits. The longest reading takes a second or so."""
JOIN_SECONDS = 120.0
"""How long a worker may be without partitions because its group is being formed."""
STOP_SECONDS = 10.0
"""How long a worker that is to end may take: less than a supervisor waits before it kills."""
LOOK_SECONDS = 5.0
EXIT_STALLED = 71

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How far a worker has come in each partition that it has, as offsets of the next record."""

    ends: Mapping[int, int]
    fetched: Mapping[int, int]
    handed: Mapping[int, int]
    """To the agent's buffer."""
    taken: Mapping[int, int]
    in_flight: int
    confirmed: int
    """How many outcomes the broker has confirmed."""

    @property
    def waiting(self) -> str | None:
        """What waits, and where; None if nothing does."""
        unfetched = sum(max(0, end - self.fetched.get(number, end)) for number, end in self.ends.items())
        if unfetched:
            return f"{unfetched} articles at the broker"
        buffered = sum(
            max(0, offset - self.taken[number])
            for number, offset in self.handed.items()
            if number in self.taken
        )
        if buffered:
            return f"{buffered} articles in the worker's buffer"
        return f"{self.in_flight} outcomes for the broker's confirmation" if self.in_flight else None


class Watchdog:
    """Remembers since when nothing has happened."""

    def __init__(self) -> None:
        self._seen: object = None
        self._since = 0.0

    def look(self, work: Work | None, now: float) -> str | None:
        """Why the worker should end at `now` (monotonic, seconds); None if it shouldn't.

        `work` is None while the group is being formed.
        """
        seen = None if work is None else (work.fetched, work.taken, work.confirmed)
        if seen != self._seen or self._since == 0.0 or (work is not None and work.waiting is None):
            self._seen, self._since = seen, now
        stood = now - self._since
        if work is None:
            return f"it has had no partitions for {stood:.0f} s" if stood >= JOIN_SECONDS else None
        if stood >= STALL_SECONDS:
            return f"nothing has happened for {stood:.0f} s, and there wait {work.waiting}"
        return None


def watch(app: faust.App, vitals: WorkerVitals, stream: str) -> None:
    """End the process when it stands still, for as long as the app runs."""

    async def look() -> None:
        watchdog = Watchdog()
        threading.Thread(target=_watch_loop, args=[vitals], daemon=True, name="watchdog").start()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            if vitals.answered_at is None or now - vitals.answered_at > SILENT_SECONDS:
                watchdog = Watchdog()  # the broker is away: standing still is right
            elif reason := watchdog.look(await _work(app, vitals, stream), now):
                for line in app.agents.human_tracebacks().splitlines():
                    log.warning("%s", line)  # nobody can ask it afterwards where it stood
                _end(reason)

    app.task(look)


def watch_stop(app: faust.App) -> None:
    """End the process when it is to end and doesn't: what isn't acknowledged is read again in any case."""

    def look() -> None:
        while not app.should_stop:
            time.sleep(1.0)
        time.sleep(STOP_SECONDS)
        log.warning("doesn't end within %.0f s: ends all the same", STOP_SECONDS)
        logging.shutdown()
        os._exit(EXIT_STALLED if app.crashed else 0)

    threading.Thread(target=look, daemon=True, name="watchdog of the stop").start()


async def _work(app: faust.App, vitals: WorkerVitals, stream: str) -> Work | None:
    if vitals.partitions is None:
        return None
    consumer: Any = app.consumer
    partitions = [one for one in consumer.assignment() if one.topic == stream]
    try:
        ends = await consumer.highwaters(*partitions) if partitions else {}
        fetched = {one.partition: await consumer.position(one) or 0 for one in partitions}
    except IllegalStateError:  # they were taken away while they were looked at
        return None
    handed = consumer._read_offset  # noqa: SLF001  Faust shows it nowhere else
    return Work(
        ends={one.partition: end for one, end in ends.items()},
        fetched=fetched,
        handed={one.partition: handed[one] + 1 for one in partitions if handed[one] is not None},
        taken=dict(vitals.taken),
        in_flight=vitals.in_flight,
        confirmed=vitals.confirmed,
    )


def _watch_loop(vitals: WorkerVitals) -> None:
    """From a thread of its own: a loop that hangs can't look at itself."""
    while True:
        time.sleep(LOOK_SECONDS)
        if vitals.turned_at is not None and (stood := time.monotonic() - vitals.turned_at) >= STALL_SECONDS:
            _end(f"its loop has not turned for {stood:.0f} s")


def _end(reason: str) -> Any:
    log.critical("the watchdog ends the worker: %s", reason)
    logging.shutdown()
    os._exit(EXIT_STALLED)
