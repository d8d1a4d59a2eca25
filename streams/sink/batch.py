"""Batches: the facets of an article that may raise an alert are applied together: one revision tells all."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from operator import attrgetter

from streams.core.facets import FACETS, Entities, Stage
from streams.store.progress import Position
from streams.store.received import Received

MAX_FACETS = 500
MAX_WAIT_SECONDS = 0.5
MAX_HELD = 5_000
REMEMBERED = 10_000
"""Articles whose facets of late are known: those that come later need not wait for these again."""

Key = tuple[str, str]
"""An article's id and its version's key."""


@dataclass(frozen=True, slots=True)
class Held:
    """A facet, and the monotonic time in seconds when it came."""

    received: Received
    since: float


class Batch:
    """Facets received and not yet applied. Holding them back is safe: so is their progress."""

    def __init__(self) -> None:
        self._held: dict[Position, deque[Held]] = {}
        self._count = 0
        self._stages: OrderedDict[Key, set[Stage]] = OrderedDict()
        self._pairs: set[Key] = set()
        self._whole = False
        """Whether an article became whole since the last batch was taken."""

    def add(self, received: Received, now: float) -> None:
        """Take one in; `now` is a monotonic time in seconds."""
        self._held.setdefault(received.position, deque()).append(Held(received, now))
        self._count += 1
        key = _key(received)
        if key is None:
            return
        self._stages.setdefault(key, set()).add(received.stage)
        self._stages.move_to_end(key)
        if isinstance(received.facet, Entities) and len(received.facet.actors) > 1:
            self._pairs.add(key)
        self._whole |= key in self._pairs and not self._waits(key)
        if len(self._stages) > REMEMBERED:
            forgotten, _ = self._stages.popitem(last=False)
            self._pairs.discard(forgotten)

    def is_due(self, now: float) -> bool:
        """Whether to apply: an article is whole, there is much, or the oldest has waited long enough."""
        if not self._count:
            return False
        oldest = min(held[0].since for held in self._held.values() if held)
        return self._whole or self._count >= MAX_FACETS or now - oldest >= MAX_WAIT_SECONDS

    def take(self, now: float) -> list[Received]:
        """What may be applied, in the order of each stream's partition; the rest stays."""
        self._whole = False
        taken: list[Held] = []
        for held in self._held.values():
            while held and len(taken) < MAX_FACETS and not self._holds(held[0], now):
                taken.append(held.popleft())
        self._count -= len(taken)
        # As they came, so that the last is the one that came last.
        return [held.received for held in sorted(taken, key=attrgetter("since"))]

    def _holds(self, held: Held, now: float) -> bool:
        key = _key(held.received)
        return (
            key is not None
            and key in self._pairs
            and self._waits(key)
            and now - held.since < MAX_WAIT_SECONDS
            and self._count < MAX_HELD
        )

    def _waits(self, key: Key) -> bool:
        return len(self._stages[key]) < len(FACETS)


def _key(received: Received) -> Key | None:
    facet = received.facet
    if facet is None or facet.id is None or facet.version is None:
        return None
    return facet.id, facet.version.key
