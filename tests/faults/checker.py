"""The checker: what a run left behind, held against what was promised. Pure; `Left` is all that it knows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal, NamedTuple, get_args

from faults.corpus import Entry
from faults.explained import explains
from faults.history import Confirmed
from faults.processes import Death
from faults.schedule import Fault
from streams.core.alert import Alert
from streams.core.deadletter import DeadLetter, Original, read_record
from streams.core.facets import FACETS, Stage
from streams.core.headers import mended_record, source_coordinates
from streams.core.message import canonical_json
from streams.enrich.stage import Enrichment, outcome
from streams.replay import differences
from streams.store.progress import Answered

Verdict = Literal["lost", "doubled", "different", "unexplained"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


Place = tuple[int, int]
"""A partition and an offset of news.articles."""


class Finding(NamedTuple):
    """One thing that isn't as promised."""

    verdict: Verdict
    what: str


class Letter(NamedTuple):
    """A dead letter: the SHA-256 of the bytes, the stage, the reason."""

    sha256: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a run left: records are kafka-python's, of a stream's partitions in order."""

    confirmed: Sequence[Confirmed]
    articles: Sequence[Any]
    articles_id: str
    answered: Mapping[Stage, AbstractSet[Place]]
    """What the facets on a stage's stream answer."""
    told: Sequence[Any]
    told_before: Sequence[Any]
    """What lay on a news.alerts that was deleted."""
    letters: Sequence[Any]
    table: Sequence[Alert]
    frontiers: Mapping[tuple[Stage, str, int], Answered]
    deaths: Sequence[Death]


def check(
    left: Left,
    corpus: Sequence[Entry],
    oracle: Iterable[Alert],
    letters: set[Letter],
    faults: Sequence[Fault],
) -> list[Finding]:
    """Everything that isn't as promised."""
    remade = {fault.target for fault in faults if fault.kind == "remake"}
    return [
        *_lost_records(left, corpus),
        *_unanswered(left, remade),
        *_contradictions([*left.told_before, *left.told]),
        *_untold(left.told, left.table),
        *_differences(left.table, list(oracle)),
        *_letters(left.letters, letters),
        *_deaths(left.deaths, faults),
    ]


def _lost_records(left: Left, corpus: Sequence[Entry]) -> Iterator[Finding]:
    """What was confirmed to the publisher lies where that was said."""
    held = {(record.partition, record.offset): record.value for record in left.articles}
    anywhere = {(record.partition, record.value) for record in left.articles}
    for number, partition, offset in left.confirmed:
        value = corpus[number].value
        # A broker that was sent a record twice by one producer may confirm it without saying where it lies.
        there = (partition, value) in anywhere if offset < 0 else held.get((partition, offset), b"?") == value
        if not there:
            yield Finding("lost", f"entry {number} isn't at partition {partition} offset {offset}")
    for number in sorted(set(range(len(corpus))) - {one.entry for one in left.confirmed}):
        yield Finding("unexplained", f"entry {number} was never confirmed")


def _unanswered(left: Left, remade: set[str]) -> Iterator[Finding]:
    """Each stage has answered each record, on its stream and by the sink's frontiers."""
    places = {(record.partition, record.offset) for record in left.articles}
    for stage in FACETS:
        if stage not in remade:  # else what was answered is gone with the old stream
            for place in sorted(places - left.answered[stage]):
                yield Finding("lost", f"{stage} has no answer to partition {place[0]} offset {place[1]}")
        for partition, offset in sorted(places):
            frontier = left.frontiers.get((stage, left.articles_id, partition), Answered()).frontier
            if not frontier.has(offset):
                yield Finding("lost", f"the sink has no {stage} of partition {partition} offset {offset}")


def answers(facets: Iterable[Any]) -> set[Place]:
    """The places in news.articles that these records of facets answer."""
    found = set()
    for record in facets:
        source = source_coordinates(record.headers)
        found |= {source[1:], (mended_record(record.headers, source) or source)[1:]}
    return found


def _contradictions(records: Iterable[Any]) -> Iterator[Finding]:
    """Revisions have one content each, are 1..n within a generation, and differ from the one before."""
    contents: dict[tuple[str, int, int], bytes] = {}
    for record in records:
        alert = Alert.from_json(record.value)
        known = contents.setdefault((alert.id, *alert.order), record.value)
        if known != record.value:
            yield Finding("doubled", f"{alert.id} {alert.order} says two things")
    told: dict[tuple[str, int], dict[int, Alert]] = defaultdict(dict)
    for (identity, generation, revision), value in contents.items():
        told[identity, generation][revision] = Alert.from_json(value)
    for (identity, generation), revisions in told.items():
        numbers = sorted(revisions)
        if numbers != list(range(1, len(numbers) + 1)):
            yield Finding("lost", f"{identity} of generation {generation} has revisions {numbers}")
        for one, following in pairwise(numbers):
            if _said(revisions[one]) == _said(revisions[following]):
                yield Finding("doubled", f"{identity} revisions {one} and {following} say the same")


def _untold(records: Iterable[Any], table: Iterable[Alert]) -> Iterator[Finding]:
    """Who keeps the greatest of news.alerts has the table."""
    kept: dict[str, Alert] = {}
    for record in records:
        alert = Alert.from_json(record.value)
        if alert.id not in kept or alert.order > kept[alert.id].order:
            kept[alert.id] = alert
    rows = {alert.id: alert for alert in table}
    for identity in sorted(rows.keys() | kept.keys()):
        if identity not in kept:
            yield Finding("lost", f"{identity} was never told")
        elif identity not in rows:
            yield Finding("different", f"{identity} was told and isn't in the table")
        elif kept[identity] != rows[identity]:
            yield Finding(
                "different",
                f"{identity} was told as {kept[identity].order} {kept[identity].change},"
                f" the table has {rows[identity].order} {rows[identity].change}",
            )


def _differences(table: Iterable[Alert], oracle: Sequence[Alert]) -> Iterator[Finding]:
    """The active alerts are the backtest's, byte for byte."""
    active = [alert for alert in table if alert.state == "active"]
    for line in differences(active, oracle):
        yield Finding("different", line)
    ours, theirs = ([canonical_json(alert.body_and_id()) for alert in alerts] for alerts in (active, oracle))
    if ours != theirs and not differences(active, oracle):
        yield Finding("different", "the alerts' order or bytes differ from the backtest's")


def _letters(records: Iterable[Any], expected: set[Letter]) -> Iterator[Finding]:
    """The dead letters are those of the oracle, whole."""
    found = set()
    for record in records:
        letter = read_record(record.key, record.value, record.headers)
        if isinstance(letter, DeadLetter) and letter.original is not None:
            found.add(Letter(letter.fingerprint.value_sha256, letter.stage, letter.reason))
        else:
            yield Finding("different", f"no whole dead letter: {letter}")
    for letter in sorted(expected - found):
        yield Finding("lost", f"no dead letter: {letter}")
    for letter in sorted(found - expected):
        yield Finding("different", f"nobody expected the dead letter {letter}")


def _deaths(deaths: Iterable[Death], faults: Sequence[Fault]) -> Iterator[Finding]:
    """Who ended had a reason in the schedule; who was asked to did so in good order."""
    for death in deaths:
        if death.asked:
            # By SIGTERM where it came before anybody could listen to it.
            good = death.code in (0, -15) or any(
                explains(f, death.name, death.code, death.at) for f in faults
            )
            if not good:
                yield Finding("unexplained", f"{death.name} was to end, and did so with code {death.code}")
        elif not any(explains(fault, death.name, death.code, death.at) for fault in faults):
            yield Finding("unexplained", f"{death.name} ended with code {death.code} at {death.at:.1f} s")


def _said(alert: Alert) -> tuple[str, str, bool]:
    return alert.digest, alert.state, alert.closed


def expected_letters(corpus: Iterable[Entry], stages: Iterable[Enrichment], sent_at: datetime) -> set[Letter]:
    """The dead letters that follow from the corpus."""
    values = {entry.value for entry in corpus}
    found = set()
    for stage in stages:
        for value in values:
            result = outcome(stage, value, sent_at)
            if result.dead_letter:
                reason = (result.facet.reason or "rejected").encode(errors="backslashreplace").decode()
                found.add(Letter(Original(None, value).fingerprint.value_sha256, stage.name, reason))
    return found
