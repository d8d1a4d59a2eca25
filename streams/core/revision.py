"""Revisions: what is told of an alert when what it says, its state or its closing has changed."""

from dataclasses import dataclass, replace
from typing import Self

from streams.core.alert import Alert, AlertBody, Change, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An alert as it was last told. A cancelled one keeps the last body that was active."""

    alert_id: str
    generation: int
    revision: int
    state: State
    closed: bool
    backfill: bool
    body: AlertBody

    @classmethod
    def of(cls, alert: Alert) -> Self:
        """How an alert stands once `alert` was told of it."""
        return cls(
            alert_id=alert.id,
            generation=alert.generation,
            revision=alert.revision,
            state=alert.state,
            closed=alert.closed,
            backfill=alert.backfill,
            body=AlertBody(**{name: getattr(alert, name) for name in AlertBody.model_fields}),
        )

    def told(self, change: tuple[Change, ...]) -> Alert:
        """The message that tells this standing."""
        return Alert(
            **{name: getattr(self.body, name) for name in AlertBody.model_fields},
            id=self.alert_id,
            generation=self.generation,
            revision=self.revision,
            change=change,
            state=self.state,
            closed=self.closed,
            backfill=self.backfill,
        )


def revise(
    before: Standing | None,
    body: AlertBody | None,
    *,
    alert_id: str,
    generation: int,
    closed: bool,
) -> tuple[Standing, tuple[Change, ...]] | None:
    """The next standing and what changed, or None where there is nothing to tell.

    `body` is None where the alert doesn't exist (any more). `closed` says whether its window is over:
    an alert that opens then is backfill for good, and one that has closed stays closed.
    """
    if before is None:
        if body is None:
            return None
        opened = Standing(
            alert_id=alert_id,
            generation=generation,
            revision=1,
            state="active",
            closed=closed,
            backfill=closed,
            body=body,
        )
        return opened, ("opened", "closed") if closed else ("opened",)
    after = replace(
        before,
        state="active" if body is not None else "cancelled",
        closed=before.closed or closed,
        body=body or before.body,
    )
    change = _change(before, after)
    return (replace(after, revision=before.revision + 1), change) if change else None


def _change(before: Standing, after: Standing) -> tuple[Change, ...]:
    change: list[Change] = []
    if before.state != after.state:
        change.append("opened" if after.state == "active" else "withdrawn")
    elif before.body.digest != after.body.digest:
        grew = after.body.counts.articles > before.body.counts.articles
        change.append("grew" if grew else "corrected")
    if after.closed and not before.closed:
        change.append("closed")
    return tuple(change)
