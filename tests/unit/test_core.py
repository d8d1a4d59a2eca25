"""The pure heart: instants, versions, windows, frontiers, stories, revisions and the horizon."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from conftest import article

from streams.core.article import Version, derive_id
from streams.core.errors import InvalidMessage
from streams.core.evidence import source_of
from streams.core.frontier import Frontier
from streams.core.horizon import Partition, horizon
from streams.core.instants import format_instant, parse_instant
from streams.core.message import decode_object
from streams.core.stories import stories
from streams.core.windows import window_of

NOON = datetime(2025, 1, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-21T12:00:00Z", "2025-01-21T12:00:00Z"),
        ("2025-01-21T20:00:00+08:00", "2025-01-21T12:00:00Z"),
        ("2025-01-21", "2025-01-21T00:00:00Z"),
        ("2025-01-21t12:00:00.25z", "2025-01-21T12:00:00.250000Z"),
    ],
)
def test_an_instant_is_read_into_utc(text: str, expected: str) -> None:
    """Any zone, a fraction, or a date alone: one form comes out."""
    assert expected == format_instant(parse_instant(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2025-01-21T12:00:00", "needs a zone"),
        ("2025-02-30T12:00:00Z", "not a real instant"),
        ("0001-01-01", "before the year"),
        ("20250121T120000Z", "not an RFC 3339 instant"),
        ("yesterday", "not an RFC 3339 instant"),
    ],
)
def test_a_bad_instant_says_what_is_wrong(text: str, reason: str) -> None:
    """Each kind of fault has its own words."""
    with pytest.raises(ValueError, match=reason):
        parse_instant(text)


@pytest.mark.parametrize(
    "data", [None, b"", b"[]", b'"x"', b"\xff\xfe", b"[" * 5000, b'{"a": NaN}', b'{"a": "\\ud800"}']
)
def test_what_is_no_json_object_is_an_invalid_message(data: bytes | None) -> None:
    """Null, garbage, deep nesting, NaN and lone surrogates are refused the same way."""
    with pytest.raises(InvalidMessage):
        decode_object(data)


def test_the_greatest_version_is_the_latest_then_the_withdrawn() -> None:
    """Versions are ordered by time, then withdrawal, whatever else they say."""
    first = article(title="First")
    withdrawn = article(title="First", withdrawn=True)
    updated = article(title="Second", updated_at="2025-01-21T12:00:01Z")
    keys = [Version.of(a).key for a in (first, withdrawn, updated)]
    assert keys == sorted(keys)


def test_unknown_fields_do_not_change_a_version() -> None:
    """A producer may add fields: the version stays."""
    assert Version.of(article()) == Version.of(article(mood="sunny"))


def test_an_id_follows_from_the_canonical_url() -> None:
    """The order of parameters and the fragment make no other article; another path does."""
    one = derive_id({"url": "https://example.org/a?x=1&y=2#top"})
    assert one == derive_id({"url": "https://example.org/a?y=2&x=1"})
    assert one != derive_id({"url": "https://example.org/b?y=2&x=1"})


def test_midnight_begins_a_window() -> None:
    """A window holds its start and not its end."""
    midnight = datetime(2025, 1, 22, tzinfo=UTC)
    before = window_of(midnight - timedelta(microseconds=1), 24)
    assert (before.end, before.after) == (midnight, window_of(midnight, 24))
    assert window_of(midnight, 24).before == before


def test_a_hole_holds_the_frontier_until_it_is_filled() -> None:
    """Offsets beyond a hole are remembered as ranges."""
    frontier = Frontier()
    for offset in (0, 2, 3, 5):
        frontier = frontier.add(offset)
    assert Frontier(1, ((2, 4), (5, 6))) == frontier
    assert Frontier(4, ((5, 6),)) == frontier.add(1)


def test_the_horizon_is_now_unless_a_partition_lags() -> None:
    """An idle partition holds nothing back; the one that lags most decides."""
    later = NOON + timedelta(hours=1)
    assert horizon(NOON, [Partition(lags=False, event_max=None)]) == NOON
    lagging = [Partition(lags=True, event_max=later), Partition(lags=True, event_max=NOON)]
    assert horizon(later + timedelta(days=1), lagging) == NOON


def report(article_id: str, minute: int, values: list[int]) -> SimpleNamespace:
    """A report with a signature made of these values, repeated to 64."""
    signature = b"".join(value.to_bytes(4, "big") for value in (values * 64)[:64])
    return SimpleNamespace(
        article_id=article_id, published_at=NOON + timedelta(minutes=minute), signature=signature
    )


def test_copies_are_one_story_led_by_the_earliest() -> None:
    """The order in which reports come doesn't matter."""
    reports = [report("copy", 5, [1]), report("first", 1, [1]), report("other", 0, [2])]
    assert stories(reports) == {"first": "first", "copy": "first", "other": "other"}


@pytest.mark.parametrize(("differing", "expected"), [(19, "a"), (20, "b")])
def test_forty_five_equal_values_make_a_copy(differing: int, expected: str) -> None:
    """19 of 64 values may differ, wherever they lie; 20 may not."""
    one = report("a", 0, list(range(64)))
    other = report(
        "b", 1, [v + 1000 if i % 3 == 0 and i < 3 * differing else v for i, v in enumerate(range(64))]
    )
    assert expected == stories([one, other])["b"]


@pytest.mark.parametrize(
    ("url", "source", "expected"),
    [
        ("https://world.harbour.example/x", "Harbour Post", "harbour.example"),
        (None, "news.bbc.co.uk", "bbc.co.uk"),
        (None, "Harbour Post", "harbour post"),
    ],
)
def test_a_source_is_a_registered_domain_where_there_is_one(
    url: str | None, source: str, expected: str
) -> None:
    """Two desks of one house are one source."""
    assert expected == source_of(url, source)
