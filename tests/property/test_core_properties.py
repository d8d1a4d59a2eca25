"""What must hold for all inputs of the core."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.core.article import Article, Version
from streams.core.frontier import Frontier
from streams.core.instants import format_instant, parse_instant, sortable
from streams.core.message import canonical_json
from streams.core.windows import window_of

INSTANTS = st.datetimes(datetime(1000, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(TEXTS.filter(bool), TEXTS, INSTANTS, st.none() | INSTANTS, st.booleans())
def test_an_article_survives_the_codec(
    title: str, text: str, at: datetime, updated: datetime | None, w: bool
) -> None:
    """What is written is the canonical JSON of all fields, and is read back with the same version."""
    article = Article(
        id="a", title=title, text=text, source="s", published_at=at, updated_at=updated, withdrawn=w
    )
    assert article.to_json() == canonical_json(article.model_dump())
    again = Article.from_json(article.to_json())
    assert (article, Version.of(article)) == (again, Version.of(again))


@given(INSTANTS, INSTANTS)
def test_instants_keep_their_value_and_order_as_text(one: datetime, other: datetime) -> None:
    """The text form sorts as time does."""
    assert one == parse_instant(format_instant(one)) == parse_instant(sortable(one))
    assert (one < other) == (sortable(one) < sortable(other))


@given(INSTANTS, st.integers(1, 24 * 366))
def test_each_instant_lies_in_one_window(instant: datetime, hours: int) -> None:
    """The windows of a length cover time without gap or overlap."""
    window = window_of(instant, hours)
    assert window.start <= instant < window.end
    assert timedelta(hours=hours) == window.end - window.start
    assert window.after == window_of(window.end, hours)


@given(st.lists(st.integers(0, 40), max_size=80))
def test_a_frontier_is_a_set_of_offsets(offsets: list[int]) -> None:
    """Whatever the order and the duplicates, it says exactly what has been read."""
    frontier = Frontier()
    for offset in offsets:
        frontier = frontier.add(offset)
    read = set(range(frontier.next)) | {o for start, end in frontier.ahead for o in range(start, end)}
    assert set(offsets) == read
    assert frontier.next not in read
    assert all(start > frontier.next and start < end for start, end in frontier.ahead)
