"""Every pill through every stage, and through everything that shows it to people."""

import io
import time
from collections import Counter
from typing import Any

import pytest
from conftest import NOW
from rich.console import Console

from poison.pills import FAMILIES, Pill, pills, steering
from streams.backtest import backtest
from streams.cli.console import plain
from streams.cli.deadletters import letter_in_full, letters_table
from streams.cli.show import alert_in_full, alerts_table, revision_line
from streams.core.article import Article
from streams.core.deadletter import DeadLetter, Original, dead_letter_headers, read_record, read_redrive
from streams.core.deadletters import Place, Written, in_order
from streams.core.evidence import MAX_SOURCE, source_of
from streams.core.facets import Entities
from streams.core.headers import MENDS, Coordinates, mended_record, mends_headers
from streams.core.instants import from_milliseconds
from streams.core.message import MAX_BYTES
from streams.enrich.registry import Registry
from streams.enrich.stage import Enrichment, outcome
from streams.rulebook import load_rules

ALL = list(pills())
REFUSED = [pill for pill in ALL if pill.reason is not None]
READ = [pill for pill in ALL if pill.reason is None]
LONGEST_SECONDS = 30
"""What a stage may take for a pill on a machine that is busy: only time by the square of a length is more."""


def shown(what: Any) -> str:
    """What a terminal is given."""
    page = io.StringIO()
    Console(file=page, highlight=False, soft_wrap=True, width=120).print(what)
    return page.getvalue()


def letter_of(pill: Pill, stage: Enrichment) -> DeadLetter:
    """The letter of a pill that this stage refuses."""
    result = outcome(stage, pill.value, from_milliseconds(pill.sent_ms))
    assert result.dead_letter is not None
    original = Original(pill.key, pill.value)
    return DeadLetter(
        stage=stage.name,
        source=Coordinates("t", 0, 7),
        stream="news.articles",
        reason=result.facet.reason or "",
        error=result.dead_letter,
        article=result.facet.id,
        redrive=read_redrive(pill.headers),
        fingerprint=original.fingerprint,
        original=original,
    )


def test_there_are_many_of_each_family() -> None:
    """And no two are the same record."""
    assert Counter(pill.family for pill in ALL).keys() == FAMILIES.keys()
    sizes = [len(p.key or b"") + len(p.value or b"") + sum(map(len, dict(p.headers).values())) for p in ALL]
    assert max(sizes) < 1_000_000  # what every broker takes
    assert len({repr((p.key, p.value, p.headers, p.sent_ms)) for p in ALL}) == len(ALL) >= 200


@pytest.mark.parametrize("pill", ALL, ids=str)
def test_each_stage_says_what_is_expected(pill: Pill, stages: list[Enrichment]) -> None:
    """A refusal with just its reason and one letter, or a facet that fits a message and names just these."""
    for stage in stages:
        begun = time.monotonic()
        result = outcome(stage, pill.value, from_milliseconds(pill.sent_ms))
        assert time.monotonic() - begun < LONGEST_SECONDS
        assert result.facet.reason == pill.reason
        assert (result.facet.outcome == "rejected") == (pill.reason is not None)
        assert (result.dead_letter is not None) == (pill.reason is not None and stage.name == "entities")
        assert len(result.facet.to_json()) <= MAX_BYTES
        if isinstance(result.facet, Entities):
            assert pill.actors == {actor.id for actor in result.facet.actors}
            if pill.reason is None:
                document = Article.from_json(pill.value).document
                for mention in (mention for actor in result.facet.actors for mention in actor.mentions):
                    assert document[mention.start : mention.end] == mention.text


@pytest.mark.parametrize("pill", REFUSED, ids=str)
def test_a_letter_comes_back_and_can_be_looked_at(pill: Pill, stages: list[Enrichment]) -> None:
    """Key and value byte for byte, or known to be too large; nothing that is shown steers a terminal."""
    letter = letter_of(pill, stages[0])
    assert (letter.reason, letter.attempts) == (pill.reason, pill.attempts)
    original = Original(pill.key, pill.value)
    kept = original.kept
    assert kept != (None, None)  # no client sends that
    again = read_record(kept.key, kept.value, dead_letter_headers(letter, NOW))
    assert isinstance(again, DeadLetter)
    too_large = len(pill.key or b"") + len(pill.value or b"") > MAX_BYTES
    assert again.original == (None if too_large else original)
    (listed,) = in_order([Written(again, Place(0, 0), NOW)], ())
    assert (
        steering(shown(letter_in_full(listed, original)) + shown(letters_table([listed], states=True))) == ""
    )


def test_alerts_about_them_can_be_looked_at(stages: list[Enrichment], registry: Registry) -> None:
    """All that are read are evidence; whatever they hold, nothing that is shown steers a terminal."""
    articles = [Article.from_json(pill.value) for pill in READ]
    alerts = list(backtest(articles, load_rules(None, registry), stages, now=NOW))
    named = sum(not one.withdrawn and len(pill.actors) > 1 for one, pill in zip(articles, READ, strict=True))
    assert named <= sum(alert.counts.articles for alert in alerts)
    for alert in alerts:
        page = shown(alert_in_full(alert)) + shown(alerts_table([alert])) + revision_line(alert)
        assert steering(page) == ""


@pytest.mark.parametrize("separator", "\v\f\x1c\x85\u2028\u2029")
def test_what_is_plain_stands_on_one_line(separator: str) -> None:
    """Whoever counts lines in Unicode's way sees one."""
    assert plain(f"a{separator}{separator}b") == "a b"


def test_a_source_fits_every_database() -> None:
    """It is what reports are counted by: no NUL, and no longer than a column, however it grows when folded."""
    assert source_of(None, "evil\0.Example") == "evil.example"
    for url, source in ((None, "\ufb03" * 256), (f"https://{'a' * 4_000}.example/", "x"), (None, "....")):
        assert 0 < len(source_of(url, source)) <= MAX_SOURCE


@pytest.mark.parametrize(
    "value", [b"0:8", b"0:7", b"0:999999999999", b"1:6", b"0:-1", "0:\u0661".encode(), b"\xff"]
)
def test_nobody_mends_what_comes_later_or_elsewhere(value: bytes) -> None:
    """A repair follows its record in one partition; any other claim is dropped, however long it is."""
    source = Coordinates("t", 0, 7)
    assert mended_record([(MENDS, value)], source) is None
    assert mends_headers([(MENDS, value)], source) == []
    assert mends_headers([(MENDS, b"0:6"), (MENDS, value)], source) == [(MENDS, b"0:6")]


def test_time_stamps_beyond_all_years_are_the_nearest_instant() -> None:
    """Anybody may choose one, and whoever reads it goes on."""
    assert (from_milliseconds(2**62).year, from_milliseconds(-(2**62)).year) == (9999, 1)
