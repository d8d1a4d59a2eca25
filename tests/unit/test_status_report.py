"""What a status makes of what was read: lag, holes that last, and what needs looking at."""

from datetime import timedelta
from typing import Any

from conftest import NOW
from hypothesis import given
from hypothesis import strategies as st

from streams.core.frontier import START, Frontier
from streams.status.report import StageLag, Status, lasting_holes, unanswered
from streams.store.lease import Lease
from streams.store.reading import Overview
from streams.telemetry.health import OUTBOX_SECONDS

END = 40


def answered(offsets: set[int]) -> Frontier:
    """The frontier of a stage that has answered these."""
    frontier = START
    for offset in sorted(offsets):
        frontier = frontier.add(offset)
    return frontier


offsets = st.sets(st.integers(0, END + 5))


@given(before=offsets, after=offsets, start=st.integers(0, END))
def test_lag_and_holes_are_those_of_the_offsets(before: set[int], after: set[int], start: int) -> None:
    """Unanswered is what the log holds and nobody answered; a hole was one at both looks."""
    frontier = answered(before | after)
    log = set(range(start, END))
    assert unanswered(frontier, start, END) == len(log - before - after)
    passed_over = {offset for offset in log - before - after if offset < max(before, default=0)}
    holes = list(lasting_holes(7, answered(before), frontier, start, END))
    assert {(7, offset) for offset in passed_over} == {(p, o) for p, a, b in holes for o in range(a, b)}


def status(*, lag: StageLag | None = None, **different: Any) -> Status:
    """A look at a pipeline that is well, but for what is given."""
    store = {
        "lease": Lease("somebody", 9),
        "answered": {},
        "offsets": {},
        "articles": 1,
        "active": 0,
        "closed": 0,
        "cancelled": 0,
        "unsent": 0,
        "unsent_since": None,
        "size_bytes": 1,
    }
    return Status(
        at=NOW,
        broker_problem=None,
        store_problem=None,
        store=Overview(**(store | different)),
        beat_moves=True,
        stages=(lag,) if lag else (),
        last_article=None,
        traffic=None,
        memory={},
    )


def test_lag_alone_is_no_concern() -> None:
    """Nor is an outbox whose revisions were just written."""
    behind = StageLag(stage="topics", unanswered={0: 9_000}, holes=(), unread=80)
    since = NOW - timedelta(seconds=OUTBOX_SECONDS)
    assert status(lag=behind, unsent=3, unsent_since=since).concerns == []


def test_old_revisions_in_the_outbox_are_a_concern() -> None:
    """How many there are, and since when."""
    since = NOW - timedelta(seconds=OUTBOX_SECONDS + 1)
    (concern,) = status(unsent=3, unsent_since=since).concerns
    assert concern.startswith("3 revisions of alerts wait to be sent, the oldest since 2025-12-31T23:59:29Z")


def test_only_the_first_of_many_holes_are_named() -> None:
    """Over several ranges, and with a sign that there are more."""
    holes = ((0, 5, 8), (2, 1, 1_000_000))
    lag = StageLag(stage="entities", unanswered={0: 3, 2: 999_999}, holes=holes, unread=0)
    (concern,) = status(lag=lag).concerns
    assert "passed over 1000002 articles (partition:offset 0:5, 0:6, 0:7, 2:1, 2:2, …)" in concern
