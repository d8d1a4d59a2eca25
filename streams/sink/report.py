"""What a sink tells of itself: noted once a second or a batch, served beside the work."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Self

from streams.core.frontier import Frontier
from streams.core.message import decode_object
from streams.settings import Settings
from streams.sink.progress import HoleWatch, Place, lag
from streams.store.alerts import Outgoing
from streams.store.mends import Mend
from streams.store.received import Received
from streams.telemetry.health import SinkVitals, liveness, sink_checks
from streams.telemetry.metrics import SinkMetrics
from streams.telemetry.server import serve
from streams.telemetry.tracing import PASSED_ON, tracing


class Report:
    """The vitals and metrics of one sink."""

    def __init__(self) -> None:
        self.tracing = PASSED_ON
        self.vitals = SinkVitals()
        self.metrics = SinkMetrics(self.vitals)
        self._holes = HoleWatch()
        self._first_waiting: int | None = None

    @classmethod
    def served(cls, settings: Settings) -> Self:
        """A report that is served where the settings say."""
        report = cls()
        serve(
            "sink",
            settings,
            report.metrics.registry,
            live=lambda: liveness(report.vitals.turned_at, time.monotonic()),
            ready=lambda: sink_checks(report.vitals, time.monotonic()),
        )
        report.tracing = tracing("sink", os.environ)
        return report

    def turned(self) -> None:
        """The loop has turned."""
        self.vitals.turned_at = time.monotonic()

    def stands_by(self, holder: str | None, problem: str | None = None) -> None:
        """Another sink holds the lease, or the store can't be asked who does."""
        self.turned()
        self.vitals.holder = holder
        self.vitals.store_problem = problem

    def holds_lease(self) -> None:
        """This sink begins to work; that it reads by its rules all that is stored may take long."""
        self.vitals.turned_at = None
        self.vitals.holder = self.vitals.store_problem = self.vitals.broker_problem = None
        self.vitals.holds_lease = True

    def lost_lease(self) -> None:
        """This sink works no longer."""
        self.vitals.holds_lease = False
        self.vitals.lag, self.vitals.holes = {}, {}
        self.waits(None, 0)

    def looked(self, frontiers: Mapping[Place, Frontier], ends: Mapping[int, int]) -> None:
        """The broker has told where each partition of news.articles ends."""
        self.vitals.broker_problem = None
        self.vitals.lag = lag(frontiers, ends)
        self.vitals.holes = self._holes.look(frontiers, time.monotonic())

    def waits(self, first: int | None, count: int) -> None:
        """So many messages wait in the outbox, this one (its number) first."""
        if first is None:
            self.vitals.waits_since = None
        elif first != self._first_waiting:
            self.vitals.waits_since = time.monotonic()
        self._first_waiting = first
        self.vitals.waiting = count

    def gave_up(self, mends: Iterable[Mend]) -> None:
        """These records were published again in vain."""
        for mend in mends:
            self.metrics.given_up.labels(mend.why).inc()

    def sent(self, messages: Iterable[Outgoing]) -> None:
        """The broker has confirmed these messages."""
        for message in messages:
            for change in decode_object(message.value)["change"]:
                self.metrics.revisions.labels(change).inc()

    @contextmanager
    def applying(self, received: Iterable[Received]) -> Iterator[None]:
        """These are applied within the block."""
        with self.metrics.applying.time():
            yield
        for r in received:
            if r.facet is None:
                self.metrics.passed_over.labels(r.stage).inc()
            else:
                self.metrics.facets.labels(r.stage).inc()
        self.vitals.applied_at = time.time()
