"""Health: what a process notes of itself while it works, and what follows from that, purely.

*Live* means that the loop turns: a process that isn't should be restarted. *Ready* means that all
checks hold: one that isn't needs somebody to look, and often only time. All times are monotonic, in
seconds, unless said otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from streams.core.facets import Stage

STUCK_SECONDS = 30.0
"""A loop that has not turned for this long is stuck."""
SILENT_SECONDS = 20.0
"""A broker that has not answered for this long is away."""
LONG_RUN = 50
"""So many dead letters in a row are no accident: the input, or the stage, is wrong as a whole."""
HOLE_SECONDS = 10.0
"""A hole that stays for this long is no delivery on its way."""
OUTBOX_SECONDS = 30.0
"""Alerts that wait this long to be confirmed by the broker are stuck."""


class Check(NamedTuple):
    """Whether one thing is as it should be; `detail` says how it is, or why it isn't."""

    name: str
    holds: bool
    detail: str

    def as_json(self) -> dict[str, Any]:
        """As /health answers it."""
        return {"check": self.name, "holds": self.holds, "detail": self.detail}


class Hole(NamedTuple):
    """How many articles a stage has passed by, and for how many seconds the oldest has been so."""

    articles: int = 0
    seconds: float = 0.0


@dataclass(slots=True, kw_only=True)
class WorkerVitals:
    """What a worker notes; written by its loop alone, read by any thread."""

    turned_at: float | None = None
    """When the loop last turned; None: not yet."""
    partitions: int | None = None
    """How many are assigned; None: the group hasn't been joined, or is being joined anew."""
    answered_at: float | None = None
    """When the broker last answered."""
    failure: str | None = None
    """Why the app is ending by itself."""
    dead_letter_run: int = 0
    """How many dead letters were written since the last good article."""
    in_flight: int = 0
    """Articles whose facets the broker has yet to confirm."""
    confirmed: int = 0
    """Outcomes that the broker has confirmed."""
    taken: dict[int, int] = field(default_factory=dict)
    """The offset after the last record taken up, by partition."""
    read_at: float | None = None
    """When an article was last read: UNIX time."""


@dataclass(slots=True, kw_only=True)
class SinkVitals:
    """What a sink notes; written by its loop alone, read by any thread."""

    turned_at: float | None = None
    """When the loop last turned; None: not yet."""
    holds_lease: bool = False
    holder: str | None = None
    """Who holds the lease where this sink stands by."""
    broker_problem: str | None = None
    store_problem: str | None = None
    lag: Mapping[Stage, int] = field(default_factory=dict)
    """Articles each stage has yet to answer; empty unless this sink holds the lease."""
    holes: Mapping[Stage, Hole] = field(default_factory=dict)
    waiting: int = 0
    """Messages in the outbox."""
    waits_since: float | None = None
    """Since when the first of them has been the first; None: none waits."""
    applied_at: float | None = None
    """When facets were last applied: UNIX time."""

    def outbox_seconds(self, now: float) -> float:
        """How long the first message in the outbox has waited."""
        return 0.0 if self.waits_since is None else now - self.waits_since


def liveness(turned_at: float | None, now: float) -> list[Check]:
    """Whether the loop turns. One that hasn't begun is starting, which may take long."""
    if turned_at is None:
        return [Check("loop", holds=True, detail="starting")]
    ago = now - turned_at
    return [Check("loop", ago < STUCK_SECONDS, f"turned {ago:.1f} s ago")]


def worker_checks(vitals: WorkerVitals, now: float) -> list[Check]:
    """Whether a worker is ready."""
    run = vitals.dead_letter_run
    return [
        _turning(vitals.turned_at, now),
        Check(
            "group",
            vitals.partitions is not None,
            "not joined" if vitals.partitions is None else f"joined, {vitals.partitions} partitions assigned",
        ),
        _answering(vitals.answered_at, now),
        Check("dead letters", run < LONG_RUN, f"{run} in a row" if run else "none since the last article"),
        Check("app", vitals.failure is None, vitals.failure or "no failure"),
    ]


def sink_checks(vitals: SinkVitals, now: float) -> list[Check]:
    """Whether a sink is ready: it works, or stands by for the one that does."""
    checks = [
        _turning(vitals.turned_at, now),
        Check("lease", vitals.holds_lease or vitals.holder is not None, _lease(vitals)),
        Check("store", vitals.store_problem is None, vitals.store_problem or "answers"),
        Check("broker", vitals.broker_problem is None, vitals.broker_problem or "answers"),
    ]
    if vitals.holds_lease:
        seconds = vitals.outbox_seconds(now)
        waits = f"{vitals.waiting} wait, the first for {seconds:.0f} s" if vitals.waiting else "empty"
        checks.append(Check("outbox", seconds < OUTBOX_SECONDS, waits))
        checks.append(_holes(vitals.holes))
    return checks


def _turning(turned_at: float | None, now: float) -> Check:
    (check,) = liveness(turned_at, now)
    return check if turned_at is not None else check._replace(holds=False)


def _answering(answered_at: float | None, now: float) -> Check:
    if answered_at is None:
        return Check("broker", holds=False, detail="has not answered yet")
    ago = now - answered_at
    return Check("broker", ago < SILENT_SECONDS, f"answered {ago:.1f} s ago")


def _lease(vitals: SinkVitals) -> str:
    if vitals.holds_lease:
        return "holds it"
    return f"stands by: {vitals.holder} holds it" if vitals.holder else "nobody is known to hold it"


def _holes(holes: Mapping[Stage, Hole]) -> Check:
    old = {stage: hole for stage, hole in holes.items() if hole.seconds >= HOLE_SECONDS}
    told = ", ".join(
        f"{stage} has left out {hole.articles} articles for {hole.seconds:.0f} s"
        for stage, hole in old.items()
    )
    return Check("holes", not old, told or "none that stays")
