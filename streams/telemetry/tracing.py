"""Traces: contexts that come in are passed on; where an exporter is configured, each hop adds a span.

Configured by OpenTelemetry's own variables (OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT, …),
with the extra `otel`. Spans follow its semantic conventions for messaging.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from streams.core.tracecontext import Context, newest

Operation = Literal["send", "process", "create"]
Attributes = Mapping[str, str | int]

EXPORTERS = ("otlp", "console")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

log = logging.getLogger(__name__)


class Span(NamedTuple):
    """One hop: what the message that it makes carries, and how to say that it is over."""

    context: Context
    end: Callable[[], None]


class Tracing:
    """Makes no spans: each message carries the context of what it follows from."""

    def begin(
        self,
        operation: Operation,  # noqa: ARG002
        stream: str,  # noqa: ARG002
        parents: Sequence[Context] = (),
        attributes: Attributes | None = None,  # noqa: ARG002
    ) -> Span:
        """Begin a hop on a stream; the last parent is its parent, the others are linked."""
        return Span(newest(parents), _nothing)


PASSED_ON = Tracing()


def tracing(process: str, environment: Mapping[str, str]) -> Tracing:
    """What traces are made by, as the environment says; the process names the service."""
    exporter = _exporter(environment)
    if exporter is None:
        return PASSED_ON
    protocol = environment.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or environment.get(
        "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"
    )
    if exporter not in EXPORTERS or (exporter == "otlp" and protocol != "http/protobuf"):
        log.warning(
            "no traces are made: OTEL_TRACES_EXPORTER can be %s, with http/protobuf, but is %s with %s",
            " or ".join(EXPORTERS),
            exporter,
            protocol,
        )
        return PASSED_ON
    try:
        from streams.telemetry.spans import Spans  # noqa: PLC0415  the extra may be missing, and takes long
    except ModuleNotFoundError as error:
        log.warning("no traces are made, for want of %s: pip install 'summitry[otel]'", error.name)
        return PASSED_ON
    return Spans(f"summitry-{process}", exporter)


def _exporter(environment: Mapping[str, str]) -> str | None:
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    named = environment.get("OTEL_TRACES_EXPORTER", "")
    if named:
        return None if named == "none" else named
    return "otlp" if any(environment.get(name) for name in _ENDPOINTS) else None


def _nothing() -> None:
    """There is no span to end."""
