"""Spans by OpenTelemetry's SDK, of the extra `otel`: imported only where an exporter is configured."""

from collections.abc import Sequence

from opentelemetry.context import Context as SdkContext
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.trace import Link, SpanContext, SpanKind, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from streams import __version__
from streams.core.tracecontext import Context
from streams.telemetry.tracing import Attributes, Operation, Span, Tracing

KINDS = {"send": SpanKind.PRODUCER, "process": SpanKind.CONSUMER, "create": SpanKind.PRODUCER}


class Spans(Tracing):
    """Makes a span a hop and exports it; what is left is exported when the process ends."""

    def __init__(self, service: str, exporter: str) -> None:
        # The environment may name the service otherwise.
        resource = Resource.create({SERVICE_NAME: service}).merge(OTELResourceDetector().detect())
        chosen: SpanExporter = OTLPSpanExporter() if exporter == "otlp" else ConsoleSpanExporter()
        provider = TracerProvider(resource=resource)
        provider.add_span_processor(BatchSpanProcessor(chosen))
        self._tracer = provider.get_tracer("summitry", __version__)
        self._propagator = TraceContextTextMapPropagator()

    def begin(
        self,
        operation: Operation,
        stream: str,
        parents: Sequence[Context] = (),
        attributes: Attributes | None = None,
    ) -> Span:
        """Begin a hop on a stream; the last parent is its parent, the others are linked."""
        newest_first = list(dict.fromkeys(context for context in reversed(parents) if context))
        parent = newest_first[0] if newest_first else ()
        span = self._tracer.start_span(
            f"{operation} {stream}",
            context=self._read(parent),
            kind=KINDS[operation],
            links=[Link(self._span_context(other)) for other in newest_first[1:]],
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.name": operation,
                "messaging.operation.type": operation,
                "messaging.destination.name": stream,
                **(attributes or {}),
            },
        )
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier, set_span_in_context(span, SdkContext()))
        return Span(tuple((name, value.encode()) for name, value in carrier.items()), span.end)

    def _read(self, context: Context) -> SdkContext:
        return self._propagator.extract({name: value.decode() for name, value in context}, SdkContext())

    def _span_context(self, context: Context) -> SpanContext:
        return get_current_span(self._read(context)).get_span_context()
