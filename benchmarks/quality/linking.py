"""The nel sets: which registry actor a mention is.

A labelled entity counts if its Wikipedia or DBpedia title is the name or an alias of a registry
actor: underscores are spaces, case doesn't matter, and a bracket that only says the kind ("(country)",
"(politician)") is left out. Pronouns and other mentions without a capital letter don't count, since
no alias is one. A labelled mention is found if a mention of the same actor overlaps it, whatever
`how` says. A mention by name or alias on a labelled name of somebody else is an error, unless it is
only a part of it ("Bank of England"): the article does name it there. One where nothing is labelled
is counted apart, as a share of all: the N3 sets label some names of a text and pass others by. Somebody
whom the N3 sets say Wikipedia lacked then, and who has an actor's name, counts neither way: that may be a
namesake, or the same person, who has an article now.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from benchmarks.quality.figures import Clock, Fault, Results, f1, ratio, resampled
from benchmarks.quality.records import Folder, Record, to_article
from streams.core.article import Article
from streams.core.errors import InvalidRegistry
from streams.enrich.registry import Registry, load_registry
from streams.enrich.stages import load_stage

SETS = {"nel_gum_wikinews": None, "nel_n3_rss500": "2012-08-15", "nel_n3_reuters128": "1987-03-15"}
"""Each set with the date of its texts, where records have none; roles depend on it."""

_KIND = re.compile(r" \((country|nation|politician|president|statesman|organi[sz]ation)\)$", re.IGNORECASE)
_PREFIX = re.compile(r"^https?://[^/]*dbpedia\.org/resource/")
_LACKED = re.compile(r"^http://aksw\.org/notInWiki/")
_ELSEWHERE = re.compile(r"^https?://")


class Labelled(NamedTuple):
    """A mention that was labelled: where, and which registry actor it is, None for anyone else."""

    start: int
    end: int
    actor: str | None
    lacked: frozenset[str]
    """Actors who have the name of somebody whom Wikipedia lacked when it was labelled."""


class Linked(NamedTuple):
    """How many mentions were right, said and there in one text, and said where nothing is labelled."""

    right: int
    said: int
    there: int
    unlabelled: int


def measure(folder: Folder, results: Results, advance: Callable[[], None]) -> None:
    """Precision, recall and F1 of mentions, for each set that is there."""
    registry, stage = load_registry(), load_stage("entities")
    for name, date in SETS.items():
        if not folder.has(f"{name}.jsonl"):
            continue
        clock, texts = Clock(), []
        for record in folder.some(f"{name}.jsonl"):
            advance()
            article = _article(record, date)
            with clock.one():
                facet = stage.read(article)
            shift = len(article.document) - len(article.text)
            said = [
                (mention.start, mention.end, actor.id, mention.how in ("name", "alias"))
                for actor in getattr(facet, "actors", ())
                for mention in actor.mentions
                if mention.start >= shift  # the labels are the text's
            ]
            texts.append(_linked(name, record, labelled(record, registry, shift), said, article, results))
        right, count, there, unlabelled = (sum(column) for column in zip(*texts, strict=True))
        time = clock.milliseconds
        results.figures += [
            ratio(name, "links to registry actors, precision", right, count, milliseconds=time),
            ratio(name, "links to registry actors, recall", right, there, milliseconds=time),
            resampled(name, "links to registry actors, F1", texts, _f1, floor=0.9, milliseconds=time),
            ratio(name, "said where nothing is labelled", unlabelled, count + unlabelled),
        ]


def _f1(texts: Sequence[Linked]) -> float:
    right, said, there, _ = (sum(column) for column in zip(*texts, strict=True))
    return f1(right, said, there)


def _article(record: Record, date: str | None) -> Article:
    """The text as an article; one without a title has a title that names nobody."""
    return to_article({**record, "title": record.get("title") or "-"}, published=date or "2012-08-15")


def labelled(record: Record, registry: Registry, shift: int) -> list[Labelled]:
    """The labelled mentions with a capital letter, at their places in the article's document."""
    found = []
    for entity in record["entities"]:
        if not any(map(str.isupper, entity["text"])):
            continue
        titles = [entity["wikipedia"]] if "wikipedia" in entity else entity["links"]
        actors = {actor for title in titles if (actor := _actor(_PREFIX.sub("", title), registry))}
        lacked = {actor for title in titles if (actor := _actor(_LACKED.sub("", title), registry))} - actors
        start, end = shift + entity["start"], shift + entity["end"]
        found.append(Labelled(start, end, min(actors) if actors else None, frozenset(lacked)))
    return found


def _actor(title: str, registry: Registry) -> str | None:
    if _ELSEWHERE.match(title):
        return None
    try:
        return registry.resolve(_KIND.sub("", unquote(title).replace("_", " ")))
    except InvalidRegistry:
        return None


def _linked(
    name: str,
    record: Record,
    gold: Sequence[Labelled],
    said: Sequence[tuple[int, int, str, bool]],
    article: Article,
    results: Results,
) -> Linked:
    document = article.document
    there = [label for label in gold if label.actor]
    right = 0
    for label in there:
        if any(actor == label.actor and s < label.end and label.start < e for s, e, actor, _ in said):
            right += 1
        else:
            what = f"{document[label.start : label.end]!r} is {label.actor}"
            results.faults.append(Fault(name, record["id"], "link missed", what))
    wrong = unlabelled = 0
    for start, end, actor, by_name in said:
        over = [label for label in gold if start < label.end and label.start < end]
        if not by_name or any(_names(label, start, end, actor) for label in over):
            continue
        wrong += bool(over)
        unlabelled += not over
        kind = "linked to another" if over else "linked, not labelled"
        results.faults.append(Fault(name, record["id"], kind, f"{document[start:end]!r} as {actor}"))
    return Linked(right, right + wrong, len(there), unlabelled)


def _names(label: Labelled, start: int, end: int, actor: str) -> bool:
    """Whether the actor is what is labelled, or may be, or is named within a longer label."""
    within = label.start <= start and end <= label.end and label.end - label.start > end - start
    return label.actor == actor or actor in label.lacked or within
