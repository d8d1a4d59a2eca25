"""The naive reference: what the design says of a list of facets and rules, written the slow way.

Dicts and brute force: no windows' arithmetic, no SQL, no bands, no evidence, nothing of the store.
"""

import base64
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from math import floor
from typing import Any

from streams.core.alert import Alert
from streams.core.facets import Entities, Facet, Reading
from streams.core.rules import Rule

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Where = tuple[str, str, int]
"""A rule's id, a group's actors, the number of a window since the epoch."""


def reference(facets: Iterable[tuple[str, Facet]], rules: Iterable[Rule]) -> dict[Where, dict[str, Any]]:
    """The figures of each alert that should be active."""
    versions = list(rules)
    members: dict[Where, list[Reading]] = {}
    for reading in current(facets):
        entities = reading.entities
        if entities.withdrawn:
            continue
        for name in {rule.id for rule in versions}:
            number = window(entities.published_at, versions, name)
            rule = in_force(versions, name, number)
            if rule is None or (rule.topics and not (reading.topics and reading.topics.topics)):
                continue
            for group in groups(entities, rule):
                members.setdefault((name, group, number), []).append(reading)
    found = {}
    for (name, group, number), own in members.items():
        both = own + members.get((name, group, number - 1), [])
        rule = in_force(versions, name, number)
        if (
            len(both) >= rule.min_articles
            and stories(both) >= rule.min_stories
            and len(set(map(site, both))) >= rule.min_sources
        ):
            found[name, group, number] = figures(own, rule, group)
    return found


def current(facets: Iterable[tuple[str, Facet]]) -> list[Reading]:
    """Of each article the greatest version that can be read; of each of its stages the greatest facet."""
    greatest: dict[tuple[str, Any, str], Facet] = {}
    for stage, facet in facets:
        if facet.id is None or facet.version is None:
            continue
        version = (facet.version.time, facet.version.withdrawn, facet.version.digest)
        other = greatest.get((facet.id, version, stage))
        if other is None or rank(facet) > rank(other):
            greatest[facet.id, version, stage] = facet
    newest: dict[str, Any] = {}
    for (name, version, stage), facet in greatest.items():
        if stage == "entities" and facet.outcome != "rejected":
            newest[name] = max(version, newest.get(name, version))
    return [
        Reading(*(greatest.get((name, version, stage)) for stage in Reading._fields))  # type: ignore[arg-type]
        for name, version in newest.items()
    ]


def rank(facet: Facet) -> Any:
    """What is believed of two facets of one stage and version."""
    registry = getattr(facet, "registry", None)
    return (
        facet.stage_version,
        (registry.release, registry.digest) if registry else (0, ""),
        ["rejected", "empty", "ok"].index(facet.outcome),
        facet.to_json(),
    )


def in_force(versions: Iterable[Rule], name: str, number: int) -> Rule | None:
    """The greatest version of a rule that was in effect when the window began; None if it is retired."""
    best = None
    for rule in versions:
        if rule.id != name:
            continue
        begins = EPOCH + number * timedelta(hours=rule.window_hours)
        if rule.effective_from is None or rule.effective_from <= begins:
            best = rule if best is None or rule.version > best.version else best
    return None if best is None or best.retired else best


def window(at: datetime | None, versions: Iterable[Rule], name: str) -> int:
    """The number of the window of a rule in which an instant lies."""
    assert at is not None
    hours = next(rule.window_hours for rule in versions if rule.id == name)
    return (at - EPOCH) // timedelta(hours=hours)


def groups(entities: Entities, rule: Rule) -> set[str]:
    """The groups whose members stand together, by trying each place and each subset."""
    places: dict[Any, set[str]] = {}
    for actor in entities.actors:
        for mention in actor.mentions:
            sentence = entities.sentences[mention.sentence]
            place = {
                "article": 0,
                "paragraph": sentence.paragraph,
                "sentence": sentence.start,
                "headline": None if sentence.paragraph else 0,
            }[rule.closeness]
            if actor.id in rule.actors and mention.how in rule.accept and place is not None:
                places.setdefault(place, set()).add(actor.id)
    together = {
        " ".join(sorted(group)) for place in places.values() for group in combinations(place, rule.min_actors)
    }
    return ({""} if together else set()) if rule.group_by == "rule" else together


def stories(readings: Sequence[Reading]) -> int:
    """How many leaders there are, comparing each report with every leader."""
    leaders: list[bytes] = []
    for reading in sorted(readings, key=lambda one: (one.entities.published_at, one.entities.id)):
        signature = base64.b64decode(reading.entities.signature or "")
        values = [signature[i : i + 4] for i in range(0, len(signature), 4)]
        if not any(
            sum(a == leader[4 * i : 4 * i + 4] for i, a in enumerate(values)) >= 45 for leader in leaders
        ):
            leaders.append(signature)
    return len(leaders)


def site(reading: Reading) -> str:
    """The registered domain of these few sources, or their name."""
    return (reading.entities.source or "").removeprefix("www.").lower()


def figures(own: Sequence[Reading], rule: Rule, group: str) -> dict[str, Any]:
    """What the alert says of its window's own articles; nobody is listed for a whole rule."""
    scores: dict[str, list[int]] = {}
    names: dict[str, tuple[Any, str]] = {}
    topics = 0
    for entities, sentiment, about in own:
        topics += bool(about and about.topics)
        if sentiment is not None and sentiment.registry == entities.registry:
            for tone in sentiment.actors:
                scores.setdefault(tone.id, []).append(tone.score)
        for actor in entities.actors:
            assert entities.registry is not None
            registry = (entities.registry.release, entities.registry.digest)
            said = ((registry, entities.published_at, entities.id), actor.name)
            names[actor.id] = max(said, names.get(actor.id, said))
    listed = group.split()
    return {
        "version": rule.version,
        "articles": sorted(one.entities.id or "" for one in own),
        "stories": stories(own),
        "sources": len(set(map(site, own))),
        "topics": topics,
        "names": [names[actor][1] for actor in listed],
        "tone": {
            actor: (
                floor(Fraction(sum(scores[actor]), len(scores[actor])) + Fraction(1, 2)),
                len(scores[actor]),
            )
            for actor in listed
            if actor in scores
        },
    }


def shown(alerts: Iterable[Alert], rules: Iterable[Rule]) -> dict[Where, dict[str, Any]]:
    """The same figures of alerts as they are told."""
    group_by = {rule.id: rule.group_by for rule in rules}
    found = {}
    for alert in alerts:
        listed = [] if group_by[alert.rule.id] == "rule" else list(alert.actors)
        ids = [actor.id for actor in listed]
        number = (alert.window.start - EPOCH) // (alert.window.end - alert.window.start)
        found[alert.rule.id, " ".join(ids), number] = {
            "version": alert.rule.version,
            "articles": sorted(evidence.article for evidence in alert.evidence),
            "stories": alert.counts.stories,
            "sources": alert.counts.sources,
            "topics": sum(topic.articles for topic in alert.topics),
            "names": [actor.name for actor in listed],
            "tone": {tone.id: (tone.score, tone.articles) for tone in alert.tone if tone.id in ids},
        }
    return found
