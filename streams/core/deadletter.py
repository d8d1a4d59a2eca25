"""Dead letters: the record that couldn't be read, byte for byte, and its story in headers.

A letter is named by where its record lies and by the stage that couldn't read it. To redrive it is
to put the same bytes on the article stream again; beside the letter then lies a record that says
so, with a null value, so that whoever reads the stream knows what was redriven.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from streams.core.errors import InvalidMessage
from streams.core.facets import FACETS, Stage
from streams.core.headers import (
    Coordinates,
    Headers,
    cloud_event,
    header_texts,
    source_coordinates,
    source_headers,
)
from streams.core.message import MAX_BYTES

MAX_REDRIVES = 3
"""A record that failed in this many further attempts won't read better in the next."""

BINARY = "application/octet-stream"

_TOPIC = "__connect.errors.topic"
_STAGE = "__connect.errors.stage"
_ERROR = "__connect.errors.exception.class.name"
_REASON = "__connect.errors.exception.message"
_SHA256 = "summitry-value-sha256"
_VALUE_BYTES = "summitry-value-bytes"
_KEY_BYTES = "summitry-key-bytes"
_ARTICLE = "summitry-article-id"
_ATTEMPT = "summitry-redrive-attempt"
_REDRIVE_OF = "summitry-redrive-of"
_REDRIVEN = "summitry-redriven"

_LONGEST_IDENTITY = 300


class Fingerprint(NamedTuple):
    """What a key and a value are known by: sizes in bytes (-1: null), the value's SHA-256 in hex.

    It tells a null value, an empty one and one that was too large to keep apart.
    """

    key_bytes: int
    value_bytes: int
    value_sha256: str


class Original(NamedTuple):
    """A record's key and value as they came."""

    key: bytes | None
    value: bytes | None

    @property
    def fingerprint(self) -> Fingerprint:
        """By which to know these bytes again."""
        sha256 = hashlib.sha256(self.value or b"").hexdigest()
        return Fingerprint(_size(self.key), _size(self.value), sha256)

    @property
    def kept(self) -> "Original":
        """What of it a message has room for: all, only the key, or nothing.

        Nothing is an empty value: clients send no record that has neither key nor value.
        """
        key_bytes, value_bytes = len(self.key or b""), len(self.value or b"")
        if key_bytes + value_bytes <= MAX_BYTES:
            kept = self
        else:
            kept = Original(self.key if key_bytes <= MAX_BYTES else None, None)
        return _EMPTY if kept == _NOTHING else kept


_NOTHING, _EMPTY = Original(None, None), Original(None, b"")


class Redrive(NamedTuple):
    """That the letter of this identity was redriven, for the `attempt`-th time of its bytes."""

    attempt: int
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record that a stage couldn't read.

    `stream` is the name of its Kafka topic, `error` the class of what was raised, `redrive` the one
    that put the record there, if one did. `original` is None where it was too large to keep.
    """

    stage: Stage
    source: Coordinates
    stream: str
    reason: str
    error: str
    article: str | None
    redrive: Redrive | None
    fingerprint: Fingerprint
    original: Original | None

    @property
    def identity(self) -> str:
        """Its name: source coordinates and stage. Who reads a record twice writes one letter twice."""
        return f"{self.source.topic_id}/{self.source.partition}/{self.source.offset}/{self.stage}"

    @property
    def attempts(self) -> int:
        """How often the bytes had been redriven when they failed."""
        return self.redrive.attempt if self.redrive else 0


class Foreign(NamedTuple):
    """A record on the stream of dead letters that Summitry didn't write, and how that shows."""

    reason: str


def dead_letter_headers(letter: DeadLetter, at: datetime) -> Headers:
    """The headers of a letter whose record was sent at `at`; Kafka Connect's names where it has some."""
    headers = [
        *cloud_event("dead-letter.v1", letter.stage, letter.identity, at, content_type=BINARY),
        (_TOPIC, letter.stream.encode()),
        ("__connect.errors.partition", str(letter.source.partition).encode()),
        ("__connect.errors.offset", str(letter.source.offset).encode()),
        (_STAGE, letter.stage.encode()),
        (_ERROR, letter.error.encode()),
        (_REASON, letter.reason.encode(errors="backslashreplace")),
        *source_headers(letter.source),
        (_KEY_BYTES, str(letter.fingerprint.key_bytes).encode()),
        (_VALUE_BYTES, str(letter.fingerprint.value_bytes).encode()),
        (_SHA256, letter.fingerprint.value_sha256.encode()),
    ]
    if letter.article is not None:
        headers.append((_ARTICLE, letter.article.encode()))
    if letter.redrive is not None:
        headers += _attempt_headers(letter.redrive)
    return headers


def next_redrive(letter: DeadLetter) -> Redrive:
    """The redrive that would come next; an attempt beyond MAX_REDRIVES is not to be made."""
    return Redrive(letter.attempts + 1, letter.identity)


def redrive_headers(redrive: Redrive, at: datetime) -> Headers:
    """The headers of the bytes on the article stream; a stage that fails on them copies the attempt."""
    return [*_redrive_event("article.v1", redrive, at), *_attempt_headers(redrive)]


def redriven_headers(redrive: Redrive, at: datetime) -> Headers:
    """The headers of the record with a null value that says, beside a letter, that it was redriven."""
    return [
        *_redrive_event("redriven.v1", redrive, at),
        (_ATTEMPT, str(redrive.attempt).encode()),
        (_REDRIVEN, redrive.identity.encode()),
    ]


def read_redrive(headers: Iterable[tuple[str, bytes | None]]) -> Redrive | None:
    """Which redrive put a record on the article stream; None if none did, or none that makes sense."""
    return _redrive(header_texts(headers), _REDRIVE_OF)


def read_record(
    key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]
) -> DeadLetter | Redrive | Foreign:
    """What a record on the stream of dead letters says; never raises."""
    headers = list(headers)
    found = header_texts(headers)
    if _REDRIVEN in found:
        return _redrive(found, _REDRIVEN) or Foreign("names no redrive")
    try:
        source = source_coordinates(headers)
        fingerprint = _fingerprint(found)
        stage = next(stage for stage in FACETS if stage == found[_STAGE])
        stream, reason = found[_TOPIC], found[_REASON]
    except (InvalidMessage, KeyError, ValueError, StopIteration) as error:
        return Foreign(f"not a dead letter's headers ({error})")
    original: Original | None = Original(key, value)
    if Original(key, value).fingerprint != fingerprint:
        if value is not None and original != _EMPTY:
            return Foreign("its bytes aren't those that its headers speak of")
        original = _NOTHING if fingerprint == _NOTHING.fingerprint else None
    return DeadLetter(
        stage=stage,
        source=source,
        stream=stream,
        reason=reason,
        error=found.get(_ERROR, ""),
        article=found.get(_ARTICLE),
        redrive=_redrive(found, _REDRIVE_OF),
        fingerprint=fingerprint,
        original=original,
    )


def _size(data: bytes | None) -> int:
    return -1 if data is None else len(data)


def _attempt_headers(redrive: Redrive) -> Headers:
    return [(_ATTEMPT, str(redrive.attempt).encode()), (_REDRIVE_OF, redrive.identity.encode())]


def _redrive_event(kind: str, redrive: Redrive, at: datetime) -> Headers:
    identity = f"{redrive.identity}/{redrive.attempt}"
    return cloud_event(kind, "redrive", identity, at, content_type=BINARY)


def _redrive(found: dict[str, str], name: str) -> Redrive | None:
    attempts = {str(attempt): attempt for attempt in range(1, MAX_REDRIVES + 1)}
    attempt, identity = attempts.get(found.get(_ATTEMPT, "")), found.get(name, "")
    if attempt is None or not 0 < len(identity) <= _LONGEST_IDENTITY:
        return None
    return Redrive(attempt, identity)


def _fingerprint(found: dict[str, str]) -> Fingerprint:
    return Fingerprint(int(found[_KEY_BYTES]), int(found[_VALUE_BYTES]), found[_SHA256])
