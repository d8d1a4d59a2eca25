"""How far behind each stage is, and which articles it has passed by, from the sink's frontiers."""

from collections.abc import Mapping
from itertools import pairwise

from streams.core.facets import FACETS, Stage
from streams.core.frontier import Frontier
from streams.telemetry.health import Hole

Place = tuple[Stage, int]
"""A stage and a partition of news.articles."""


def lag(frontiers: Mapping[Place, Frontier], ends: Mapping[int, int]) -> dict[Stage, int]:
    """How many articles each stage has yet to answer without a hole; `ends` is where each partition ends.

    A broker may know an older end than a stage has shown to be there; the later one counts.
    """
    known = dict(ends)
    for (_, partition), frontier in frontiers.items():
        known[partition] = max(known.get(partition, 0), _end(frontier))
    return {
        stage: sum(
            end - frontiers[stage, partition].next if (stage, partition) in frontiers else end
            for partition, end in known.items()
        )
        for stage in FACETS
    }


class HoleWatch:
    """Watches how long the hole at a frontier has been the same one."""

    def __init__(self) -> None:
        self._since: dict[tuple[Place, int], float] = {}

    def look(self, frontiers: Mapping[Place, Frontier], now: float) -> dict[Stage, Hole]:
        """The holes of each stage at `now`, a monotonic time in seconds."""
        standing = {
            (place, frontier.next): frontier for place, frontier in frontiers.items() if frontier.ahead
        }
        self._since = {hole: self._since.get(hole, now) for hole in standing}
        found = dict.fromkeys(FACETS, Hole())
        for hole, frontier in standing.items():
            (stage, _), _ = hole
            before = found[stage]
            found[stage] = Hole(
                before.articles + _missing(frontier), max(before.seconds, now - self._since[hole])
            )
        return found


def _end(frontier: Frontier) -> int:
    return frontier.ahead[-1][1] if frontier.ahead else frontier.next


def _missing(frontier: Frontier) -> int:
    read = ((frontier.next, frontier.next), *frontier.ahead)
    return sum(start - end for (_, end), (start, _) in pairwise(read))
