"""What all messages share: immutable values, tolerant readers, one way in and out of JSON."""

import hashlib
from typing import Any, Self, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from streams.core.errors import InvalidMessage, Problem

MAX_BYTES = 900_000
"""The largest message value in bytes that Summitry writes: brokers refuse 1 MiB by default."""


class Message(BaseModel):
    """An immutable message or a part of one; unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def from_json(cls, data: bytes | None) -> Self:
        """Decode and validate; raises InvalidMessage with a problem for each field at fault."""
        return read_object(cls, decode_object(data))

    def to_json(self) -> bytes:
        """The one byte form of this message: the canonical JSON of its model_dump.

        To go through the fields at once takes less than half of the time, and needs no serializer: the
        only one that a message has is an Instant's, which orjson writes in the same way.
        """
        return orjson.dumps(self, default=vars, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)


AnyMessage = TypeVar("AnyMessage", bound=BaseModel)


def decode_object(data: bytes | None) -> dict[str, Any]:
    """Decode bytes into a JSON object; raises InvalidMessage for whatever else they hold."""
    if data is None:
        raise InvalidMessage(Problem("", "the value is null"))
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidMessage(Problem("", f"not JSON: {error}")) from error
    if not isinstance(value, dict):
        raise InvalidMessage(Problem("", f"not a JSON object but {type(value).__name__}"))
    return value


def read_object(kind: type[AnyMessage], value: dict[str, Any]) -> AnyMessage:
    """Validate a decoded object as `kind`; raises InvalidMessage with every problem found."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise InvalidMessage(
            *(
                Problem(".".join(str(part) for part in found["loc"]), _reason(found["msg"]))
                for found in error.errors(include_url=False, include_input=False)
            )
        ) from error


def _reason(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def canonical_json(value: Any) -> bytes:
    """Equal values give equal bytes: UTF-8, sorted keys, no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: Any) -> str:
    """SHA-256, in hex, of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
