"""Alerts as they are told: a body that follows from the evidence, and the revision that tells it."""

import hashlib
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt

from streams.core.evidence import AlertKey
from streams.core.facets import Offset, RegistryVersion, SignedThousandths
from streams.core.instants import Instant, format_instant
from streams.core.message import Message, canonical_json, digest

Count = Annotated[StrictInt, Field(ge=0)]
Severity = Literal["low", "medium", "high"]
State = Literal["active", "cancelled"]
Change = Literal["opened", "grew", "corrected", "withdrawn", "closed"]


class RuleVersion(Message):
    """The version of the rule that the alert's window follows."""

    id: str
    version: Annotated[StrictInt, Field(ge=1)]


class NamedId(Message):
    """An actor's id and preferred name."""

    id: str
    name: str


class AlertWindow(Message):
    """The alert's window: start inclusive, end exclusive."""

    start: Instant
    end: Instant


class Counts(Message):
    """How much evidence the window has of its own."""

    articles: Count
    stories: Count
    sources: Count


class Tone(Message):
    """The mean score of one actor over the articles that have one."""

    id: str
    score: SignedThousandths
    articles: Count


class TopicCount(Message):
    """How many of the articles are about a topic."""

    code: str
    label: str
    articles: Count


class Span(Message):
    """Where a sentence names an actor, in code points of the article's document."""

    id: str
    start: Offset
    end: Offset


class EvidenceSentence(Message):
    """A sentence that names actors of the alert, with its place in the article's document."""

    start: Offset
    end: Offset
    text: str
    spans: tuple[Span, ...]


class EvidenceArticle(Message):
    """One of the best pieces of evidence; `story` is the id of the article that leads its story."""

    article: str
    title: str
    url: str | None
    source: str
    published_at: Instant
    story: str
    sentences: tuple[EvidenceSentence, ...]


class Models(Message):
    """The models whose readings the alert rests on; null while none has joined."""

    sentiment: str | None
    topics: str | None


class Lineage(Message):
    """What the evidence was made with: the newest where there are several."""

    registry: RegistryVersion | None
    models: Models


class AlertBody(Message):
    """What an alert says: a pure function of the set of articles and the rules."""

    rule: RuleVersion
    actors: tuple[NamedId, ...]
    window: AlertWindow
    severity: Severity
    headline: str
    summary: str
    counts: Counts
    tone: tuple[Tone, ...]
    topics: tuple[TopicCount, ...]
    evidence: tuple[EvidenceArticle, ...]
    lineage: Lineage

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the canonical body."""
        return digest(self.model_dump(include=set(AlertBody.model_fields)))


class Alert(AlertBody):
    """One revision of an alert; see schemas/alert.v1.json."""

    id: str
    generation: Count
    revision: Annotated[StrictInt, Field(ge=1)]
    change: tuple[Change, ...]
    state: State
    closed: StrictBool
    backfill: StrictBool

    def body_and_id(self) -> dict[str, Any]:
        """What follows from the articles and the rules alone: what a backtest prints."""
        return {"id": self.id} | self.model_dump(include=set(AlertBody.model_fields))

    @property
    def order(self) -> tuple[int, int]:
        """A reader keeps the greatest (generation, revision) of an id."""
        return self.generation, self.revision


def alert_id(key: AlertKey, window_hours: int) -> str:
    """The id of the alert about `key`: the same in every store, and computable by readers."""
    seed = [key.rule_id, list(key.actors), format_instant(key.window_start), window_hours]
    return "al-" + hashlib.sha256(canonical_json(seed)).hexdigest()[:32]
