"""What is kept of runs: a record of each in summary.jsonl, and one object made of many (docs/faults.json)."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from faults.checker import VERDICTS, Finding
from faults.corpus import PARTITIONS
from faults.run import Outcome
from faults.schedule import Fault, StoreKind

Record = dict[str, Any]
COMMAND = "make faults RUNS=… SEED=… BROKER=… RESUME=1"


class SeedTwice(Exception):
    """Two records of one seed: nobody may choose the better one."""


def record(
    seed: int,
    broker: str,
    store: StoreKind,
    faults: Sequence[Fault],
    outcome: Outcome,
    findings: Sequence[Finding],
) -> Record:
    """One run; what it was done with, and how many articles and alerts there were, is for others to add."""
    counts = Counter(finding.verdict for finding in findings)
    dead = [death for death in outcome.deaths if not death.asked]
    partitions = Counter(one.partition for one in outcome.left.articles) if outcome.left else Counter()
    return {
        "seed": seed,
        "broker": broker,
        "store": store,
        "faults": len(outcome.done),
        **{verdict: counts[verdict] for verdict in VERDICTS},
        "deaths": len(dead),
        "died": [f"{death.name} {death.code} at {death.at:.1f} s" for death in dead],
        "rest_seconds": round(outcome.rest_seconds, 1),
        "partitions": [partitions[number] for number in range(max([PARTITIONS - 1, *partitions]) + 1)],
        "kinds": dict(sorted(Counter(fault.kind for fault in outcome.done).items())),
        "schedule": [str(fault) for fault in faults],
        "findings": [f"{finding.verdict}: {finding.what}" for finding in findings],
    }


def line(one: Record) -> str:
    """A record in a line."""
    names = ("articles", "alerts", "faults", "deaths", *VERDICTS)
    figures = " ".join(f"{name}={one[name]}" for name in names)
    return (
        f"{one['broker']} {one['store']} {one['seed']}: {figures} ({one['seconds']} s,"
        f" at rest after {one['rest_seconds']} s) {'; '.join(one['schedule'])}"
    )


def summarise(records: Iterable[Record]) -> Record:
    """All records as one object. Raises SeedTwice."""
    known: dict[tuple[str, int], Record] = {}
    for one in records:
        if (key := (one["broker"], one["seed"])) in known:
            raise SeedTwice(
                f"seed {one['seed']} on {one['broker']} is there twice: keep one summary.jsonl of it"
            )
        known[key] = one
    ordered = [known[key] for key in sorted(known)]
    brokers = {broker: [one for one in ordered if one["broker"] == broker] for broker, _ in sorted(known)}
    return {
        "command": COMMAND,
        "commits": _count(one["commit"] for one in ordered),
        "dates": sorted({one["date"] for one in ordered}),
        **{name: _count(one["machine"][name] for one in ordered) for name in _names(ordered)},
        **_totals(ordered),
        "brokers": {broker: _broker(runs) for broker, runs in brokers.items()},
    }


def as_text(summary: Mapping[str, Any]) -> str:
    """The object as JSON, a line each run."""
    return json.dumps(summary, indent=1, ensure_ascii=False) + "\n"


def _broker(runs: Sequence[Record]) -> Record:
    kinds: Counter[str] = Counter()
    for one in runs:
        kinds.update(one["kinds"])
    return {
        "versions": _count(one["versions"] for one in runs),
        "stores": _count(one["store"] for one in runs),
        **_totals(runs),
        "seconds": round(sum(one["seconds"] for one in runs)),
        "faults_by_kind": dict(sorted(kinds.items())),
        "findings": [f"seed {one['seed']}: {finding}" for one in runs for finding in one["findings"]],
        "each": [line(one) for one in runs],
    }


def _totals(runs: Sequence[Record]) -> Record:
    names = ("articles", "alerts", "faults", "deaths", *VERDICTS)
    return {"runs": len(runs), **{name: sum(one[name] for one in runs) for name in names}}


def _count(values: Iterable[str]) -> dict[str, int]:
    """How many runs each is of."""
    return dict(sorted(Counter(values).items()))


def _names(runs: Sequence[Record]) -> list[str]:
    return sorted({name for one in runs for name in one["machine"]})
