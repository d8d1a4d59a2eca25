"""The entities stage: who an article names, where, and how prominently."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from pydantic import TypeAdapter

from streams.core.article import Article, Version
from streams.core.facets import Actor, Disguise, Entities, Sentence
from streams.core.message import canonical_json
from streams.enrich.finder import ActorFinder, Found, disguises
from streams.enrich.language import language_of
from streams.enrich.registry import Registry
from streams.enrich.salience import Prominence, weighed
from streams.enrich.sentences import SentenceSpan, split_around, unwrapped
from streams.enrich.signature import signature

MAX_MENTIONS = 500
MAX_SENTENCES = 200
MAX_NAMED_BYTES = 800_000
"""What actors and sentences may take of a message's 900,000 bytes; the article's fields take the rest."""

_ACTOR_BYTES, _MENTION_BYTES, _SENTENCE_BYTES = 750, 100, 80
"""What JSON adds to their texts, at most; an actor's name is counted in."""
_SAFE_LENGTH = 20_000
"""A document this short can't reach the limit: a code point is six bytes of JSON at most."""


_ACTORS = TypeAdapter(tuple[Actor, ...])
_SENTENCES = TypeAdapter(tuple[Sentence, ...])


class Named(NamedTuple):
    """Whom a document names, the most salient first, and the sentences that name them."""

    actors: tuple[Actor, ...] = ()
    sentences: tuple[Sentence, ...] = ()


class EntitiesStage:
    """Reads an article into its entities facet; pure, and safe to share between threads."""

    name: Literal["entities"] = "entities"
    version = 9

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._finder = ActorFinder(registry)

    def read(self, article: Article) -> Entities:
        """The article's entities: outcome "ok" if it names an actor, else "empty"."""
        named = find_actors(article, self._registry, self._finder)
        language = language_of(article)
        return Entities(
            id=article.id,
            version=Version.of(article),
            stage_version=self.version,
            outcome="ok" if named.actors else "empty",
            title=article.title,
            url=article.url,
            source=article.source,
            published_at=article.published_at,
            language=article.language,
            detected_language=language.code,
            unsupported_language=None if language.supported else language.code,
            withdrawn=article.withdrawn,
            registry=self._registry.version,
            actors=named.actors,
            sentences=named.sentences,
            disguises=_disguises(named.actors),
            signature=b64encode(signature(article.document)).decode() if len(named.actors) > 1 else None,
        )


def find_actors(article: Article, registry: Registry, finder: ActorFinder) -> Named:
    """Whom `article` names, sorted by (-salience, id), with at most 500 mentions in 200 sentences.

    What goes over these numbers, or over 800,000 bytes of JSON, is dropped from the end of the
    document: every mention that is left lies in a sentence that is left.
    """
    document = article.document
    title_length = len(article.title)
    lines = unwrapped(document, title_length)
    found = finder.find(lines, article.published_at.date().isoformat())[:MAX_MENTIONS]
    groups = _within_limits(document, split_around(lines, title_length, found))
    named: dict[str, tuple[list[dict[str, Any]], Prominence]] = {}
    for index, (sentence, places) in enumerate(groups):
        paragraph = sentence.paragraph
        weights = weighed(lines, sentence, places)
        for (actor, start, end, how), (weight, subject) in zip(places, weights, strict=True):
            if actor not in named:
                named[actor] = [], Prominence(start)
            mentions, prominence = named[actor]
            mentions.append(
                {"start": start, "end": end, "text": document[start:end], "how": how, "sentence": index}
            )
            prominence.add(paragraph, weight, subject=subject)
    heaviest = max((prominence.total for _, prominence in named.values()), default=0)
    actors: list[dict[str, Any]] = [
        {
            "id": actor,
            "name": registry.actors[actor].name,
            "kind": registry.actors[actor].kind,
            "salience": prominence.salience(heaviest=heaviest, length=len(document)),
            "mentions": mentions,
        }
        for actor, (mentions, prominence) in named.items()
    ]
    actors.sort(key=lambda actor: (-actor["salience"], actor["id"]))
    sentences = [
        {"start": start, "end": end, "text": document[start:end], "paragraph": paragraph}
        for (start, end, paragraph), _ in groups
    ]
    # All at once: to validate each part by itself takes twice as long.
    return Named(_ACTORS.validate_python(actors), _SENTENCES.validate_python(sentences))


def _disguises(actors: Iterable[Actor]) -> tuple[Disguise, ...]:
    mentions = (mention.text for actor in actors for mention in actor.mentions)
    texts = {text for text in mentions if not text.isascii()}
    return tuple(sorted({disguise for text in texts for disguise in disguises(text)}))


_Group = tuple[SentenceSpan, Sequence[Found]]


def _within_limits(document: str, groups: list[_Group]) -> list[_Group]:
    groups = groups[:MAX_SENTENCES]
    if len(document) <= _SAFE_LENGTH:
        return groups
    left = MAX_NAMED_BYTES
    for count, (sentence, places) in enumerate(groups):
        left -= _SENTENCE_BYTES + _json_bytes(document[sentence.start : sentence.end])
        for place in places:
            left -= _MENTION_BYTES + _ACTOR_BYTES + _json_bytes(document[place.start : place.end])
        if left < 0:
            return groups[:count]
    return groups


def _json_bytes(text: str) -> int:
    return len(canonical_json(text))
