"""A stage's outcome for one record: always exactly one, whatever the record holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from streams.core.article import Article, Version, check_published
from streams.core.errors import InvalidMessage
from streams.core.facets import FACETS, Facet, Stage

ATTEMPTS = 2


class Enrichment(Protocol):
    """A pure reading of an article; what it says depends on the article alone."""

    @property
    def name(self) -> Stage:
        """The stage that this is."""

    @property
    def version(self) -> int:
        """Raised whenever the same article may read differently than before."""

    def read(self, article: Article) -> Facet:
        """Read one article into the stage's facet."""


@dataclass(frozen=True, slots=True)
class Result:
    """The facet to write, and the class of the error for which the record is a dead letter too."""

    facet: Facet
    dead_letter: str | None = None


def outcome(stage: Enrichment, value: bytes | None, sent_at: datetime) -> Result:
    """What `stage` says of the record with this value, sent at `sent_at`.

    A record that isn't a valid article is rejected by every stage and is a dead letter of the
    entities stage alone; one whose reading fails twice is a dead letter of the stage that failed.
    MemoryError and OSError speak of the machine, not of the article, and are raised.
    """
    article: Article | None = None
    try:
        article = Article.from_json(value)
        check_published(article, sent_at)
    except InvalidMessage as error:
        fault = _class_name(error) if stage.name == "entities" else None
        return Result(_rejected(stage, article, str(error)), dead_letter=fault)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return Result(stage.read(article))
        except (MemoryError, OSError):
            raise
        except Exception as error:  # noqa: BLE001  the one place that turns a failure into a dead letter
            if attempt == ATTEMPTS:
                reason = f"{stage.name} failed: {type(error).__name__}: {error}"
                return Result(_rejected(stage, article, reason), dead_letter=_class_name(error))
    raise AssertionError("the last attempt returns")


def _rejected(stage: Enrichment, article: Article | None, reason: str) -> Facet:
    return FACETS[stage.name](
        id=article.id if article else None,
        version=Version.of(article) if article else None,
        stage_version=stage.version,
        outcome="rejected",
        # An error's text may hold half a surrogate pair, for which JSON has no room.
        reason=reason[:2_000].encode(errors="backslashreplace").decode(),
    )


def _class_name(error: Exception) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"
