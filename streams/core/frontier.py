"""How far a source log has been read without a hole, and what has been read beyond."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frontier:
    """Every offset below `next` has been read; `ahead` holds ranges [start, end) beyond it."""

    next: int = 0
    ahead: tuple[tuple[int, int], ...] = ()

    @property
    def holes(self) -> tuple[tuple[int, int], ...]:
        """The ranges [start, end) that have not been read, though something beyond them has."""
        starts = (self.next, *(end for _, end in self.ahead))
        return tuple(zip(starts, (start for start, _ in self.ahead), strict=False))

    def add(self, offset: int) -> "Frontier":
        """The frontier with `offset` read too; what was read already changes nothing."""
        if offset < self.next:
            return self
        ranges = list(self.ahead)
        at = bisect_left(ranges, (offset + 1, offset + 1))
        if at and ranges[at - 1][1] > offset:
            return self
        start, end = offset, offset + 1
        if at < len(ranges) and ranges[at][0] == end:
            end = ranges.pop(at)[1]
        if at and ranges[at - 1][1] == start:
            start = ranges.pop(at - 1)[0]
            at -= 1
        if start == self.next:
            return Frontier(end, tuple(ranges))
        ranges.insert(at, (start, end))
        return Frontier(self.next, tuple(ranges))

    def has(self, offset: int) -> bool:
        """Whether the offset has been read."""
        return offset < self.next or any(start <= offset < end for start, end in self.ahead)

    def missing(self, end: int) -> Iterator[int]:
        """The offsets below `end`, or below the last that has been read, that have not been."""
        for start, following in self.holes:
            yield from range(start, following)
        yield from range(self.ahead[-1][1] if self.ahead else self.next, end)


START = Frontier()
"""Nothing has been read."""
