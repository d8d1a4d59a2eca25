"""Stories: reports that copy each other count as one.

A signature holds 64 MinHash values of an article's token 3-grams (Broder 1997); the share of equal
values estimates how much two texts have in common. Within one alert, articles are visited by
(published_at, id): one joins the earliest leader with which it shares 45 values or more, else it
leads a story of its own. So stories are a function of the set, whatever the order of arrival.
"""

from collections.abc import Iterable
from datetime import datetime
from operator import eq
from typing import Protocol

SIGNATURE_VALUES = 64
EQUAL_VALUES = 45
VALUE_BYTES = 4
_BANDS = SIGNATURE_VALUES - EQUAL_VALUES + 1
_BAND_VALUES = SIGNATURE_VALUES // _BANDS


class Report(Protocol):
    """What the grouping needs of an article."""

    @property
    def article_id(self) -> str:
        """Unique among the reports."""

    @property
    def published_at(self) -> datetime:
        """When it was published; the earliest leads."""

    @property
    def signature(self) -> bytes | None:
        """64 big-endian values of 32 bits; None for a text too short to compare."""


def stories(reports: Iterable[Report]) -> dict[str, str]:
    """The leader's article id for each article id; a leader leads itself.

    Two signatures with 45 equal values of 64 differ in 19 places at most, so that of 20 disjoint
    bands at least one is equal in both: looking up bands finds every candidate.
    """
    leader_of: dict[str, str] = {}
    leaders: list[tuple[str, tuple[bytes, ...]]] = []
    by_band: dict[tuple[int, bytes], list[int]] = {}
    for report in sorted(reports, key=lambda report: (report.published_at, report.article_id)):
        if report.signature is None:
            leader_of[report.article_id] = report.article_id
            continue
        values = _split(report.signature, VALUE_BYTES)
        bands = list(enumerate(_split(report.signature, VALUE_BYTES * _BAND_VALUES)[:_BANDS]))
        candidates = sorted({index for band in bands for index in by_band.get(band, ())})
        leader = next((leaders[i][0] for i in candidates if _copies(leaders[i][1], values)), None)
        if leader is None:
            leader = report.article_id
            for band in bands:
                by_band.setdefault(band, []).append(len(leaders))
            leaders.append((leader, values))
        leader_of[report.article_id] = leader
    return leader_of


def _split(data: bytes, size: int) -> tuple[bytes, ...]:
    return tuple(data[i : i + size] for i in range(0, len(data), size))


def _copies(one: tuple[bytes, ...], other: tuple[bytes, ...]) -> bool:
    equal: int = sum(map(eq, one, other))
    return equal >= EQUAL_VALUES
