"""Batches: facets wait a moment for the others of their article, so that one revision tells all."""

from streams.core.facets import Entities
from streams.store.store import Received

MAX_FACETS = 500
MAX_WAIT_SECONDS = 0.5


class Batch:
    """Facets received and not yet applied. Holding them back is safe: so is their progress."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._since: float | None = None
        self._waiting: dict[tuple[str, str], set[str]] = {}

    def add(self, received: Received, now: float) -> None:
        """Take one in; `now` is a monotonic time in seconds."""
        self.received.append(received)
        self._since = now if self._since is None else self._since
        facet = received.facet
        if facet is not None and facet.id is not None and facet.version is not None:
            self._waiting.setdefault((facet.id, facet.version.key), set()).add(received.stage)
            if isinstance(facet, Entities) and len(facet.actors) < 2:
                self._waiting[facet.id, facet.version.key] |= {"sentiment", "topics"}

    def is_due(self, now: float) -> bool:
        """Whether to apply: it is full, or has waited long enough, or waits for nothing."""
        if self._since is None:
            return False
        return (
            len(self.received) >= MAX_FACETS
            or now - self._since >= MAX_WAIT_SECONDS
            or not any("entities" in stages and len(stages) < 3 for stages in self._waiting.values())
        )

    def take(self) -> list[Received]:
        """Everything in it; the batch is empty afterwards."""
        taken, self.received = self.received, []
        self._since = None
        self._waiting.clear()
        return taken
