"""From the evidence of a window to what its alert says."""

from collections import Counter
from collections.abc import Collection, Mapping
from operator import attrgetter

from streams.core.alert import (
    AlertBody,
    AlertWindow,
    Counts,
    EvidenceArticle,
    EvidenceSentence,
    Lineage,
    Models,
    NamedId,
    RuleVersion,
    Severity,
    Span,
    Tone,
    TopicCount,
)
from streams.core.evidence import Evidence
from streams.core.facets import Entities
from streams.core.rules import Rule
from streams.core.stories import stories
from streams.core.windows import Window

MAX_EVIDENCE = 10
MAX_SENTENCES = 2


def holds(rule: Rule, own: Collection[Evidence], before: Collection[Evidence]) -> bool:
    """Whether an alert exists: the window has evidence, and with the one before it enough.

    The window before carries over, so that midnight splits nothing.
    """
    if not own:
        return False
    both = [*own, *before]
    return (
        len({e.article_id for e in both}) >= rule.min_articles
        and len({e.source for e in both}) >= rule.min_sources
        and (rule.min_stories == 1 or len(set(stories(both).values())) >= rule.min_stories)
    )


def best(own: Collection[Evidence], leader_of: Mapping[str, str]) -> list[Evidence]:
    """The ten best pieces of evidence: story leaders first, then by how prominent the actors are."""
    return sorted(
        own,
        key=lambda e: (
            leader_of[e.article_id] != e.article_id,
            -sum(actor.salience for actor in e.scores.actors),
            e.published_at,
            e.article_id,
        ),
    )[:MAX_EVIDENCE]


def summarise(
    rule: Rule,
    window: Window,
    own: Collection[Evidence],
    leader_of: Mapping[str, str],
    entities: Mapping[str, Entities],
) -> AlertBody:
    """What the alert says of its window's own evidence, which must not be empty.

    `leader_of` is `stories(own)`; `entities` holds the entities facet of each article in
    `best(own, leader_of)`, by article id.
    """
    own = sorted(own, key=lambda e: (e.published_at, e.article_id))
    # Of several spellings the newest registry's is shown, in the latest article that has it.
    names = {
        actor.id: actor.name
        for e in sorted(own, key=lambda e: e.scores.registry.order if e.scores.registry else (0, ""))
        for actor in e.scores.actors
    }
    counts = Counts(
        articles=len(own), stories=len(set(leader_of.values())), sources=len({e.source for e in own})
    )
    topics = _topics(own)
    return AlertBody(
        rule=RuleVersion(id=rule.id, version=rule.version),
        actors=tuple(NamedId(id=actor, name=names[actor]) for actor in sorted(names)),
        window=AlertWindow(start=window.start, end=window.end),
        severity=_severity(len(names), counts.stories),
        headline=f"{_listed([names[actor] for actor in sorted(names)])} in {some(counts.stories, 'story')}",
        summary=_summary(counts, own, topics),
        counts=counts,
        tone=_tone(own),
        topics=topics,
        evidence=tuple(
            _article(rule, e, leader_of[e.article_id], entities[e.article_id]) for e in best(own, leader_of)
        ),
        lineage=_lineage(own),
    )


def _severity(actors: int, independent_stories: int) -> Severity:
    """High: three actors in two stories, or ten stories; medium: three actors, or three stories."""
    if independent_stories >= 10 or (actors >= 3 and independent_stories >= 2):
        return "high"
    return "medium" if actors >= 3 or independent_stories >= 3 else "low"


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def some(count: int, noun: str) -> str:
    """So many of a noun, in words that agree: 1 story, 2 stories."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{count} {noun}s"


def _summary(counts: Counts, own: list[Evidence], topics: tuple[TopicCount, ...]) -> str:
    first, last = own[0].published_at, own[-1].published_at
    when = f"{first:%Y-%m-%d %H:%M} UTC" + (f" to {last:%Y-%m-%d %H:%M} UTC" if last > first else "")
    about = f", most often about {topics[0].label}" if topics else ""
    articles, sources = some(counts.articles, "article"), some(counts.sources, "source")
    return f"{articles} from {sources}, {when}{about}."


def _tone(own: list[Evidence]) -> tuple[Tone, ...]:
    scores: dict[str, list[int]] = {}
    for e in own:
        for actor in e.scores.actors:
            if actor.score is not None:
                scores.setdefault(actor.id, []).append(actor.score)
    return tuple(
        Tone(id=actor, score=_mean(values), articles=len(values)) for actor, values in sorted(scores.items())
    )


def _mean(values: list[int]) -> int:
    """The mean rounded half up, in integers, so that it's the same on every machine."""
    return (2 * sum(values) + len(values)) // (2 * len(values))


def _topics(own: list[Evidence]) -> tuple[TopicCount, ...]:
    counted = Counter(topic for e in own for topic in set(e.scores.topics))
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(TopicCount(code=code, label=label, articles=n) for (code, label), n in ranked)


def _lineage(own: list[Evidence]) -> Lineage:
    registries = [e.scores.registry for e in own if e.scores.registry]
    sentiment = [e.scores.sentiment_model for e in own if e.scores.sentiment_model]
    topics = [e.scores.topics_model for e in own if e.scores.topics_model]
    return Lineage(
        registry=max(registries, key=attrgetter("order"), default=None),
        models=Models(
            sentiment=max(sentiment)[1] if sentiment else None, topics=max(topics)[1] if topics else None
        ),
    )


def _article(rule: Rule, e: Evidence, story: str, entities: Entities) -> EvidenceArticle:
    """Show the evidence with the sentences that name the most of the alert's actors."""
    wanted = {actor.id for actor in e.scores.actors}
    spans: dict[int, list[Span]] = {}
    for actor in entities.actors:
        if actor.id in wanted:
            for mention in (m for m in actor.mentions if m.how in rule.accept):
                span = Span(id=actor.id, start=mention.start, end=mention.end)
                spans.setdefault(mention.sentence, []).append(span)
    crowded = sorted(spans, key=lambda index: (-len({span.id for span in spans[index]}), index))
    sentences = []
    for index in sorted(crowded[:MAX_SENTENCES]):
        sentence = entities.sentences[index]
        ordered = tuple(sorted(spans[index], key=attrgetter("start", "end", "id")))
        sentences.append(
            EvidenceSentence(start=sentence.start, end=sentence.end, text=sentence.text, spans=ordered)
        )
    return EvidenceArticle(
        article=e.article_id,
        title=entities.title or "",
        url=entities.url,
        source=entities.source or "",
        published_at=e.published_at,
        story=story,
        sentences=tuple(sentences),
    )
