"""The fault runner's pure parts: schedules that replay, and a checker that sees each kind of broken promise."""

import json
import socket
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, article
from faults.checker import Left, Letter, Verdict, answers, check, expected_letters
from faults.corpus import PARTITIONS, Entry, entries
from faults.history import Confirmed
from faults.processes import Death
from faults.run import Outcome
from faults.schedule import (
    BROKERS,
    KINDS,
    NEEDS,
    SHORT,
    STORES,
    Broker,
    Fault,
    StoreKind,
    schedule,
    store_of,
)
from faults.summary import SeedTwice, as_text, record, summarise
from faults.surroundings import surroundings
from kafka.partitioner.default import murmur2

from streams.backtest import backtest
from streams.core.alert import Alert
from streams.core.deadletter import DeadLetter, Original, dead_letter_headers
from streams.core.facets import FACETS
from streams.core.frontier import Frontier
from streams.core.headers import Coordinates, facet_headers
from streams.enrich.registry import Registry
from streams.enrich.stage import Enrichment, outcome
from streams.rulebook import load_rules
from streams.store.progress import Answered


@dataclass(frozen=True)
class Record:
    """What the checker looks at of a record."""

    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int = 0
    key: bytes = b"k"


GARBAGE = Entry(b"k", b"[1, 2]")
TOLD = article(id="t", title="Xi Jinping met Vladimir Putin")
CORPUS = [Entry(b"t", TOLD.to_json(), TOLD), GARBAGE]


@pytest.fixture(scope="module")
def oracle(stages: list[Enrichment], registry: Registry) -> list[Alert]:
    """What the corpus comes to: one alert."""
    alerts = list(backtest([TOLD], load_rules(None, registry), stages, now=NOW))
    assert len(alerts) == 1
    return alerts


@pytest.fixture(scope="module")
def letters(stages: list[Enrichment]) -> set[Letter]:
    """The garbage's dead letter."""
    return expected_letters(CORPUS, stages, NOW)


@pytest.fixture(scope="module")
def left(stages: list[Enrichment], oracle: list[Alert]) -> Left:
    """What a run leaves in which all went well."""
    facets: dict[Any, list[Record]] = {stage: [] for stage in FACETS}
    for offset, entry in enumerate(CORPUS):
        for stage in stages:
            result = outcome(stage, entry.value, NOW)
            headers = facet_headers(stage.name, result.facet, Coordinates("log", 0, offset), NOW)
            facets[stage.name].append(Record(offset, result.facet.to_json(), headers))
            if result.dead_letter:
                original = Original(entry.key, entry.value)
                letter = DeadLetter(
                    stage=stage.name,
                    source=Coordinates("log", 0, offset),
                    stream="articles",
                    reason=result.facet.reason or "",
                    error="",
                    article=None,
                    redrive=None,
                    fingerprint=original.fingerprint,
                    original=original,
                )
    return Left(
        confirmed=[Confirmed(0, 0, 0), Confirmed(1, 0, 1)],
        articles=[Record(offset, entry.value) for offset, entry in enumerate(CORPUS)],
        articles_id="log",
        answered={stage: answers(records) for stage, records in facets.items()},
        told=[Record(0, oracle[0].to_json())],
        told_before=[],
        letters=[Record(0, GARBAGE.value, dead_letter_headers(letter, NOW))],
        table=oracle,
        frontiers={(stage, "log", 0): Answered(Frontier(2)) for stage in FACETS},
        deaths=[],
    )


def verdicts(left: Left, oracle: list[Alert], letters: set[Letter], faults: Sequence[Fault] = ()) -> set[str]:
    """The kinds of what the checker finds."""
    return {finding.verdict for finding in check(left, CORPUS, oracle, letters, faults)}


def test_a_run_in_which_all_went_well_has_no_findings(
    left: Left, oracle: list[Alert], letters: set[Letter]
) -> None:
    """Messages that were delivered twice, or confirmed without a place, are none either."""
    assert check(left, CORPUS, oracle, letters, []) == []
    nowhere = replace(left, confirmed=[Confirmed(0, 0, -1), *left.confirmed[1:]])
    assert check(nowhere, CORPUS, oracle, letters, []) == []
    twice = replace(left, told=[*left.told, *left.told], letters=[*left.letters, *left.letters])
    assert check(twice, CORPUS, oracle, letters, []) == []


def broken(left: Left) -> dict[str, tuple[Verdict, Left]]:
    """Everything that may go wrong, and what it is called."""
    alert = left.table[0]
    other = alert.model_copy(update={"headline": "Something else"})
    again = alert.model_copy(update={"revision": 2})
    skipped = other.model_copy(update={"revision": 3})
    fewer = dict(left.answered) | {"topics": left.answered["topics"] - {(0, 0)}}
    return {
        "a confirmed record is gone": ("lost", replace(left, articles=left.articles[1:])),
        "a record lies nowhere": (
            "lost",
            replace(left, confirmed=[Confirmed(0, 1, -1), *left.confirmed[1:]]),
        ),
        "a record holds other bytes": (
            "lost",
            replace(left, articles=[Record(0, b"{}"), *left.articles[1:]]),
        ),
        "nobody was told of the end": ("unexplained", replace(left, confirmed=left.confirmed[:1])),
        "a stage passed one by": (
            "lost",
            replace(left, answered=fewer),
        ),
        "the sink has a hole": (
            "lost",
            replace(
                left,
                frontiers=dict(left.frontiers) | {("topics", "log", 0): Answered(Frontier(0, ((1, 2),)))},
            ),
        ),
        "one revision says two things": (
            "doubled",
            replace(left, told=[*left.told, Record(1, other.to_json())]),
        ),
        "two revisions say the same": (
            "doubled",
            replace(left, told=[*left.told, Record(1, again.to_json())], table=[again]),
        ),
        "a revision was never told": (
            "lost",
            replace(left, told=[*left.told, Record(1, skipped.to_json())], table=[skipped]),
        ),
        "an alert was never told": ("lost", replace(left, told=[])),
        "the table has another": ("different", replace(left, table=[other])),
        "the table has none": ("different", replace(left, table=[])),
        "a dead letter is missing": ("lost", replace(left, letters=[])),
        "a dead letter holds other bytes": (
            "different",
            replace(left, letters=[Record(0, b"[1]", left.letters[0].headers)]),
        ),
        "a process died": ("unexplained", replace(left, deaths=[Death(3.0, "sink", 1)])),
        "a process didn't end when asked": (
            "unexplained",
            replace(left, deaths=[Death(3.0, "sink", -9, asked=True)]),
        ),
    }


def test_each_broken_promise_is_seen_and_called_by_its_name(
    left: Left, oracle: list[Alert], letters: set[Letter]
) -> None:
    """A checker that can't find anything would find nothing."""
    cases = broken(left)
    found = {name: verdicts(case, oracle, letters) for name, (_, case) in cases.items()}
    assert {name: verdict in found[name] for name, (verdict, _) in cases.items()} == dict.fromkeys(
        cases, True
    )


@pytest.mark.parametrize(
    ("fault", "death", "explained"),
    [
        (Fault(3.0, "kill", "sink", 0), Death(3.1, "sink", -9), True),
        (Fault(3.0, "kill", "sink", 0), Death(2.0, "sink", -9), False),
        (Fault(3.0, "kill", "sink", 0), Death(3.1, "topics", -9), False),
        (Fault(3.0, "kill", "sink", 0), Death(3.1, "sink", 70), False),
        (Fault(3.0, "freeze", "topics", 5), Death(9.0, "topics", 70), False),
        (Fault(3.0, "mark", "advance", 0), Death(64.0, "sink", -9), True),
        (Fault(3.0, "kill", "sink", 0), Death(64.0, "sink", -9), False),
        (Fault(3.0, "fill-disk", "store", 2), Death(4.0, "sink-2", 1), True),
        (Fault(3.0, "kill-broker", "1", 2), Death(4.0, "topics", 3), True),
        (Fault(3.0, "kill-broker", "1", 2), Death(70.0, "topics", 3), False),
        (Fault(3.0, "kill-broker", "1", 2), Death(70.0, "publisher", 3), True),
        (Fault(3.0, "kill-broker", "1", 9), Death(70.0, "topics", 3), True),
        (Fault(3.0, "kill-broker", "1", 2), Death(40.0, "topics", 70), False),
        (Fault(3.0, "reset", "network", 2), Death(80.0, "topics", 71), True),
        (Fault(3.0, "reset", "network", 2), Death(80.0, "topics", 70), False),
        (Fault(3.0, "kill", "sentiment", 0), Death(80.0, "topics", 71), False),
        (Fault(3.0, "kill-store", "store", 2), Death(4.0, "sink", 1), True),
        (Fault(3.0, "kill-store", "store", 2), Death(4.0, "topics", 1), False),
        (Fault(3.0, "remake-alerts", "alerts", 2), Death(5.5, "sink", 0), True),
        (Fault(3.0, "lag", "topics", 2), Death(5.5, "topics", 70), False),
    ],
)
def test_a_death_is_explained_by_a_fault_that_was_aimed_at_it(
    fault: Fault, death: Death, explained: bool, left: Left, oracle: list[Alert], letters: set[Letter]
) -> None:
    """By its time, its name and the code with which it ended."""
    found = verdicts(replace(left, deaths=[death]), oracle, letters, [fault])
    assert ("unexplained" in found) != explained


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("broker", BROKERS)
def test_a_seed_is_a_schedule(broker: Broker, store: StoreKind) -> None:
    """The same each time, of faults that this broker and this store know, all kinds in two hundred seeds."""
    schedules = [schedule(seed, broker, store) for seed in range(200)]
    assert schedules == [schedule(seed, broker, store) for seed in range(200)]
    kinds = {fault.kind for faults in schedules for fault in faults}
    known = {kind for kind, drawn in KINDS.items() if broker in drawn.brokers and store in drawn.stores}
    assert kinds == known - {"roll"}
    assert all(Fault(**fault.as_json()) == fault for faults in schedules for fault in faults)


def test_nothing_is_asked_of_a_broker_or_a_store_that_is_away() -> None:
    """Who deletes a stream, or restores a store, would else wait for the end of another fault."""
    for seed, store in product(range(300), STORES):
        faults = schedule(seed, "kafka", store)
        for asking, away in NEEDS:
            for one, other in product(faults, faults):
                if one.kind in asking and other.kind in away:
                    assert not other.at <= one.at <= other.end
                    assert not other.at <= one.end <= other.end


def test_one_seed_in_three_has_postgresql() -> None:
    """And it is the same one each time."""
    stores = [store_of(seed) for seed in range(300)]
    assert stores == [store_of(seed) for seed in range(300)]
    assert 80 < stores.count("postgresql") < 120


def test_the_short_runs_have_most_kinds_and_end_soon() -> None:
    """What CI does covers all kinds but those that take too long."""
    faults = [
        fault
        for broker, seeds in SHORT.items()
        for seed in seeds
        for fault in schedule(seed, broker, store_of(seed))
    ]
    assert {fault.kind for fault in faults} == KINDS.keys() - {
        "roll",
        "usurp",
        "outage",
        "old-registry",
        "partitions",
    }
    assert max(fault.end for fault in faults) < 15


def test_a_seed_is_a_corpus() -> None:
    """The same bytes in the same order, with versions, withdrawals, copies and what is no article."""
    corpus = entries(3)
    assert corpus == entries(3)
    articles = [entry.article for entry in corpus if entry.article is not None]
    assert len(corpus) > len(articles) > len({one.id for one in articles}) > 60
    assert any(one.withdrawn for one in articles)


def test_a_partition_may_stay_idle_or_have_nearly_all() -> None:
    """By the keys of its records, in some seeds; in most they are spread as they come."""
    shares = []
    for seed in range(40):
        partitions = Counter((murmur2(entry.key) & 0x7FFFFFFF) % PARTITIONS for entry in entries(seed))
        shares.append([partitions[number] / partitions.total() for number in range(PARTITIONS)])
    idle = [share for share in shares if min(share) == 0]
    crowded = [share for share in shares if max(share) > 0.8]
    assert 4 < len(idle) < 20
    assert 4 < len(crowded) < 20
    assert len([share for share in shares if max(share) < 0.5 and min(share) > 0.15]) > 10


def kept(seed: int, **changes: Any) -> dict[str, Any]:
    """A record of a run, as summary.jsonl has it."""
    outcome = Outcome(
        left=None,
        done=[Fault(3.0, "kill", "sink", 0), Fault(4.0, "kill", "topics", 0)],
        deaths=[Death(3.1, "sink", -9), Death(9.0, "sink", 0, asked=True)],
        findings=[],
        rest_seconds=0.5,
    )
    around = {
        "commit": "abc",
        "date": "2026-11-25",
        "machine": {"python": "3.11.2"},
        "versions": "one of each",
    }
    figures = {"articles": 200, "alerts": 15, "seconds": 20.04}
    return record(seed, "kafka", "sqlite", outcome.done, outcome, []) | figures | around | changes


def test_runs_are_kept_as_one_object() -> None:
    """Totals, by broker and by kind of fault; what was found; a line a run."""
    found = kept(2, commit="abc-dirty", lost=1, findings=["lost: entry 3"])
    summary = summarise([found, kept(1), kept(1, broker="embedded")])
    assert (summary["runs"], summary["articles"], summary["lost"], summary["doubled"]) == (3, 600, 1, 0)
    assert summary["commits"] == {"abc": 2, "abc-dirty": 1}
    assert summary["python"] == {"3.11.2": 3}
    kafka = summary["brokers"]["kafka"]
    assert (kafka["runs"], kafka["deaths"], kafka["faults_by_kind"]) == (2, 2, {"kill": 4})
    assert kafka["findings"] == ["seed 2: lost: entry 3"]
    assert [one.split(":")[0] for one in kafka["each"]] == ["kafka sqlite 1", "kafka sqlite 2"]
    assert json.loads(as_text(summary)) == summary


def test_a_seed_that_was_run_twice_is_not_chosen_from() -> None:
    """Else who keeps the evidence could keep the better one."""
    with pytest.raises(SeedTwice, match="seed 1 on kafka"):
        summarise([kept(1), kept(1)])


def test_a_record_names_no_machine_and_no_path() -> None:
    """But the commit, the date, cores and memory, and every version."""
    around = surroundings("kafka3", "sqlite")
    assert around.keys() == {"commit", "date", "machine", "versions"}
    text = json.dumps(around)
    assert "Apache Kafka 4." in text
    assert "three brokers" in text
    assert socket.gethostname() not in text
    assert str(Path.home()) not in text
