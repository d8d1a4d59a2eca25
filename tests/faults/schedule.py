"""The schedule of a run: which fault begins when, and for how long. A function of the seed alone."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, get_args

from faults.marked_sink import POINTS
from streams.core.facets import FACETS

Broker = Literal["embedded", "kafka", "kafka3"]
BROKERS: tuple[Broker, ...] = get_args(Broker)

SECONDS = 10.0
"""Articles are published within this time, and faults begin, but for the first and the last second."""

PROCESSES = (*FACETS, "sink", "publisher")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: when it begins, in seconds from the start of the run, what it is, to whom, for how long."""

    at: float
    kind: str
    target: str
    seconds: float

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:.1f} s {self.kind} {self.target}{lasting}"

    @property
    def end(self) -> float:
        """When it is mended."""
        return self.at + self.seconds

    def as_json(self) -> dict[str, Any]:
        """As a file keeps it."""
        return asdict(self)


class Kind(NamedTuple):
    """What may be drawn: targets, how many seconds it lasts, how often it is drawn, on which brokers."""

    targets: Sequence[str]
    seconds: tuple[float, float] = (0, 0)
    weight: int = 1
    brokers: Sequence[Broker] = BROKERS


REAL: Sequence[Broker] = ("kafka", "kafka3")
KINDS = {
    "kill": Kind(PROCESSES, weight=6),
    "terminate": Kind(PROCESSES, weight=3),
    "freeze": Kind(PROCESSES, (1, 10), weight=4),
    "crowd": Kind(tuple(FACETS), (3, 7), weight=3),
    "stand-by": Kind(("sink",), (3, 8), weight=1),
    "usurp": Kind(("sink",), (13, 14), weight=1),
    "mark": Kind(POINTS, weight=5),
    "freeze-broker": Kind(("1", "2", "3"), (2, 8), weight=2),
    "kill-broker": Kind(("1", "2", "3"), (1, 5), weight=4, brokers=REAL),
    "roll": Kind(("brokers",), weight=1, brokers=REAL),
    "cut": Kind(("network",), (1, 8), weight=2),
    "outage": Kind(("network",), (30, 60), weight=1),
    "reset": Kind(("network",), (0.5, 4), weight=1),
    "slow": Kind(("network",), (3, 8), weight=2),
    "lossy": Kind(("network",), (3, 8), weight=2),
    "delete-store": Kind(("store",), weight=2),
    "restore-store": Kind(("store",), (2, 6), weight=2),
    "fill-disk": Kind(("store",), (1, 4), weight=2),
    "remake": Kind(("alerts", *FACETS), weight=1),
    "old-registry": Kind(tuple(FACETS)[:2], (3, 6), weight=1),
    "partitions": Kind(("articles", *FACETS), (2, 5), weight=1, brokers=REAL),
}
ROLL_SECONDS = 6.0
"""From one broker's death to the next one's, when each has its turn."""


def schedule(seed: int, broker: Broker, kinds: Iterable[str] = KINDS) -> list[Fault]:
    """Two to six faults, by their beginning."""
    chance = random.Random(f"schedule/{seed}/{broker}")
    drawn = sorted(kind for kind in kinds if broker in KINDS[kind].brokers)
    weights = [KINDS[kind].weight for kind in drawn]
    faults = [_fault(chance, kind, broker) for kind in chance.choices(drawn, weights, k=chance.randint(2, 6))]
    faults = [one for fault in _apart(faults) for one in _each_in_turn(fault, broker)]
    return sorted(faults, key=lambda fault: fault.at)


def _each_in_turn(fault: Fault, broker: Broker) -> Iterator[Fault]:
    """What a roll is made of: each of three brokers killed and started again, or the only one five times."""
    if fault.kind != "roll":
        yield fault
        return
    for turn, number in enumerate("123" if broker == "kafka3" else "11111"):
        yield Fault(round(fault.at + turn * ROLL_SECONDS, 1), "kill-broker", number, ROLL_SECONDS / 2)


def _fault(chance: random.Random, kind: str, broker: Broker) -> Fault:
    targets = KINDS[kind].targets
    if kind.endswith("-broker") and broker != "kafka3":
        targets = targets[:1]
    at, target, seconds = chance.random(), chance.choice(targets), chance.uniform(*KINDS[kind].seconds)
    return Fault(round(2 + at * (SECONDS - 1), 1), kind, target, round(seconds, 1))


def _apart(faults: Iterable[Fault]) -> list[Fault]:
    """Without those that would undo another: of faults with one such key, one is kept."""
    found: dict[tuple[str, ...], Fault] = {}
    key: tuple[str, ...]
    for fault in faults:
        match fault.kind:
            case "kill" | "terminate":
                key = (fault.kind, str(fault.at))
            case "freeze" | "mark" | "crowd":
                key = (fault.kind, fault.target)
            case "freeze-broker" | "kill-broker" | "roll":
                key = ("broker",)
            case "usurp" | "stand-by":
                key = ("sinks",)
            case _:
                key = ("network",) if fault.target == "network" else (fault.kind,)
        found[key] = fault
    return list(found.values())
