"""Dead letters taken together, the rules for who writes them, and the alarm for a long run."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from conftest import article

from streams.core.article import Article
from streams.core.deadletter import DeadLetter, Foreign, Original, dead_letter_headers, read_record
from streams.core.deadletters import Place, Written, in_order, named
from streams.core.errors import NoSuchDeadLetter
from streams.core.facets import FACETS, Facet, Stage
from streams.core.headers import Coordinates
from streams.enrich.stage import outcome
from streams.telemetry.health import LONG_RUN
from streams.worker.report import Report

SMALL = Original(b"k", b"{}")
NOON = datetime(2025, 1, 21, 12, tzinfo=UTC)


def letter(offset: int = 0, *, stage: Stage = "entities", original: Original = SMALL) -> DeadLetter:
    """A letter about the record at this offset."""
    return DeadLetter(
        stage=stage,
        source=Coordinates("t", 1, offset),
        stream="news.articles",
        reason="not JSON",
        error="streams.core.errors.InvalidMessage",
        article=None,
        redrive=None,
        fingerprint=original.fingerprint,
        original=original,
    )


def written(of: DeadLetter, minute: int) -> Written:
    """The letter as it lies on its stream."""
    return Written(of, Place(0, minute), NOON + timedelta(minutes=minute))


def test_letters_come_newest_last_and_each_identity_is_open_once() -> None:
    """A record that was read twice has two letters; the older is repeated, and one was redriven."""
    found = [written(letter(7), 3), written(letter(5), 1), written(letter(7), 2), written(letter(6), 4)]
    states = [(listed.letter.source.offset, listed.state) for listed in in_order(found, {"t/1/6/entities"})]
    assert [(5, "open"), (7, "repeated"), (7, "open"), (6, "redriven")] == states


def test_a_letter_is_found_by_its_identity_or_by_where_its_record_lies() -> None:
    """The short name will do unless two stages failed on one record; what isn't there is said."""
    letters = in_order(
        [
            written(letter(7), 1),
            written(letter(7), 2),
            written(letter(8), 3),
            written(letter(8, stage="topics"), 4),
        ],
        (),
    )
    assert letters[1] == named(letters, "1:7") == named(letters, "t/1/7/entities")
    assert letters[3] == named(letters, "t/1/8/topics")
    with pytest.raises(NoSuchDeadLetter, match=r"2 dead letters go by 1:8.*\n.*entities\n.*topics"):
        named(letters, "1:8")
    with pytest.raises(NoSuchDeadLetter, match="list --all"):
        named(letters, "1:9")


@pytest.mark.parametrize(("value", "size"), [(None, b"-1"), (b"", b"0"), (b"x" * 900_001, b"900001")])
def test_null_empty_and_too_large_can_be_told_apart(value: bytes | None, size: bytes) -> None:
    """By the size in the headers, whatever the letter itself can hold."""
    original = Original(b"k", value)
    headers = dead_letter_headers(letter(original=original), NOON)
    assert dict(headers)["summitry-value-bytes"] == size
    again = read_record(*original.kept, headers)
    assert isinstance(again, DeadLetter)
    assert again.original == (None if value else original)


def test_a_value_that_was_changed_is_foreign() -> None:
    """A letter is believed only with the bytes that its headers speak of."""
    found = read_record(b"k", b"{ }", dead_letter_headers(letter(), NOON))
    assert found == Foreign("its bytes aren't those that its headers speak of")


@dataclass(frozen=True, slots=True)
class Failing:
    """A stage that fails on every article, with what is asked for."""

    error: Exception
    name: Stage = "sentiment"
    version: int = 1

    def read(self, article: Article) -> Facet:
        """Fail."""
        raise self.error


@pytest.mark.parametrize("stage", FACETS)
def test_what_is_no_article_is_a_dead_letter_of_the_entities_stage_alone(stage: Stage) -> None:
    """Every stage rejects it, with the original key; one writes the letter. So for a date far ahead."""
    ahead = article(published_at="2026-01-01T00:00:00Z")
    for value, known in ((b"[", None), (None, None), (ahead.to_json(), "a")):
        result = outcome(Failing(AssertionError("not asked"), stage), value, NOON)
        assert (result.facet.outcome, result.facet.id) == ("rejected", known)
        expected = "streams.core.errors.InvalidMessage" if stage == "entities" else None
        assert result.dead_letter == expected


def test_a_failure_is_a_dead_letter_of_its_own_stage() -> None:
    """With the error's class and text, even a text that is no Unicode."""
    result = outcome(Failing(ValueError("half a pair: \ud800")), article().to_json(), NOON)
    assert (result.dead_letter, result.facet.id) == ("builtins.ValueError", "a")
    assert result.facet.reason == "sentiment failed: ValueError: half a pair: \\ud800"
    assert b"half a pair" in result.facet.to_json()


@pytest.mark.parametrize("error", [MemoryError(), OSError("disk"), TimeoutError()])
def test_what_speaks_of_the_machine_stops_the_worker(error: Exception) -> None:
    """No letter: the article is read again when the machine is well."""
    with pytest.raises(type(error)):
        outcome(Failing(error), article().to_json(), NOON)


def test_a_long_run_of_dead_letters_alarms_once_until_a_record_goes_well(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A rejection that another stage dead-letters neither lengthens the run nor ends it."""
    caplog.set_level(logging.INFO, "streams")
    report = Report("topics")
    bad, good = (
        FACETS["topics"](id=None, version=None, stage_version=1, outcome=of) for of in ("rejected", "ok")
    )
    for _ in range(LONG_RUN - 1):
        report.read(bad, 0.0, dead_letter=True)
    report.read(bad, 0.0, dead_letter=False)
    assert caplog.messages == []
    for _ in range(LONG_RUN):
        report.read(bad, 0.0, dead_letter=True)
    report.read(bad, 0.0, dead_letter=False)
    (alarm,) = caplog.records
    assert (alarm.levelname, alarm.message[:16]) == ("ERROR", "raises the alarm")
    report.read(good, 0.0, dead_letter=False)
    report.read(good, 0.0, dead_letter=False)
    assert [message[:14] for message in caplog.messages[1:]] == ["ends the alarm"]
