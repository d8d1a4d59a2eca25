"""Which trace context an alert carries, and when spans are made."""

import logging
from collections.abc import Iterable

import pytest
from conftest import NOW, article

from streams.backtest import answer
from streams.core.article import Article
from streams.core.headers import Headers
from streams.core.tracecontext import Context, context_of, newest
from streams.enrich.registry import Registry
from streams.enrich.stage import Enrichment
from streams.rulebook import load_rules
from streams.store.database import MEMORY
from streams.store.received import Received
from streams.store.store import Store
from streams.telemetry.tracing import PASSED_ON, tracing

PARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def context(number: int) -> Context:
    """A trace context, one a number."""
    return (("traceparent", b"00-%032x-%016x-01" % (number, number)), ("tracestate", b"n=%d" % number))


@pytest.mark.parametrize(
    ("headers", "carried"),
    [
        ([("traceparent", PARENT), ("x", b"y")], (("traceparent", PARENT),)),
        (
            [("tracestate", b"a=1,b=2"), ("traceparent", PARENT)],
            (("traceparent", PARENT), ("tracestate", b"a=1,b=2")),
        ),
        ([("tracestate", b"a=1")], ()),
        ([("traceparent", b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01")], ()),
        ([("traceparent", PARENT.upper())], ()),
        ([("traceparent", PARENT + b"\n")], ()),
        ([("traceparent", b"\xff\x00")], ()),
        ([("traceparent", None)], ()),
        ([("traceparent", PARENT), ("tracestate", b"\xff")], (("traceparent", PARENT),)),
        ([("traceparent", PARENT), ("tracestate", b"a=" + b"b" * 100_000)], (("traceparent", PARENT),)),
        ([], ()),
        (None, ()),
    ],
)
def test_only_what_is_a_context_is_carried(
    headers: Iterable[tuple[str, bytes | None]] | None, carried: Context
) -> None:
    """It goes into messages and tables of ours, so that garbage must end here."""
    assert context_of(headers) == carried


def test_without_spans_the_last_context_is_passed_on_unchanged() -> None:
    """And nothing is made where none came."""
    assert PASSED_ON.begin("create", "news.alerts", [context(1), context(2)]).context == context(2)
    assert PASSED_ON.begin("send", "news.articles").context == ()
    assert PASSED_ON.begin("process", "news.articles", [()]).context == ()


@pytest.mark.parametrize(
    ("environment", "warns"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "mine"}, False),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, False),
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, True),
    ],
)
def test_spans_are_made_only_where_the_environment_asks(
    environment: dict[str, str], warns: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """What is asked for and can't be had is said."""
    with caplog.at_level(logging.WARNING):
        assert tracing("sink", environment) is PASSED_ON
    assert bool(caplog.records) == warns


class Told:
    """A store that has applied articles, each with a context of its own, and the contexts it asked for."""

    def __init__(self, stages: list[Enrichment], registry: Registry) -> None:
        self.stages = stages
        self.asked: list[list[Context]] = []
        self.store = Store.open(MEMORY, "test")
        self.store.take()
        self.store.begin(now=NOW)
        self.store.apply_rules(load_rules(None, registry))
        self.store.follow((stage.name, 0) for stage in stages)

    def apply(self, *articles: tuple[int, Article]) -> list[Headers]:
        """Apply these together; the headers of what is then told."""

        def trace_of(contexts: Iterable[Context]) -> Context:
            self.asked.append(list(contexts))
            return newest(self.asked[-1])

        received: list[Received] = []
        for number, each in articles:
            for stage in self.stages:
                one = answer(stage, each, number, NOW)
                received.append(
                    Received(
                        position=one.position, offset=number, stage=one.stage, source=one.source, facet=one.facet,
                        context=context(number) if number else (),
                    )
                )  # fmt: skip
        self.asked.clear()
        self.store.apply(received, horizon=NOW, now=NOW, trace_of=trace_of)
        outgoing = self.store.unsent()
        self.store.mark_sent([message.seq for message in outgoing], NOW)
        return [message.headers for message in outgoing]


PAIR = {"title": "Xi Jinping meets Vladimir Putin", "text": "They spoke for an hour."}


def test_an_alert_carries_the_context_of_the_last_article_that_changed_it(
    stages: list[Enrichment], registry: Registry
) -> None:
    """The others are given too, in order; articles that changed nothing aren't, though applied beside."""
    told = Told(stages, registry)
    headers = told.apply(
        (1, article(id="a", **PAIR)),
        (2, article(id="b", **PAIR)),
        (3, article(id="c", title="Nobody met", text="Nothing.")),
    )
    assert headers
    for each in headers:
        assert tuple(each[-2:]) == context(2)
    assert told.asked == [[context(1)] * 3 + [context(2)] * 3] * len(headers)
    (later, *_) = told.apply((4, article(id="d", **PAIR)))
    assert tuple(later[-2:]) == context(4)


def test_an_alert_without_a_context_carries_none(stages: list[Enrichment], registry: Registry) -> None:
    """Nothing is made up."""
    for headers in Told(stages, registry).apply((0, article(id="a", **PAIR))):
        assert {name for name, _ in headers}.isdisjoint({"traceparent", "tracestate"})
