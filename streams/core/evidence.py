"""Evidence: that an article names a group of a rule's actors together, in a window.

State is the set of evidence, keyed (rule, actors, window start, article); every figure of an alert
is computed from that set.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import NamedTuple
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from streams.core.facets import Actor, Entities, Reading, RegistryVersion
from streams.core.message import Message
from streams.core.rules import Rule, RuleBook
from streams.core.windows import Window, window_of

MAX_ACTORS = 8
"""Groups are made of at most this many of a rule's actors an article, the most salient."""

MAX_SOURCE = 256
"""Code points; no domain is longer, and case folding and hosts may make more of what an article may say."""

_SUFFIXES = PublicSuffixList()  # the list that the pinned package carries: no network, no clock


class AlertKey(NamedTuple):
    """What an alert is about: a rule, a group (empty for a whole rule) and a window's start."""

    rule_id: str
    actors: tuple[str, ...]
    window_start: datetime


class NamedActor(Message):
    """One of the rule's actors as an article shows it; score is None until tone is known."""

    id: str
    name: str
    salience: int
    score: int | None = None


class Scores(Message):
    """What an alert adds up from one article."""

    actors: tuple[NamedActor, ...]
    registry: RegistryVersion | None
    topics: tuple[tuple[str, str], ...] = ()
    sentiment_model: tuple[int, str] | None = None
    topics_model: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One article's evidence for one alert; `source` is a registered domain where there is one."""

    key: AlertKey
    article_id: str
    version: str
    published_at: datetime
    source: str
    signature: bytes | None
    scores: Scores


def evidence_of(reading: Reading, rules: RuleBook) -> Iterator[Evidence]:
    """All the evidence that the current version of an article gives, under every rule."""
    entities = reading.entities
    if entities.outcome != "ok" or entities.withdrawn or entities.published_at is None:
        return
    for rule_id, hours in rules.lengths.items():
        window = window_of(entities.published_at, hours)
        rule = rules.at(rule_id, window)
        if rule is None or not _about(rule, reading):
            continue
        for key_actors, named in groups(rule, entities):
            yield _evidence(reading, rule, window, key_actors, named)


def groups(rule: Rule, entities: Entities) -> Iterator[tuple[tuple[str, ...], tuple[Actor, ...]]]:
    """The groups of the rule's actors that an article names closely enough, with their actors.

    Under group_by "actors" each group is a subset of `min_actors`, sorted by id; under "rule" the
    one group has the empty key and all of the actors that stand close to others.
    """
    named = [
        actor
        for actor in entities.actors
        if actor.id in rule.actors and any(mention.how in rule.accept for mention in actor.mentions)
    ]
    named = sorted(named, key=lambda actor: (-actor.salience, actor.id))[:MAX_ACTORS]
    by_id = sorted(named, key=lambda actor: actor.id)
    together = _units(rule, entities, named)
    if rule.group_by == "rule":
        crowded = [unit for unit in together if len(unit) >= rule.min_actors]
        if crowded:
            found = set().union(*crowded)
            yield (), tuple(actor for actor in by_id if actor.id in found)
        return
    for group in combinations(by_id, rule.min_actors):
        ids = {actor.id for actor in group}
        if any(ids <= unit for unit in together):
            yield tuple(actor.id for actor in group), group


def _units(rule: Rule, entities: Entities, named: list[Actor]) -> list[set[str]]:
    """The ids that stand together in each article, paragraph, sentence or headline, as the rule asks."""
    if rule.closeness == "article":
        return [{actor.id for actor in named}]
    units: dict[int, set[str]] = {}
    for actor in named:
        for mention in actor.mentions:
            if mention.how in rule.accept:
                sentence = mention.sentence
                paragraph = entities.sentences[sentence].paragraph
                if rule.closeness == "headline" and paragraph > 0:
                    continue
                unit = sentence if rule.closeness == "sentence" else paragraph
                units.setdefault(unit, set()).add(actor.id)
    return list(units.values())


def _about(rule: Rule, reading: Reading) -> bool:
    """Whether the article is about one of the rule's topics; such a rule waits for that stage."""
    if not rule.topics:
        return True
    return reading.topics is not None and any(topic.code in rule.topics for topic in reading.topics.topics)


def _evidence(
    reading: Reading, rule: Rule, window: Window, key_actors: tuple[str, ...], named: tuple[Actor, ...]
) -> Evidence:
    entities, sentiment, topics = reading
    if entities.id is None or entities.version is None or entities.published_at is None:
        raise ValueError("evidence needs a facet that isn't rejected")
    tones: dict[str, int] = {}
    # Tone of another registry version may speak of other actors under the same name: never mixed.
    usable = sentiment is not None and sentiment.registry == entities.registry
    if sentiment is not None and usable:
        tones = {tone.id: tone.score for tone in sentiment.actors}
    return Evidence(
        key=AlertKey(rule.id, key_actors, window.start),
        article_id=entities.id,
        version=entities.version.key,
        published_at=entities.published_at,
        source=source_of(entities.url, entities.source or ""),
        signature=base64.b64decode(entities.signature) if entities.signature else None,
        scores=Scores(
            actors=tuple(
                NamedActor(id=actor.id, name=actor.name, salience=actor.salience, score=tones.get(actor.id))
                for actor in named
            ),
            registry=entities.registry,
            topics=tuple((topic.code, topic.label) for topic in topics.topics) if topics else (),
            sentiment_model=(sentiment.stage_version, sentiment.model)
            if sentiment is not None and usable and sentiment.model
            else None,
            topics_model=(topics.stage_version, topics.model) if topics and topics.model else None,
        ),
    )


def source_of(url: str | None, source: str) -> str:
    """The registered domain of the URL's host, else of a source that is one, else the source.

    At most MAX_SOURCE code points, and without NUL, for which not every database has room.
    """
    host = urlsplit(url).hostname if url else None
    name = next((name for name in (host, source) if name and "." in name and " " not in name), None)
    found = (name and _SUFFIXES.privatesuffix(name.casefold())) or (name or source).casefold()
    return found.replace("\0", "")[:MAX_SOURCE]
