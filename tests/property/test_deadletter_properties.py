"""What must hold of dead letters, whatever bytes arrive and whatever lies on their stream."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from streams.core.deadletter import (
    MAX_REDRIVES,
    DeadLetter,
    Foreign,
    Original,
    Redrive,
    dead_letter_headers,
    next_redrive,
    read_record,
    read_redrive,
    redrive_headers,
    redriven_headers,
)
from streams.core.facets import FACETS
from streams.core.headers import Coordinates, Headers
from streams.core.message import MAX_BYTES

AT = datetime(2025, 1, 21, 12, tzinfo=UTC)
NUMBERS = st.integers(0, 10**18 - 1)
# Sizes around the limit matter as much as contents.
BYTES = st.none() | st.binary(max_size=40) | st.integers(MAX_BYTES - 40, MAX_BYTES + 40).map(bytes)
REDRIVES = st.none() | st.builds(Redrive, st.integers(1, MAX_REDRIVES), st.text("abc/0-", min_size=1))
LETTERS = st.builds(
    lambda original, **fields: DeadLetter(original=original, fingerprint=original.fingerprint, **fields),
    original=st.builds(Original, BYTES, BYTES),
    stage=st.sampled_from(list(FACETS)),
    source=st.builds(Coordinates, st.uuids().map(str), st.integers(0, 999), NUMBERS),
    stream=st.just("news.articles"),
    reason=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    error=st.just("builtins.ValueError"),
    article=st.none() | st.text("a-0123456789", min_size=1),
    redrive=REDRIVES,
)
OUR_NAMES = [
    name
    for headers in (
        dead_letter_headers(
            DeadLetter(
                stage="topics",
                source=Coordinates("t", 0, 0),
                stream="s",
                reason="r",
                error="e",
                article="a",
                redrive=Redrive(1, "i"),
                fingerprint=Original(None, None).fingerprint,
                original=None,
            ),
            AT,
        ),
        redriven_headers(Redrive(1, "i"), AT),
    )
    for name, _ in headers
]


@given(LETTERS)
def test_a_letter_says_again_what_was_written(letter: DeadLetter) -> None:
    """Key and value come back byte for byte, or are known to be missing; so does all else."""
    original = letter.original
    assert original is not None
    kept = original.kept
    again = read_record(kept.key, kept.value, dead_letter_headers(letter, AT))
    assert isinstance(again, DeadLetter)
    fits = len(original.key or b"") + len(original.value or b"") <= MAX_BYTES
    assert again.original == (original if fits else None)
    assert kept != (None, None)  # no client sends that
    assert letter == DeadLetter(
        **{name: getattr(again, name) for name in DeadLetter.__slots__} | {"original": original}
    )
    assert len(kept.key or b"") + len(kept.value or b"") <= MAX_BYTES


@given(LETTERS)
def test_what_is_redriven_and_fails_again_counts_the_attempt(letter: DeadLetter) -> None:
    """The article's headers carry it to the stage, the mark beside the letter to who lists letters."""
    redrive = next_redrive(letter)
    mark = read_record(b"k", None, redriven_headers(redrive, AT))
    if letter.attempts < MAX_REDRIVES:
        assert redrive == read_redrive(redrive_headers(redrive, AT)) == mark
        assert (letter.attempts + 1, letter.identity) == redrive
    else:
        assert read_redrive(redrive_headers(redrive, AT)) is None


@given(
    st.none() | st.binary(max_size=40),
    st.none() | st.binary(max_size=40),
    st.lists(st.tuples(st.sampled_from(OUR_NAMES) | st.text(), st.none() | st.binary(max_size=40))),
)
def test_nothing_on_the_stream_stops_its_reader(
    key: bytes | None, value: bytes | None, headers: Headers
) -> None:
    """Whatever somebody else wrote is foreign, or a mark that names nothing of ours."""
    assert isinstance(read_record(key, value, headers), Foreign | Redrive)
    read_redrive(headers)


@given(LETTERS, st.data())
def test_damaged_headers_stop_no_reader_either(letter: DeadLetter, data: st.DataObject) -> None:
    """One header of a real letter is changed: it reads as something, or is foreign."""
    headers = dead_letter_headers(letter, AT)
    place = data.draw(st.integers(0, len(headers) - 1))
    headers[place] = (headers[place][0], data.draw(st.none() | st.binary(max_size=40)))  # type: ignore[assignment]
    assert letter.original is not None
    found = read_record(*letter.original.kept, headers)
    assert isinstance(found, DeadLetter | Foreign)
