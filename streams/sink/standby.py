"""Standing by: only the sink that holds the store's lease runs, the others wait to take over."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from streams.core.errors import StoreConflict, StoreUnavailable
from streams.core.rules import RuleBook
from streams.settings import Settings
from streams.sink.report import Report
from streams.sink.sink import Sink, StopSignal
from streams.store.lease import NOBODY, Lease
from streams.store.store import Store

PATIENCE_SECONDS = 10.0
"""How long a lease must not have been renewed before it is taken from its holder."""
LOOK_SECONDS = 0.5

log = logging.getLogger(__name__)


class Watch:
    """Watches a lease by one clock, this process's own; what the holder's says is never asked."""

    def __init__(self, holder: str) -> None:
        self._holder = holder
        self._seen: Lease | None = None
        self._since = 0.0

    def may_take(self, lease: Lease, now: float) -> bool:
        """Whether a lease that is so at `now` (seconds) is free, one's own, or long not renewed."""
        if lease.holder in (NOBODY, self._holder):
            return True
        if lease != self._seen:
            self._seen, self._since = lease, now
        return now - self._since >= PATIENCE_SECONDS


def run(
    settings: Settings, store: Store, rules: RuleBook, stop: StopSignal, *, clock: Callable[[], datetime]
) -> None:
    """Run the sink whenever the lease can be had, until `stop` is set; then leave the lease free."""
    report = Report.served(settings)
    while _stand_by(store, stop, report):
        report.holds_lease()
        try:
            Sink(settings, store, clock=clock, report=report).run(rules, stop)
        except StoreConflict as error:
            log.warning("%s", error)
        except StoreUnavailable as error:
            # It may be away for long, or full: what was read and not written is read again.
            log.warning("the sink stops until it can write: %s", error)
            report.stands_by(None, str(error))
            stop.wait(LOOK_SECONDS)
        finally:
            report.lost_lease()
            with suppress(StoreUnavailable):  # then the lease runs out by itself
                store.release()


def _stand_by(store: Store, stop: StopSignal, report: Report) -> bool:
    """Wait until the lease is this store's; False if asked to stop before."""
    watch = Watch(store.holder)
    told = ""
    while not stop.is_set():
        try:
            lease = store.lease()
            if watch.may_take(lease, time.monotonic()) and store.take(lease):
                log.info("holds the lease of the store as %s", store.holder)
                return True
            if lease.holder not in (told, NOBODY):
                log.info("standing by: %s holds the lease of the store", lease.holder)
                told = lease.holder
            report.stands_by(lease.holder or None)
        except StoreUnavailable as error:  # it may be away for a while, or busy with a long transaction
            log.warning("standing by: %s", error)
            report.stands_by(None, str(error))
        stop.wait(LOOK_SECONDS)
    return False
