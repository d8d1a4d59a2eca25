"""The schedule of a run: which fault begins when, and for how long. A function of the seed alone."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, get_args

from faults.marked_sink import POINTS
from streams.core.facets import FACETS

Broker = Literal["embedded", "kafka", "kafka3"]
BROKERS: tuple[Broker, ...] = get_args(Broker)
StoreKind = Literal["sqlite", "postgresql"]
STORES: tuple[StoreKind, ...] = get_args(StoreKind)

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
    """What may be drawn: targets, how many seconds it lasts, how often it is drawn, on what it can be done."""

    targets: Sequence[str]
    seconds: tuple[float, float] = (0, 0)
    weight: int = 1
    brokers: Sequence[Broker] = BROKERS
    stores: Sequence[StoreKind] = STORES


REAL: Sequence[Broker] = ("kafka", "kafka3")
KINDS = {
    "kill": Kind(PROCESSES, weight=6),
    "terminate": Kind(PROCESSES, weight=3),
    "freeze": Kind(PROCESSES, (1, 10), weight=4),
    "crowd": Kind(tuple(FACETS), (3, 7), weight=3),
    "lag": Kind(tuple(FACETS), (1.5, 2.5), weight=2),
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
    "fill-disk": Kind(("store",), (1, 4), weight=2, stores=("sqlite",)),
    "kill-store": Kind(("store",), (1, 5), weight=6, stores=("postgresql",)),
    "freeze-store": Kind(("store",), (1, 8), weight=4, stores=("postgresql",)),
    "remake": Kind(tuple(FACETS), weight=1),
    "remake-alerts": Kind(("alerts",), (1, 4), weight=1),
    "old-registry": Kind(tuple(FACETS)[:2], (3, 6), weight=1),
    "partitions": Kind(("articles", *FACETS), (2, 5), weight=1, brokers=REAL),
}
ROLL_SECONDS = 6.0
"""From one broker's death to the next one's, when each has its turn."""
JOIN_SECONDS = 5.0
"""How long three workers of a stage need to have a partition each, before one of them lags."""
NEEDS = (
    (
        {"remake", "remake-alerts", "partitions"},
        {"freeze-broker", "kill-broker", "roll", "cut", "outage", "reset"},
    ),
    ({"delete-store", "restore-store"}, {"fill-disk", "kill-store", "freeze-store"}),
)
"""Faults that ask the broker, or the store, for something, and those in which it can't answer."""


SHORT: dict[Broker, Sequence[int]] = {
    "embedded": (4420, 2326, 4955),
    "kafka": (4934, 2117),
}
"""Seeds that together have most kinds of faults and none that lasts: what CI does."""


def store_of(seed: int) -> StoreKind:
    """The store of a seed whose store isn't given: one in three has PostgreSQL."""
    return random.Random(f"store/{seed}").choice(("sqlite", "sqlite", "postgresql"))


def schedule(seed: int, broker: Broker, store: StoreKind, kinds: Iterable[str] = KINDS) -> list[Fault]:
    """Two to six faults, by their beginning."""
    chance = random.Random(f"schedule/{seed}/{broker}")
    drawn = sorted(kind for kind in kinds if broker in KINDS[kind].brokers and store in KINDS[kind].stores)
    if not drawn:
        return []
    weights = [KINDS[kind].weight for kind in drawn]
    faults = [_fault(chance, kind, broker) for kind in chance.choices(drawn, weights, k=chance.randint(2, 6))]
    faults = [one for fault in _answered(_apart(faults)) for one in _in_turn(fault, broker)]
    return sorted(faults, key=lambda fault: fault.at)


def _in_turn(fault: Fault, broker: Broker) -> Iterator[Fault]:
    """What a fault is made of.

    A roll: each of three brokers killed and started again, or the only one five times. A lag: a stage has
    three workers, one a partition, and one of them is held up for less than its session.
    """
    match fault.kind:
        case "roll":
            for turn, number in enumerate("123" if broker == "kafka3" else "11111"):
                yield Fault(round(fault.at + turn * ROLL_SECONDS, 1), "kill-broker", number, ROLL_SECONDS / 2)
        case "lag":
            held = (
                fault.seconds if broker == "embedded" else fault.seconds * 2
            )  # its sessions are half as long
            at = round(1 + fault.at / 4, 1)
            yield Fault(at, "crowd", fault.target, round(JOIN_SECONDS + held + 1, 1))
            yield Fault(round(at + JOIN_SECONDS, 1), "lag", fault.target, round(held, 1))
        case _:
            yield fault


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
            case "freeze" | "mark":
                key = (fault.kind, fault.target)
            case "crowd" | "lag":
                key = ("crowd", fault.target)
            case "kill-store" | "freeze-store":
                key = ("server",)
            case "freeze-broker" | "kill-broker" | "roll":
                key = ("broker",)
            case "usurp" | "stand-by":
                key = ("sinks",)
            case _:
                key = ("network",) if fault.target == "network" else (fault.kind,)
        found[key] = fault
    return list(found.values())


def _answered(faults: Sequence[Fault]) -> list[Fault]:
    """Without those that ask for something of what is away, or about to come back."""
    return [fault for fault in faults if not any(_asks_in_vain(fault, other) for other in faults)]


def _asks_in_vain(fault: Fault, other: Fault) -> bool:
    meets = any(other.at - 3 < when < _end(other) + 3 for when in (fault.at, fault.end))
    return meets and any(fault.kind in asking and other.kind in away for asking, away in NEEDS)


def _end(fault: Fault) -> float:
    return fault.at + 5 * ROLL_SECONDS if fault.kind == "roll" else fault.end
