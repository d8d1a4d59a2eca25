"""The sentiment stage: the tone of an article, and how it treats whom it names."""

from collections.abc import Sequence
from typing import Literal

from streams.core.article import Article, Version
from streams.core.facets import Actor, ActorTone, DocumentTone, Mention, Sentiment
from streams.enrich.entities import Named, find_actors
from streams.enrich.finder import ActorFinder
from streams.enrich.language import language_of
from streams.enrich.lexicon import Lexicon
from streams.enrich.registry import Registry
from streams.enrich.sentences import split, unwrapped
from streams.enrich.tone import Probabilities, TargetTone

SENTENCES = (2, 2, 1)
"""How many sentences tell of the most salient actor, of the second and of the third; each takes 11 ms."""

MAX_TONE_SENTENCES = 200

_BY_NAME = ("name", "alias")


class SentimentStage:
    """Reads an article into its sentiment facet; pure, and safe to share between threads."""

    name: Literal["sentiment"] = "sentiment"
    version = 8

    def __init__(self, registry: Registry, tone: TargetTone) -> None:
        self._registry = registry
        self._finder = ActorFinder(registry)
        self._tone = tone
        self._lexicon = Lexicon()

    def read(self, article: Article) -> Sentiment:
        """The article's tones: outcome "empty" if it holds no letter, or isn't in English.

        Lexicon and model know English alone; the facet says in which language an article is instead.
        """
        language = language_of(article)
        readable = language.supported and any(map(str.isalpha, article.document))
        return Sentiment(
            id=article.id,
            version=Version.of(article),
            stage_version=self.version,
            outcome="ok" if readable else "empty",
            unsupported_language=None if language.supported else language.code,
            registry=self._registry.version,
            model=self._tone.name,
            document=self._document_tone(article) if readable else None,
            actors=self._actor_tones(article) if readable else (),
        )

    def _document_tone(self, article: Article) -> DocumentTone:
        document = article.document
        title_length = len(article.title)
        sentences = split(unwrapped(document, title_length), title_length)[:MAX_TONE_SENTENCES]
        return DocumentTone(score=self._lexicon.tone([document[s.start : s.end] for s in sentences]))

    def _actor_tones(self, article: Article) -> tuple[ActorTone, ...]:
        """The three most salient of the actors named by name; none unless two are."""
        named = find_actors(article, self._registry, self._finder)
        actors = [actor for actor in named.actors if _by_name(actor)]
        if len(actors) < 2:
            return ()
        return tuple(
            self._actor_tone(actor, named, count)
            for actor, count in zip(actors, SENTENCES, strict=False)  # there may be more actors, or fewer
        )

    def _actor_tone(self, actor: Actor, named: Named, count: int) -> ActorTone:
        chosen = telling_mentions(actor, named, count)
        rows = []
        for mention in chosen:
            sentence = named.sentences[mention.sentence]
            span = mention.start - sentence.start, mention.end - sentence.start
            rows.append(self._tone.probabilities(sentence.text, *span))
        return summarised(actor.id, rows, [mention.sentence for mention in chosen])


def telling_mentions(actor: Actor, named: Named, count: int) -> list[Mention]:
    """The first mention of `actor` by name in each of the `count` sentences that say most of it.

    A sentence goes before others if it is in the title; then the fewer actors are named before
    this one (the first is often the subject); then the more are named in all; then as they stand.
    """
    by_sentence: dict[int, Mention] = {}
    for mention in _by_name(actor):
        by_sentence.setdefault(mention.sentence, mention)
    firsts: dict[int, list[int]] = {index: [] for index in by_sentence}
    for other in named.actors:
        seen: set[int] = set()
        for mention in other.mentions:
            if mention.sentence in firsts and mention.sentence not in seen:
                seen.add(mention.sentence)
                firsts[mention.sentence].append(mention.start)

    def rank(mention: Mention) -> tuple[bool, int, int, int]:
        others = firsts[mention.sentence]
        return (
            named.sentences[mention.sentence].paragraph != 0,
            sum(start < mention.start for start in others),
            -len(others),
            mention.sentence,
        )

    return sorted(by_sentence.values(), key=rank)[:count]


def summarised(actor: str, rows: Sequence[Probabilities], sentences: Sequence[int]) -> ActorTone:
    """The tone of an actor from the probabilities of its sentences: their mean.

    Of equal labels neutral wins, then negative. Scores are in thousandths.
    """
    negative, neutral, positive = (sum(column) / len(rows) for column in zip(*rows, strict=True))
    best = max(negative, neutral, positive)
    label: Literal["negative", "neutral", "positive"] = "positive"
    if neutral == best:
        label = "neutral"
    elif negative == best:
        label = "negative"
    return ActorTone(
        id=actor,
        label=label,
        score=round(1000 * (positive - negative)),
        confidence=min(1000, round(1000 * best)),
        sentences=tuple(sorted(sentences)),
    )


def _by_name(actor: Actor) -> list[Mention]:
    return [mention for mention in actor.mentions if mention.how in _BY_NAME]
