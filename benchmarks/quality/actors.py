"""gold_cooccurrence: whom articles name, by reading; and which of them they name together."""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from benchmarks.quality.figures import Clock, Fault, Figure, Results, f1, ratio, resampled
from benchmarks.quality.records import Folder, to_article
from streams.core.errors import InvalidRegistry
from streams.enrich.registry import Registry, load_registry
from streams.enrich.stages import load_stage

SET = "gold_cooccurrence"
FILE = f"{SET}.jsonl"
WATCHED = (
    "Angela Merkel",
    "Barack Obama",
    "Bashar al-Assad",
    "Benjamin Netanyahu",
    "Boris Johnson",
    "Donald Trump",
    "Emmanuel Macron",
    "Hillary Clinton",
    "Joe Biden",
    "Kim Jong Un",
    "Narendra Modi",
    "Recep Tayyip Erdogan",
    "Sergey Lavrov",
    "Theresa May",
    "Vladimir Putin",
    "Volodymyr Zelensky",
    "Xi Jinping",
    "China",
    "Iran",
    "Israel",
    "North Korea",
    "Russia",
    "Ukraine",
    "United States",
    "European Union",
    "NATO",
    "United Nations",
)
"""Those that the set's labels speak of; nobody else is counted."""

Tallied = tuple[int, int, int]
"""Right, said, there."""


class Read(NamedTuple):
    """An article: the watched actors it has, and those that were found, by how they are named."""

    id: str
    there: dict[str, frozenset[str]]
    found: dict[str, frozenset[str]]


def measure(folder: Folder, results: Results, advance: Callable[[], None]) -> None:
    """Precision and recall of actors by name, of pairs that meet, of metonyms and of demonyms."""
    clock = Clock()
    read = _read(folder, clock, advance)
    time = clock.milliseconds
    for how, floors in (("name", (0.99, 0.97)), ("metonym", (None, None)), ("demonym", (None, None))):
        tallies = [_tally(article.there[how], article.found[how]) for article in read]
        results.figures += _precision_recall(f"actors by {how}", tallies, floors, time)
        results.faults += _faults(read, how)
    pairs = [_tally(_pairs(article.there["name"]), _pairs(article.found["name"])) for article in read]
    results.figures += _precision_recall("pairs that meet", pairs, (0.98, 0.97), time)
    results.figures.append(
        resampled(SET, "pairs that meet, F1", pairs, lambda some: f1(*map(sum, zip(*some, strict=True))))
    )


def _read(folder: Folder, clock: Clock, advance: Callable[[], None]) -> list[Read]:
    articles = folder.articles()
    stage, registry = load_stage("entities"), load_registry()
    names = {identity: name for name in WATCHED if (identity := _identity(registry, name))}
    read = []
    for gold in folder.some(FILE):
        advance()
        record = articles.get(gold["article_id"])
        if record is None:
            continue
        article = to_article(record)
        with clock.one():
            facet = stage.read(article)
        unclear = set(gold["ambiguous"])
        hows = {
            names[actor.id]: {mention.how for mention in actor.mentions}
            for actor in getattr(facet, "actors", ())
            if actor.id in names and names[actor.id] not in unclear
        }
        read.append(
            Read(
                id=gold["article_id"],
                there={
                    how: frozenset(gold[f"actors_by_{how}"]) - unclear
                    for how in ("name", "metonym", "demonym")
                },
                found={
                    "name": frozenset(name for name, its in hows.items() if its & {"name", "alias"}),
                    "metonym": frozenset(name for name, its in hows.items() if "metonym" in its),
                    "demonym": frozenset(name for name, its in hows.items() if "demonym" in its),
                },
            )
        )
    return read


def _identity(registry: Registry, name: str) -> str | None:
    try:
        return registry.resolve(name)
    except InvalidRegistry:
        return None  # an actor that the registry lacks is missed wherever it stands


def _pairs(names: frozenset[str]) -> frozenset[tuple[str, str]]:
    return frozenset(combinations(sorted(names), 2))


def _tally(there: frozenset[object], found: frozenset[object]) -> Tallied:
    return len(there & found), len(found), len(there)


def _precision_recall(
    what: str,
    tallies: Sequence[Tallied],
    floors: tuple[float | None, float | None],
    milliseconds: float | None,
) -> Iterable[Figure]:
    right, said, there = (sum(column) for column in zip(*tallies, strict=True)) if tallies else (0, 0, 0)
    yield ratio(SET, f"{what}, precision", right, said, floor=floors[0], milliseconds=milliseconds)
    yield ratio(SET, f"{what}, recall", right, there, floor=floors[1], milliseconds=milliseconds)


def _faults(read: Iterable[Read], how: str) -> Iterable[Fault]:
    for article in read:
        for name in sorted(article.found[how] - article.there[how]):
            yield Fault(SET, article.id, f"{how} said wrongly", name)
        for name in sorted(article.there[how] - article.found[how]):
            yield Fault(SET, article.id, f"{how} missed", name)
