"""Facets: what each stage says of one article version, exactly one outcome for each."""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, StrictBool, StrictInt

from streams.core.article import Identifier, Version
from streams.core.instants import Instant
from streams.core.message import Message

Stage = Literal["entities", "sentiment", "topics"]
Outcome = Literal["ok", "empty", "rejected"]
How = Literal["name", "alias", "role", "metonym", "demonym"]
Disguise = Literal["homoglyph", "invisible"]
Kind = Literal["person", "country", "organisation"]

Thousandths = Annotated[StrictInt, Field(ge=0, le=1000)]
TopicCode = Annotated[str, Field(pattern=r"^medtop:\d{8}$")]
SignedThousandths = Annotated[StrictInt, Field(ge=-1000, le=1000)]
Offset = Annotated[StrictInt, Field(ge=0)]
"""Unicode code points into the article's document (title, blank line, text)."""


class RegistryVersion(Message):
    """Which registry named the actors: the release, and a digest of it with the user's files."""

    release: Annotated[StrictInt, Field(ge=1)]
    digest: str

    @property
    def order(self) -> tuple[int, str]:
        """Registry versions are ordered by release, then digest."""
        return self.release, self.digest


class Facet(Message):
    """What every facet carries; id and version are null for a record that didn't decode."""

    id: Identifier | None
    version: Version | None
    stage_version: Annotated[StrictInt, Field(ge=1)]
    outcome: Outcome
    reason: str | None = None
    unsupported_language: str | None = None
    """What the article is in ("und" if that isn't known), where the stage can't read all of it for that."""

    @property
    def precedence(self) -> tuple[int, tuple[int, str], int, bytes]:
        """Among facets of one article version and stage, the greatest of these is believed.

        The registry goes before the outcome, so that entities and sentiment that were both read by
        several registries are both believed of the same one.
        """
        rank = {"rejected": 0, "empty": 1, "ok": 2}[self.outcome]
        registry: RegistryVersion | None = getattr(self, "registry", None)
        return self.stage_version, registry.order if registry else (0, ""), rank, self.to_json()


class Mention(Message):
    """One place where an article names an actor; `sentence` indexes the facet's sentences."""

    start: Offset
    end: Offset
    text: str
    how: How
    sentence: Annotated[StrictInt, Field(ge=0)]


class Actor(Message):
    """An actor that an article names, and how prominently, in thousandths."""

    id: str
    name: str
    kind: Kind
    salience: Thousandths
    mentions: tuple[Mention, ...]


class Sentence(Message):
    """A sentence that names an actor; paragraph 0 is the title."""

    start: Offset
    end: Offset
    text: str
    paragraph: Annotated[StrictInt, Field(ge=0)]


class Entities(Facet):
    """Who an article names; see schemas/entities.v1.json."""

    title: str | None = None
    url: str | None = None
    source: str | None = None
    published_at: Instant | None = None
    language: str | None = None
    detected_language: str | None = None
    withdrawn: StrictBool | None = None
    registry: RegistryVersion | None = None
    actors: tuple[Actor, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    disguises: tuple[Disguise, ...] = ()
    """How mentions hide whom they name: letters of other scripts, characters that don't show."""
    signature: str | None = None
    """Base64 of the story signature; null unless the article names two actors."""


class DocumentTone(Message):
    """The tone of a whole document, from -1000 (negative) to 1000 (positive)."""

    score: SignedThousandths


class ActorTone(Message):
    """How an article treats one actor; `sentences` index the entities facet's sentences."""

    id: str
    label: Literal["negative", "neutral", "positive"]
    score: SignedThousandths
    confidence: Thousandths
    sentences: tuple[Annotated[StrictInt, Field(ge=0)], ...]


class Sentiment(Facet):
    """How an article treats whom it names; see schemas/sentiment.v1.json."""

    registry: RegistryVersion | None = None
    model: str | None = None
    document: DocumentTone | None = None
    actors: tuple[ActorTone, ...] = ()


class Topic(Message):
    """An IPTC Media Topic and how sure the classifier is of it, in thousandths."""

    code: TopicCode
    label: str
    score: Thousandths


class Topics(Facet):
    """What an article is about; see schemas/topics.v1.json."""

    model: str | None = None
    topics: tuple[Topic, ...] = ()


FACETS: dict[Stage, type[Facet]] = {"entities": Entities, "sentiment": Sentiment, "topics": Topics}


class Reading(NamedTuple):
    """All that is known of one current article version: facets join as they come."""

    entities: Entities
    sentiment: Sentiment | None = None
    topics: Topics | None = None

    @property
    def is_mixed(self) -> bool:
        """Whether tone and actors were read by different registries: their ids may mean others."""
        tone = self.sentiment
        return tone is not None and tone.registry is not None and tone.registry != self.entities.registry

    def as_json(self) -> dict[str, Any]:
        """The facets by stage, null where one is missing."""
        return {
            stage: facet.model_dump() if facet is not None else None
            for stage, facet in zip(self._fields, self, strict=True)
        }
