"""Corpora in every awkward shape, the rules over them, and stages that read them fast.

The entities stage is the real one, with a registry of four actors; tone and topics follow from an
article in a simple way. A stage fails on an article that says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from conftest import NOW
from hypothesis import Phase, settings
from hypothesis import strategies as st

from streams.core.article import Article, Version
from streams.core.facets import FACETS, ActorTone, Entities, Facet, Sentiment, Stage, Topic, Topics
from streams.core.rules import Rule, RuleBook
from streams.enrich.entities import EntitiesStage
from streams.enrich.registry import Registry, load_registry
from streams.enrich.stage import Enrichment, outcome

ACTORS = {
    "Q15031": "Xi Jinping",
    "Q22686": "Donald Trump",
    "Q7747": "Vladimir Putin",
    "Q567": "Angela Merkel",
}
TOPIC = Topic(code="medtop:11000000", label="politics", score=900)
FAILS = {stage: f"No {stage} from this." for stage in FACETS}
"""What an article says on which a stage fails."""
DAY = datetime(2025, 1, 20, tzinfo=UTC)
"""The first of the four days on which nearly everything happens."""

_SHIPPED = load_registry().actors
REGISTRY = Registry.of(2, [_SHIPPED[actor] for actor in ACTORS])
_PUTIN = _SHIPPED["Q7747"]
OLDER = Registry.of(
    1,
    [
        _SHIPPED["Q15031"],
        _SHIPPED["Q22686"],
        _SHIPPED["Q567"],
        replace(_PUTIN, name="V. V. Putin", aliases=(*_PUTIN.aliases, _PUTIN.name)),
    ],
)
"""Knows the same actors, one of them by another name."""
_FINDERS = {registry.version.release: EntitiesStage(registry) for registry in (REGISTRY, OLDER)}


Choose = Callable[[Sequence[Any]], Any]
"""Picks one of several: Hypothesis where a test has few articles, a seed where it has many."""


def some(count: int) -> settings:
    """So many examples, and what fails is shown as it was found, in seconds.

    With --hypothesis-profile=long there are a hundred times as many, and what fails is made small, which takes
    minutes.
    """
    many = settings.default.max_examples // 100
    slow = {Phase.shrink, Phase.explain} if many == 1 else set()
    phases = [phase for phase in settings.default.phases if phase not in slow]
    return settings(max_examples=count * many, deadline=None, phases=phases)


@dataclass(frozen=True, slots=True)
class Reader:
    """A stage that reads by a registry; equal ones read alike."""

    name: Stage
    registry: Registry = REGISTRY
    version: int = 1

    def read(self, article: Article) -> Facet:
        """The article's facet; raises where the article says so."""
        if FAILS[self.name] in article.text:
            raise ValueError(self.name)
        named: Entities = _FINDERS[self.registry.version.release].read(article)
        if self.name == "entities":
            return named
        version = Version.of(article)
        number = int(version.digest[:6], 16)
        common = {"id": article.id, "version": version, "stage_version": self.version}
        if self.name == "topics":
            found = (TOPIC,) if number % 2 else ()
            return Topics(**common, outcome="ok" if found else "empty", model="t", topics=found)
        readable = named.unsupported_language is None
        tones = tuple(
            ActorTone(id=a.id, label="neutral", score=number % 2001 - 1000, confidence=500, sentences=())
            for a in (named.actors if readable else ())
        )
        return Sentiment(
            **common,
            outcome="ok" if readable else "empty",
            registry=self.registry.version,
            model="m",
            actors=tones,
        )


STAGES: Sequence[Enrichment] = [Reader(stage) for stage in FACETS]


@lru_cache(maxsize=20_000)
def _answered(stage: Stage, release: int, value: bytes | None, sent_at: datetime) -> Facet:
    return outcome(Reader(stage, REGISTRY if release == 2 else OLDER), value, sent_at).facet


def answer(
    stage: Stage, value: bytes | None, registry: Registry = REGISTRY, sent_at: datetime = NOW
) -> Facet:
    """The real outcome of a record for a stage, remembered."""
    return _answered(stage, registry.version.release, value, sent_at)


def facets(article: Article) -> list[tuple[Stage, Facet]]:
    """What the three stages say of one article."""
    return [(stage, answer(stage, article.to_json())) for stage in FACETS]


# Texts of neighbouring numbers copy each other, those of distant ones don't.
_FILLER = [
    f"The {thing} of the {place} was {done} by its {people} on that {day} morning."
    for thing, place, done, people, day in zip(
        [
            "roof",
            "bell",
            "garden",
            "clock",
            "door",
            "bridge",
            "wall",
            "tower",
            "lamp",
            "map",
            "pump",
            "fence",
            "boat",
            "stove",
            "ramp",
            "sign",
        ],
        [
            "museum",
            "harbour",
            "school",
            "chapel",
            "market",
            "station",
            "library",
            "brewery",
            "theatre",
            "hospital",
            "mill",
            "farm",
            "inn",
            "zoo",
            "spa",
            "gym",
        ],
        [
            "painted",
            "moved",
            "opened",
            "sold",
            "cleaned",
            "praised",
            "closed",
            "found",
            "mended",
            "shown",
            "lifted",
            "drawn",
            "cut",
            "lost",
            "lit",
            "hung",
        ],
        [
            "keeper",
            "crew",
            "pupils",
            "choir",
            "guards",
            "drivers",
            "readers",
            "brewers",
            "actors",
            "nurses",
            "miller",
            "owner",
            "cook",
            "vets",
            "staff",
            "team",
        ],
        [
            "cold",
            "grey",
            "windy",
            "warm",
            "bright",
            "dull",
            "quiet",
            "busy",
            "early",
            "wet",
            "dry",
            "misty",
            "calm",
            "dark",
            "long",
            "short",
        ],
        strict=True,
    )
]
_GERMAN = "Und die Leute, die sich auch noch nicht mit der Sache und von dem Ort aus kannten, sind nun da."

_HOURS = [*range(96), *[20, 21, 22] * 32]
"""Half of it within three hours, since articles that are far apart raise no alert."""


def made(choose: Choose, names: str = "a") -> Article:
    """Few ids, days and texts, so that versions, copies, midnights and equal instants meet often."""
    named = list(ACTORS.values())
    while len(named) > choose([2, 3, 4, 2, 3, 0]):
        named.remove(choose(named))
    text = [choose([" met ", ". Then came ", "\n\nElsewhere there was "]).join(named) + " today."]
    kind = choose(["short", "short", "short", "copied", "copied", "copied", "German", "failing"])
    if kind == "copied":
        first = choose(range(7))
        text += _FILLER[first : first + 10]
    elif kind == "German":
        text.append(_GERMAN)
    elif kind == "failing":
        text.append(choose(sorted(FAILS.values())))
    updated = choose([None, None, *range(5)])
    return Article(
        id=f"{names}{choose(range(5))}",
        title=choose(["A day", "A day", "Xi Jinping and Donald Trump"]),
        text=" ".join(text),
        source=choose(["one.example", "two.example", "www.one.example", "Daily Planet"]),
        published_at=_instant(choose),
        updated_at=None if updated is None else DAY + timedelta(days=5, hours=updated),
        language=choose([None, "de"]) if kind == "German" else None,
        withdrawn=choose([False, False, False, False, False, False, False, True]),
    )


def _instant(choose: Choose) -> datetime:
    """Within four days, on the edges of windows, long ago, or later than is believed."""
    hours = choose(_HOURS)
    at = DAY + timedelta(hours=hours)
    where = choose(["hour", "hour", "hour", "hour", "hour", "hour", "edge", "years"])
    if where == "edge":
        return at - timedelta(hours=hours % 6, microseconds=choose(range(2)))
    return at.replace(year=choose([1001, 1969, 2024, 2027])) if where == "years" else at


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """Any such article."""
    return made(lambda options: draw(st.sampled_from(options)))


@st.composite
def rule(draw: st.DrawFn, name: str = "r") -> Rule:
    """Any one rule that always holds."""
    (one,) = draw(versions(name, most=1))
    return one.model_copy(update={"effective_from": None})


@st.composite
def versions(draw: st.DrawFn, name: str, most: int = 3) -> list[Rule]:
    """Up to `most` versions of one rule, which differ in all that isn't fixed under an id."""
    hours = draw(st.sampled_from([24, 36, 6, 1]))
    group_by = draw(st.sampled_from(["actors", "rule"]))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    first = (DAY - epoch) // timedelta(hours=hours)
    found = []
    for number in range(draw(st.integers(1, most))):
        actors = draw(st.permutations(sorted(ACTORS)))[: draw(st.sampled_from([4, 3, 2]))]
        begins = draw(st.none() | st.integers(0, 96 // hours))
        found.append(
            Rule(
                id=name,
                version=number + 1,
                actors=tuple(actors),
                min_actors=draw(st.sampled_from([2, 2, min(3, len(actors))])),
                group_by=group_by,
                window_hours=hours,
                grace_hours=draw(st.sampled_from([0, 2])),
                min_articles=draw(st.sampled_from([1, 1, 1, 2, 3])),
                min_stories=draw(st.sampled_from([1, 1, 1, 2])),
                min_sources=draw(st.sampled_from([1, 1, 1, 2])),
                closeness=draw(st.sampled_from(["article"] * 5 + ["paragraph", "sentence", "headline"])),
                topics=draw(st.sampled_from([(), (), (), (TOPIC.code,)])),
                effective_from=None if begins is None else epoch + (first + begins) * timedelta(hours=hours),
                retired=bool(number) and draw(st.sampled_from([False, False, True])),
            )
        )
    return found


@st.composite
def rule_files(draw: st.DrawFn) -> list[RuleBook]:
    """What a sink is started with, one time after the other: rules come, change and go."""
    known = [one for number in range(draw(st.integers(1, 3))) for one in draw(versions(f"r{number}"))]
    return [
        RuleBook(draw(st.lists(st.sampled_from(known), unique=True))) for _ in range(draw(st.integers(1, 3)))
    ]
