"""One trace from publishing to the alert, received by a collector of the test's own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import NOW, article
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from scenario import read_all, wait_until

from streams import broker as brokers
from streams.core.alert import Alert
from streams.core.headers import article_headers
from streams.publish import publish
from streams.replay import Running, pipeline
from streams.settings import Settings
from streams.telemetry.tracing import tracing
from streams.topology import ALERTS, ARTICLES, FACET_STREAMS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]

PAIR = article(id="pair", title="Xi Jinping meets Vladimir Putin", text="They spoke for an hour.")


@dataclass
class Collector:
    """An OTLP/HTTP receiver that keeps what it is sent."""

    port: int = 0
    spans: dict[str, list[Span]] = field(default_factory=dict)
    """By the service that made them."""

    @property
    def every(self) -> list[Span]:
        """Of whatever service."""
        return [span for spans in self.spans.values() for span in spans]


@contextmanager
def collector() -> Iterator[Collector]:
    """A collector that listens as long as the block."""
    collected = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            request = ExportTraceServiceRequest.FromString(
                self.rfile.read(int(self.headers["Content-Length"]))
            )
            for resource in request.resource_spans:
                named = {each.key: each.value.string_value for each in resource.resource.attributes}
                for scope in resource.scope_spans:
                    collected.spans.setdefault(named["service.name"], []).extend(scope.spans)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collected.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield collected
        server.shutdown()
        thread.join()


def alert_headers(running: Running) -> list[dict[str, bytes]]:
    """The headers of what has been told of alerts so far, but for closings: time alone brings these."""
    return [
        dict(record.headers)
        for record in read_all(running.settings, ALERTS)
        if Alert.from_json(record.value).change != ("closed",)
    ]


def attributes(span: Span) -> dict[str, str]:
    """A span's attributes that are text."""
    return {each.key: each.value.string_value for each in span.attributes}


def test_one_trace_leads_from_publishing_to_the_alert(
    broker: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Send, three times process, create; each is its predecessor's child, and the alert carries the last."""
    with collector() as collected:
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collected.port}",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pipeline(broker) as running:
            ours = tracing("publish", environment)
            assert len(list(publish([PAIR], running.settings, clock=lambda: NOW, tracing=ours))) == 1
            wait_until(
                lambda: any(span.name.startswith("create") for span in collected.every), 60, "no alert"
            )
            # An alert that is corrected has two spans, so their number says nothing.
            wait_until(
                lambda: {f"summitry-{name}" for name in FACET_STREAMS} <= set(collected.spans), 20, "no span"
            )
            told = alert_headers(running)
            prefix = running.settings.prefix
    (sent,) = collected.spans["summitry-publish"]
    processed = {service: spans for service, spans in collected.spans.items() if service[9:] in FACET_STREAMS}
    assert len(processed) == 3
    created = collected.spans["summitry-sink"]
    assert {span.trace_id for span in collected.every} == {sent.trace_id}
    assert sent.name == f"send {prefix}news.articles"
    assert sent.kind == Span.SPAN_KIND_PRODUCER
    assert attributes(sent)["messaging.kafka.message.key"] == "pair"
    for (span,) in processed.values():
        assert span.name == f"process {prefix}news.articles"
        assert (span.kind, span.parent_span_id) == (Span.SPAN_KIND_CONSUMER, sent.span_id)
        assert attributes(span)["messaging.system"] == "kafka"
    of_facets = {span.span_id for (span,) in processed.values()}
    for span in created:
        assert span.parent_span_id in of_facets
        assert {link.span_id for link in span.links} <= of_facets - {span.parent_span_id}
    carried = {b"00-%s-%s" % (s.trace_id.hex().encode(), s.span_id.hex().encode()) for s in created}
    assert {headers["traceparent"][:-3] for headers in told} <= carried  # but for the flags
    assert told


def test_a_context_is_passed_on_where_no_traces_are_made(
    broker: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a foreign producer's article through each facet to the alert, unchanged."""
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER"):
        monkeypatch.delenv(name, raising=False)
    context = [
        ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("tracestate", b"congo=t61rcWkgMzE"),
    ]
    with pipeline(broker) as running:
        producer = brokers.producer(running.settings)
        producer.send(
            running.settings.stream_name(ARTICLES),
            key=PAIR.id.encode(),
            value=PAIR.to_json(),
            headers=[*article_headers(PAIR, NOW), *context],
        ).get(timeout=10)
        producer.close()
        wait_until(lambda: bool(alert_headers(running)), 60, "no alert")
        facets = [
            dict(r.headers) for stream in FACET_STREAMS.values() for r in read_all(running.settings, stream)
        ]
        for headers in (*facets, *alert_headers(running)):
            assert [each for each in headers.items() if each[0] in dict(context)] == context
