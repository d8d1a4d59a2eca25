"""The adversarial suite: short texts that try to mislead, and whom each names and how."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streams.enrich.finder import ActorFinder
from streams.enrich.registry import Registry

CASES = Path(__file__).parent / "cases.psv"
_HOW = {"n": "name", "a": "alias", "r": "role", "m": "metonym", "d": "demonym"}


@dataclass(frozen=True)
class Case:
    """A text of a family, and the ways in which it names each actor, by preferred name."""

    family: str
    line: int
    day: str
    document: str
    expected: dict[str, set[str]]


def read_cases() -> Iterator[Case]:
    """Every case; a line that isn't one raises ValueError."""
    family = ""
    for number, line in enumerate(CASES.read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith("=="):
            family = line[2:].partition(":")[0].strip()
        elif line and not line.startswith("#"):
            day, rest = line.split(" | ", 1)
            text, _, actors = rest.rpartition(" |")
            title, parted, body = text.partition(" // ")
            document = f"{title}\n\n{body}" if parted else f"Report\n\n{text}"
            document = (
                document.replace("\\n", "\n").replace("\\t", "\t").replace("\\|", "|").replace("\\\\", "\\")
            )
            yield Case(family, number, day, document, dict(_expected(actors)))


def _expected(actors: str) -> Iterator[tuple[str, set[str]]]:
    for entry in filter(None, (part.strip() for part in actors.split(";"))):
        name, _, hows = entry.rpartition("=")
        yield name, {_HOW[how] for how in hows}


def read(case: Case, finder: ActorFinder, registry: Registry) -> dict[str, set[str]]:
    """Whom the finder sees named in a case, and how."""
    found: dict[str, set[str]] = defaultdict(set)
    for place in finder.find(case.document, case.day):
        found[registry.actors[place.actor].name].add(place.how)
    return dict(found)
