"""Headers: where a facet's source record lies, and what each message is in CloudEvents' terms.

CloudEvents 1.0, Kafka protocol binding, binary mode: the same source and id mean a duplicate.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from streams.core.alert import Alert
from streams.core.article import Article, Version
from streams.core.errors import InvalidMessage, Problem
from streams.core.facets import Facet, Stage
from streams.core.instants import format_instant

Headers = list[tuple[str, bytes]]

_TOPIC_ID = "summitry-source-topic-id"
_PARTITION = "summitry-source-partition"
_OFFSET = "summitry-source-offset"
MENDS = "summitry-mends"
"""On an article that was published again, and on the facets that answer it: partition:offset of the record
that it stands for."""
_NUMBER = re.compile(r"[0-9]{1,18}")
"""What Kafka, and an SQL integer, have room for."""


class Coordinates(NamedTuple):
    """Where a record lies: a topic's id, which a topic of the same name made later doesn't share."""

    topic_id: str
    partition: int
    offset: int


def cloud_event(
    kind: str, source: str, identity: str, at: datetime, *, content_type: str = "application/json"
) -> Headers:
    """The headers that every message carries; `kind` is a schema such as "article.v1"."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_type", f"summitry.{kind}".encode()),
        ("ce_source", f"summitry/{source}".encode()),
        ("ce_id", identity.encode()),
        ("ce_time", format_instant(at).encode()),
        ("content-type", content_type.encode()),
    ]


def article_headers(article: Article, at: datetime) -> Headers:
    """The headers of an article sent at `at`."""
    return cloud_event("article.v1", "publish", f"{article.id}/{Version.of(article).key}", at)


def facet_headers(stage: Stage, facet: Facet, source: Coordinates, at: datetime) -> Headers:
    """The headers of a stage's outcome for the record at `source`, which was sent at `at`.

    They depend on the record and the outcome alone, so that a second delivery is the same message.
    """
    version = facet.version.key if facet.version else ""
    identity = f"{source.topic_id}/{source.partition}/{source.offset}/{version}/{stage}/{facet.stage_version}"
    return [
        *cloud_event(f"{stage}.v1", stage, identity, at),
        *source_headers(source),
        ("summitry-article-version", version.encode()),
        ("summitry-stage-version", str(facet.stage_version).encode()),
    ]


def alert_headers(alert: Alert, at: datetime) -> Headers:
    """The headers of an alert's revision written at `at`."""
    return cloud_event("alert.v1", "sink", f"{alert.id}/{alert.generation}/{alert.revision}", at)


def source_headers(source: Coordinates) -> Headers:
    """Where the record lies that a message speaks of."""
    return [
        (_TOPIC_ID, source.topic_id.encode()),
        (_PARTITION, str(source.partition).encode()),
        (_OFFSET, str(source.offset).encode()),
    ]


def header_texts(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """Headers as text, by name; the last of a name counts, and one that is null doesn't."""
    return {name: value.decode(errors="replace") for name, value in headers if value is not None}


def source_coordinates(headers: Iterable[tuple[str, bytes | None]]) -> Coordinates:
    """Where the record lies that a message speaks of; raises InvalidMessage without whole headers."""
    found = header_texts(headers)
    try:
        return Coordinates(found[_TOPIC_ID], _number(found[_PARTITION]), _number(found[_OFFSET]))
    except (KeyError, ValueError) as error:
        raise InvalidMessage(Problem("headers", f"no usable source coordinates ({error})")) from error


def mends_headers(headers: Iterable[tuple[str, bytes | None]], source: Coordinates) -> Headers:
    """What a facet says again of the article at `source`: for which record that was published again."""
    mended = mended_record(headers, source)
    return [(MENDS, f"{mended.partition}:{mended.offset}".encode())] if mended else []


def mended_record(headers: Iterable[tuple[str, bytes | None]], source: Coordinates) -> Coordinates | None:
    """The earlier record of the same partition for which that at `source` was published again; else None.

    Anybody may write the header: of one that names a later record nothing is believed.
    """
    for name, value in headers:
        if name == MENDS and value is not None:
            partition, _, offset = value.decode(errors="replace").partition(":")
            mends = partition == str(source.partition) and _NUMBER.fullmatch(offset)
            if mends and int(offset) < source.offset:
                return source._replace(offset=int(offset))
    return None


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"no offset or partition: {text[:20]!r}")
    return int(text)
