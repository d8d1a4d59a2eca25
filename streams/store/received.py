"""Facets as they came, and the progress that taking them in makes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.core.facets import Entities, Facet, Stage
from streams.core.headers import Coordinates
from streams.core.tracecontext import Context
from streams.store.progress import Answered, Position

Place = tuple[Stage, str, int]
"""A stage, the topic id of its source log, and a partition of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A facet as it came: where it lay, and which source record it answers.

    `mended` is another record of the same source partition that it answers too: the one for which its
    own was published again. Source and facet are None for a message that isn't one: only its offset counts.
    """

    position: Position
    offset: int
    stage: Stage
    source: Coordinates | None = None
    mended: Coordinates | None = None
    facet: Facet | None = None
    context: Context = ()


def moves(received: Iterable[Received], offsets: Mapping[Position, int]) -> dict[Position, tuple[int, int]]:
    """From which offset to which each position moves on."""
    found: dict[Position, tuple[int, int]] = {}
    for r in received:
        expected = offsets[r.position]
        _, following = found.get(r.position, (expected, expected))
        found[r.position] = expected, max(following, r.offset + 1)
    return found


def answers(received: Iterable[Received], known: Mapping[Place, Answered]) -> dict[Place, Answered]:
    """What has been answered then, where that changes."""
    changed: dict[Place, Answered] = {}
    for r in received:
        if r.source is None:
            continue
        place = (r.stage, r.source.topic_id, r.source.partition)
        before = changed.get(place) or known.get(place) or Answered()
        at = r.facet.published_at if isinstance(r.facet, Entities) else None
        event_max = max((t for t in (before.event_max, at) if t is not None), default=None)
        frontier = before.frontier.add(r.source.offset)
        if r.mended is not None:
            frontier = frontier.add(r.mended.offset)
        changed[place] = Answered(frontier, event_max)
    return changed
